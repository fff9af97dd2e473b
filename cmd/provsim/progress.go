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
	"provsim/internal/tally"
)

// progress tells how far a run is: as a bar on a terminal, as a line every ten
// seconds elsewhere. It goes to standard error.
type progress struct {
	e     *env
	bars  *mpb.Progress // nil without a terminal
	bar   *mpb.Bar
	state atomic.Pointer[string] // shown beside the bar
	next  time.Duration          // when the next line is due
}

// lineEvery is how often there is a line without a terminal.
const lineEvery = 10 * time.Second

func newProgress(e *env, whole time.Duration) *progress {
	p := &progress{e: e, next: lineEvery}
	file, ok := e.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return p
	}
	p.state.Store(new(string))
	p.bars = mpb.New(mpb.WithOutput(file), mpb.WithWidth(40))
	p.bar = p.bars.AddBar(int64(whole),
		mpb.PrependDecorators(decor.Percentage(decor.WC{W: 5})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *p.state.Load() })),
	)
	return p
}

// planned shows a run in virtual time, which takes too short a time for lines.
func (p *progress) planned(now fleet.Progress) {
	if p.bar != nil {
		p.show(now)
	}
}

// ran shows a run on the wall clock.
func (p *progress) ran(now fleet.Progress) {
	switch {
	case p.bar != nil:
		p.show(now)
	case now.Now >= p.next:
		p.next = now.Now + lineEvery
		s := now.Tally.Snapshot()
		fmt.Fprintf(p.e.err, "provsim: %s\n", stateLine(now, &s))
	}
}

func (p *progress) show(now fleet.Progress) {
	s := now.Tally.Snapshot()
	text := stateLine(now, &s)
	p.state.Store(&text)
	p.bar.SetCurrent(int64(now.Now))
}

// stateLine says in one line where a run stands.
func stateLine(now fleet.Progress, s *tally.Snapshot) string {
	parts := []string{
		fmt.Sprintf("%v of %v", now.Now.Round(time.Second), now.Until),
		fmt.Sprintf("%d of %d provisioned", s.Ready, now.Devices),
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
		parts = append(parts, fmt.Sprintf("errors %.2g%%", 100*float64(s.Failed)/float64(s.Ended)))
	}
	if s.Bans > 0 {
		parts = append(parts, fmt.Sprintf("%d sites banned", s.Bans))
	}
	return strings.Join(parts, ", ")
}

// close takes the bar away.
func (p *progress) close() {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
