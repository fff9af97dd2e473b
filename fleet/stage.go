package fleet

import (
	"cmp"
	"slices"
	"time"

	"provsim/device"
	"provsim/internal/run"
	"provsim/internal/tally"
	"provsim/resync"
)

// stage is where the scenario happens to the devices of one driver.
type stage struct {
	*crew
	*lineup // of the driver's devices
	driver  *run.Driver
	records *recorder
	past    *past // nil: the run begins
}

// set switches the devices on and prepares the events. Each event that repeats
// prepares the next time itself. Devices that are taken up again know when they
// are switched on.
func (s *stage) set() {
	for i := range s.size {
		if at := s.starts.at(s.Seed, s.who(i)); s.past == nil && at < s.Duration {
			s.driver.SwitchOn(i, at)
		}
	}
	for i := range s.Events {
		s.prepare(i, 0)
	}
}

// prepare waits for the time number cycle of an event.
func (s *stage) prepare(event, cycle int) {
	e := &s.Events[event]
	at := e.At + time.Duration(cycle)*e.Every
	if at >= s.Duration || cycle > 0 && (e.Every == 0 || e.Times > 0 && cycle >= e.Times) {
		return
	}
	s.driver.Do(at, func(time.Duration) {
		s.happen(e, occasion(event, cycle), at)
		s.prepare(event, cycle+1)
	})
}

// happen carries an event out whose instant has come. In a run that goes on, all
// that happens after it has that instant as well, and what has happened to a
// device before the run was stopped is left out.
func (s *stage) happen(e *Event, occasion uint64, at time.Duration) {
	name, _ := e.kind()
	s.mark(at, tally.Other, name)
	switch {
	case e.PowerCut != nil:
		s.cut(e.PowerCut, occasion, at)
		s.markLater(at+e.PowerCut.For, tally.PowerBack, "power back")
	case e.Outage != nil:
		s.markLater(at+e.Outage.For, tally.OutageEnd, "outage over")
	case e.Calls != nil:
		s.call(e.Calls, occasion, at)
	case e.Resync != nil:
		s.wave(e.Resync.Part, e.Resync.Over, occasion, at, device.Input{Kind: device.AskResync, Cause: resync.Notify})
	case e.Reboot != nil:
		s.wave(e.Reboot.Part, e.Reboot.Over, occasion, at, device.Input{Kind: device.AskReboot})
	}
}

// mark marks an instant that has come.
func (s *stage) mark(at time.Duration, kind tally.MarkKind, name string) {
	if !s.past.marked(at) {
		s.records.mark(at, kind, name)
	}
}

// markLater marks an instant to come.
func (s *stage) markLater(at time.Duration, kind tally.MarkKind, name string) {
	if at < s.Duration {
		s.driver.Do(at, func(time.Duration) { s.mark(at, kind, name) })
	}
}

// cut takes the power away, and says when it comes back.
func (s *stage) cut(e *PowerCut, occasion uint64, at time.Duration) {
	if s.past.over(at) {
		return
	}
	for i := range s.size {
		n := s.who(i)
		if s.past.has(i, at) || !s.has(e.Part, occasion, n) {
			continue
		}
		s.driver.Step(i, device.Input{Kind: device.PowerOff})
		s.records.off(i, at)
		back := at + e.For
		if e.Over > 0 {
			back += spread(draw(s.Seed, n, drawInstant, occasion), e.Over)
		}
		// A device that has not had its first power yet does not get it sooner.
		s.driver.SwitchOn(i, max(back, s.starts.at(s.Seed, n)))
	}
}

// wave tells the devices of a part something, each at its own instant.
func (s *stage) wave(part Part, over time.Duration, occasion uint64, at time.Duration, in device.Input) {
	if s.past.over(at + over) {
		return
	}
	var waiting []turn
	for i := range s.size {
		n := s.who(i)
		if !s.has(part, occasion, n) {
			continue
		}
		turn := turn{at, i}
		if over > 0 {
			turn.at += spread(draw(s.Seed, n, drawInstant, occasion), over)
		}
		switch {
		case s.past.has(i, turn.at):
		case over == 0:
			s.driver.Step(i, in)
		default:
			waiting = append(waiting, turn)
		}
	}
	slices.SortFunc(waiting, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.device, b.device)) })
	s.roll(waiting, in)
}

// turn is when a device's turn comes.
type turn struct {
	at     time.Duration
	device int
}

// roll tells the devices in their order, with one event of the driver waiting.
func (s *stage) roll(waiting []turn, in device.Input) {
	if len(waiting) == 0 {
		return
	}
	s.driver.Do(waiting[0].at, func(now time.Duration) {
		for len(waiting) > 0 && waiting[0].at <= now {
			s.driver.Step(waiting[0].device, in)
			waiting = waiting[1:]
		}
		s.roll(waiting, in)
	})
}
