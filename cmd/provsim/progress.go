package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"provsim/fleet"
	"provsim/internal/report"
	"provsim/internal/tally"
)

// bar is a progress bar on the terminal of standard error, with a text beside it.
// Elsewhere it shows nothing. It leaves nothing behind.
type bar struct {
	out  *os.File      // nil: nothing is shown
	bars *mpb.Progress // of one
	bar  *mpb.Bar
	text atomic.Pointer[string]
}

// barWidth is how many columns the bar and the percentage before it take.
const barWidth, percentWidth = 24, 6

func newBar(e *env, wanted bool) *bar {
	b := &bar{}
	file, ok := e.err.(*os.File)
	if !wanted || !ok || !term.IsTerminal(int(file.Fd())) {
		return b
	}
	b.out = file
	b.text.Store(new(string))
	b.bars = mpb.New(mpb.WithOutput(file), mpb.WithWidth(barWidth))
	b.bar = b.bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Percentage(decor.WC{W: percentWidth - 1})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *b.text.Load() })),
	)
	return b
}

func (b *bar) shown() bool { return b.out != nil }

// show moves the bar. A text that is wider than what is left of the line is cut:
// a line that wraps cannot be drawn over.
func (b *bar) show(done, all int64, text string) {
	if !b.shown() {
		return
	}
	const least = 10 // columns, of a terminal that says nothing sensible
	if width, _, err := term.GetSize(int(b.out.Fd())); err == nil {
		text = cut(text, max(least, width-barWidth-percentWidth-1))
	}
	b.text.Store(&text)
	b.bar.SetTotal(all, false)
	b.bar.SetCurrent(done)
}

// close takes the bar away.
func (b *bar) close() {
	if b.shown() {
		b.bar.Abort(true)
		b.bars.Wait()
	}
}

// cut returns a line of at most this many characters.
func cut(line string, most int) string {
	if r := []rune(line); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return line
}

// runProgress says how far a run is: as a bar on a terminal, as a line every ten
// seconds elsewhere. It goes to standard error.
type runProgress struct {
	*bar
	e     *env
	whole time.Duration
	next  time.Duration // when the next line is due
}

// lineEvery is how often there is a line without a terminal.
const lineEvery = 10 * time.Second

func newProgress(e *env, whole time.Duration) *runProgress {
	return &runProgress{bar: newBar(e, true), e: e, whole: whole, next: lineEvery}
}

// planned shows a run in virtual time, which takes too short a time for lines.
func (p *runProgress) planned(now fleet.Progress) {
	if p.shown() {
		p.whole = now.Until // that of a replay is not the scenario's
		p.ran(now)
	}
}

// ran shows a run on the wall clock.
func (p *runProgress) ran(now fleet.Progress) {
	p.say(now.Now, func() string {
		s := now.Tally.Snapshot(now.Now)
		return stateLine(now, &s)
	})
}

// say shows where a run stands, if the bar or the next line wants it.
func (p *runProgress) say(now time.Duration, state func() string) {
	switch {
	case p.shown():
		p.show(int64(now), int64(p.whole), state())
	case now >= p.next:
		p.next = now + lineEvery
		fmt.Fprintf(p.e.err, "provsim: %s\n", state())
	}
}

// stateLine says in one line where a run stands.
func stateLine(now fleet.Progress, s *tally.Snapshot) string {
	parts := []string{
		fmt.Sprintf("%v of %v", now.Now.Round(time.Second), now.Until),
		fmt.Sprintf("%d of %d provisioned", s.Provisioned, now.Devices),
	}
	for _, state := range []tally.State{tally.Off, tally.Booting, tally.Fetching, tally.Failed} {
		if n := s.States[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, state))
		}
	}
	parts = append(parts, fmt.Sprintf("%.0f/s", s.Rate))
	if s.P99 > 0 {
		parts = append(parts, fmt.Sprintf("p99 %v", s.P99.Round(100*time.Microsecond)))
	}
	if s.Ended > 0 {
		parts = append(parts, "errors "+report.Percent(float64(s.Failed)/float64(s.Ended)))
	}
	if s.Bans > 0 {
		parts = append(parts, report.Plural(s.Bans, "site")+" banned")
	}
	return strings.Join(parts, ", ")
}
