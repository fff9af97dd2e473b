package sched

import (
	"context"
	"errors"
	"time"
)

// Handler is who gets what is due. A handler sets the next wake-up of a device
// by Loop.Set whenever it has changed.
type Handler[E any] interface {
	// Wake says that the instant due has come that was set for a device. The
	// device's wake-up is gone from the loop.
	Wake(device int, due, now time.Duration)
	// Handle delivers an event. One that was posted is due when it is handed out.
	Handle(event E, due, now time.Duration)
}

// Loop is the wake-ups of a run and the events under way.
type Loop[E any] struct {
	clock  Clock
	queue  queue
	agenda agenda[E]
	inbox  inbox[E]
	ended  bool // by End
}

// New returns a loop on a clock.
func New[E any](clock Clock) *Loop[E] {
	return &Loop[E]{clock: clock, inbox: inbox[E]{signal: make(chan struct{}, 1)}}
}

// Now returns the clock's instant.
func (l *Loop[E]) Now() time.Duration { return l.clock.Now() }

// Set moves the wake-up of a device, numbered from 0, to an instant. Never
// takes it away.
func (l *Loop[E]) Set(device int, at time.Duration) { l.queue.set(device, at) }

// At delivers an event at an instant, or at once where that has passed. Never
// drops it.
func (l *Loop[E]) At(at time.Duration, event E) {
	if at != Never {
		l.agenda.add(at, event)
	}
}

// Post delivers an event as soon as may be. It may be called from any goroutine
// and never blocks.
func (l *Loop[E]) Post(event E) { l.inbox.post(event) }

// Run hands out what is due until the instant until, or until the context ends,
// whose error it returns. In virtual time it returns nil when nothing is left
// to happen.
func (l *Loop[E]) Run(ctx context.Context, until time.Duration, h Handler[E]) error {
	ended := ctx.Done()
	l.ended = false
	var spare []E
	for turn := uint(0); ; turn++ {
		if turn%often == 0 || l.ended {
			select {
			case <-ended:
				return ctx.Err()
			default:
			}
		}
		if l.inbox.some.Load() {
			posted := l.inbox.take(spare)
			if err := ctx.Err(); err != nil {
				return err // the posts may come from the end itself
			}
			l.deliver(posted, h)
			spare = keep(posted)
			continue
		}
		now := l.clock.Now()
		if now >= until {
			return nil
		}
		wake, event := l.queue.first(), l.agenda.first()
		if next := min(wake.at, event.at); next > now {
			err := l.clock.Sleep(ctx, min(next, until), l.inbox.signal)
			if err != nil {
				if errors.Is(err, errIdle) {
					return nil
				}
				return err
			}
			if now = l.clock.Now(); now < next || now >= until || l.inbox.some.Load() {
				continue // it was woken, or there is something that goes first
			}
		}
		l.dispatch(wake, event, now, h)
	}
}

// End makes Run return, before anything more is handed out. The handler calls it
// when it has ended the context of the run.
func (l *Loop[E]) End() { l.ended = true }

// often is after how many turns the loop looks whether its context has ended. A
// look takes as long as a good part of a turn.
const often = 16

func (l *Loop[E]) deliver(posted []E, h Handler[E]) {
	for _, e := range posted {
		now := l.clock.Now()
		h.Handle(e, now, now)
	}
}

// keep returns the room of events that were delivered, for the next ones,
// unless a rush has made it large.
func keep[E any](posted []E) []E {
	const most = 1 << 12
	if cap(posted) > most {
		return nil
	}
	clear(posted)
	return posted
}

// dispatch hands out the earlier one of the first wake-up and the first event, which
// are due. At equal instants events go before wake-ups, so that a device that is
// woken knows all that has happened.
func (l *Loop[E]) dispatch(wake wake, event entry, now time.Duration, h Handler[E]) {
	if event.at <= wake.at {
		h.Handle(l.agenda.take(event), event.at, now)
		return
	}
	l.queue.take(wake)
	h.Wake(wake.id, wake.at, now)
}
