package main

import (
	"errors"
	"fmt"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// phoneOutcome is a sink that finds out how the run ends.
type phoneOutcome struct {
	once     bool
	leased   bool           // the device has had an address
	began    bool           // a resync has started
	last     resync.Outcome // of the latest resync
	first    resync.Outcome // of the first resync
	failed   resync.Outcome // of the first job that failed, an upgrade included
	upgraded resync.Outcome // of the latest upgrade
	note     string         // of the first job that failed
}

// Add looks at one record.
func (w *phoneOutcome) Add(r *journal.Record) error {
	switch r.Kind {
	case device.Leased:
		w.leased = true
		return nil
	case device.ResyncStart:
		w.began = true
		return nil
	case device.ResyncDone:
		w.last = r.Outcome
		if w.first == resync.None {
			w.first = r.Outcome
		}
	case device.UpgradeDone:
		w.upgraded = r.Outcome
	default:
		return nil
	}
	if !r.Outcome.Success() && w.failed == resync.None {
		w.failed, w.note = r.Outcome, r.Note
	}
	return nil
}

// stop reports whether a run with --once has ended: the first attempt is over, or
// none will come, and everything that is left waits for a timer.
func (w *phoneOutcome) stop(d *device.Device) bool {
	if !w.once {
		return false
	}
	s := d.Status()
	if s.RebootEnds != resync.Never || !s.Online || s.Running != resync.NoJob {
		return false
	}
	return w.first != resync.None || !s.Provision || d.Deadline() == resync.Never
}

// report prints the outcome of a run with --once and returns how the command
// ends.
func (w *phoneOutcome) report(e *env) error {
	if !w.once {
		if w.last != resync.None && !w.last.Success() {
			return found()
		}
		return nil
	}
	outcome := w.failed
	if outcome == resync.None {
		outcome = w.first
	}
	if outcome == resync.None {
		outcome = w.upgraded
	}
	if outcome == resync.None && !w.leased {
		return withoutLease
	}
	if outcome == resync.None && w.began {
		return &fault{exitFound, errors.New("the run ended before the first resync did"), "--for gives it more time"}
	}
	if outcome == resync.None {
		return &fault{exitFound, errors.New("no resync was made"), "is Provision Enable off, or is nothing due before the run's end?"}
	}
	fmt.Fprintln(e.err, outcome)
	if !outcome.Success() {
		return found()
	}
	return nil
}
