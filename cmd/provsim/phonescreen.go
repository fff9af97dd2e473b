package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/resync"
)

// isTerminal reports whether standard input and standard output are terminals.
func isTerminal(e *env) bool {
	in, ok := e.in.(*os.File)
	out, ok2 := e.out.(*os.File)
	return ok && ok2 && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// screen shows one device on a terminal and reads its keys. Everything but the
// reading of keys happens in the driver's goroutine.
type screen struct {
	in     *os.File
	out    io.Writer
	before *term.State // of the terminal; nil once it is restored
	page   string      // the address of the phone's web page; empty: it has none
	events []string    // the latest, oldest first
	text   *journal.Text
	line   bytes.Buffer
}

// shownEvents is how many lines of events fit beside the state on a small terminal.
const shownEvents = 12

// controlC is what a raw terminal sends in place of an interrupt.
const controlC = 3

// refresh is how often the countdown moves.
const refresh = 500 * time.Millisecond

func newScreen(e *env, page string) (*screen, error) {
	in := e.in.(*os.File)
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, cannot(err, "run it without a terminal, such as with </dev/null")
	}
	s := &screen{in: in, out: e.out, before: before, page: page}
	s.text = journal.NewText(&s.line)
	return s, nil
}

// Add takes one record for the list of events.
func (s *screen) Add(r *journal.Record) error {
	s.line.Reset()
	if err := s.text.Add(r); err != nil {
		return err
	}
	s.events = append(s.events, strings.TrimRight(s.line.String(), "\n"))
	if len(s.events) > shownEvents {
		s.events = s.events[1:]
	}
	return nil
}

// start draws until the context ends, and reads keys.
func (s *screen) start(ctx context.Context, end func(error), d *run.Driver) {
	go s.readKeys(end, d)
	go func() {
		ticker := time.NewTicker(refresh)
		defer ticker.Stop()
		for {
			d.Look(0, s.draw)
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
}

// readKeys obeys keys until the input ends. It may outlive the run, because a read
// from a terminal cannot be cancelled.
func (s *screen) readKeys(end func(error), d *run.Driver) {
	key := make([]byte, 1)
	for {
		if _, err := s.in.Read(key); err != nil {
			return
		}
		switch key[0] {
		case 'r':
			d.Tell(0, device.Input{Kind: device.AskResync, Cause: resync.Person})
		case 'b':
			d.Tell(0, device.Input{Kind: device.AskReboot})
		case 'l':
			d.Look(0, func(dev *device.Device, _ time.Duration) {
				d.Tell(0, device.Input{Kind: device.SetLine, Line: 1, Active: !dev.Status().Lines[0]})
			})
		case 'q':
			end(errQuit)
		case controlC:
			end(errInterrupted)
		default:
			continue
		}
		d.Look(0, s.draw)
	}
}

// draw writes the whole screen.
func (s *screen) draw(d *device.Device, now time.Duration) {
	status := d.Status()
	var b strings.Builder
	b.WriteString("\x1b[H\x1b[2J")
	width := s.width()
	for _, line := range append(s.head(status, now), latest(s.events, width)...) {
		b.WriteString(cut(line, width))
		b.WriteString("\r\n")
	}
	b.WriteString("\r\nr resync  b reboot  l line 1 off/on hook  q quit\r\n")
	io.WriteString(s.out, b.String())
}

// head returns the lines above the events.
func (s *screen) head(status device.Status, now time.Duration) []string {
	lines := describe(status, now)
	if s.page != "" {
		lines = append(lines, "page   "+s.page)
	}
	return append(lines, "")
}

// width returns how many columns the terminal has.
func (s *screen) width() int {
	const usual = 80
	if width, _, err := term.GetSize(int(s.in.Fd())); err == nil && width > 0 {
		return width
	}
	return usual
}

// latest returns the latest events, on as many lines as there is room for. An
// event that is wider than the terminal goes on in the next line: its end says why
// a job failed.
func latest(events []string, width int) (lines []string) {
	for _, event := range slices.Backward(events) {
		folded := fold(event, width)
		if len(lines) > 0 && len(lines)+len(folded) > shownEvents {
			break
		}
		lines = append(folded, lines...)
	}
	return lines
}

// fold breaks a line into lines of at most width characters.
func fold(line string, width int) (lines []string) {
	const indent = "            "
	rest := []rune(line)
	for width = max(width, 2*len(indent)); len(rest) > width; {
		lines = append(lines, string(rest[:width]))
		rest = append([]rune(indent), rest[width:]...)
	}
	return append(lines, string(rest))
}

// describe tells what a device does and waits for.
func describe(s device.Status, now time.Duration) []string {
	id := s.Identity
	lines := make([]string, 0, len(s.Lines))
	for i, active := range s.Lines {
		word := "idle"
		if active {
			word = "active"
		}
		lines = append(lines, fmt.Sprintf("%d %s", i+1, word))
	}
	version := s.Stored.Version
	if version == "" {
		version = "none"
	}
	return []string{
		fmt.Sprintf("%s %s  %s  configuration %s", id.Product, id.Software, id.MAC.Colons(), version),
		"state  " + doing(s, now),
		"next   " + next(s, now),
		"lines  " + strings.Join(lines, ", "),
	}
}

func doing(s device.Status, now time.Duration) string {
	switch does := s.Doing(); does {
	case "rebooting":
		return fmt.Sprintf("%s, back in %v", does, left(s.RebootEnds, now))
	case "idle":
		return does + " at " + s.Addr.String()
	default:
		return does
	}
}

func next(s device.Status, now time.Duration) string {
	switch {
	case s.At == resync.Never:
		return "nothing is due"
	case s.Waits && s.InCall:
		return fmt.Sprintf("%v (%v) waits for the end of the call", s.Next, s.Cause)
	case s.Waits:
		return fmt.Sprintf("%v (%v) waits until the lines have been idle for %v more", s.Next, s.Cause, left(s.IdleAt, now))
	}
	return fmt.Sprintf("%v (%v) in %v", s.Next, s.Cause, left(s.At, now))
}

func left(at, now time.Duration) time.Duration { return max(0, at-now).Round(time.Second) }

// close gives the terminal back.
func (s *screen) close() {
	if s.before != nil {
		term.Restore(int(s.in.Fd()), s.before)
		s.before = nil
	}
}
