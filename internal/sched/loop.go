package sched

import (
	"context"
	"errors"
	"time"
)

// Handler is who gets what is due. A handler sets the next wake-up of a device
// by Loop.Set whenever it has changed.
type Handler[E any] interface {
	// Wake says that the instant has come that was set for a device. The device's
	// wake-up is gone from the loop.
	Wake(device int, now time.Duration)
	// Handle delivers an event.
	Handle(event E, now time.Duration)
}

// Loop is the wake-ups of a run and the events under way.
type Loop[E any] struct {
	clock  Clock
	queue  queue
	agenda agenda[E]
	inbox  inbox[E]
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

// At delivers an event at an instant, or at once where that has passed.
func (l *Loop[E]) At(at time.Duration, event E) { l.agenda.add(at, event) }

// Post delivers an event as soon as may be. It may be called from any goroutine
// and never blocks.
func (l *Loop[E]) Post(event E) { l.inbox.post(event) }

// Run hands out what is due until the instant until, or until the context ends,
// whose error it returns. In virtual time it returns nil when nothing is left
// to happen.
func (l *Loop[E]) Run(ctx context.Context, until time.Duration, h Handler[E]) error {
	var spare []E
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		posted := l.inbox.take(spare)
		for _, e := range posted {
			h.Handle(e, l.clock.Now())
		}
		clear(posted)
		spare = posted

		now := l.clock.Now()
		if now >= until {
			return nil
		}
		if l.dispatch(now, h) || len(posted) > 0 {
			continue
		}
		next := min(l.queue.first().at, l.agenda.first(), until)
		if err := l.clock.Sleep(ctx, next, l.inbox.signal); err != nil {
			if errors.Is(err, errIdle) {
				return nil
			}
			return err
		}
	}
}

// dispatch hands out one thing that is due at now: at equal instants events go
// before wake-ups, so that a device that is woken knows all that has happened.
func (l *Loop[E]) dispatch(now time.Duration, h Handler[E]) bool {
	wake, event := l.queue.first(), l.agenda.first()
	switch {
	case event <= now && event <= wake.at:
		h.Handle(l.agenda.pop(), now)
	case wake.at <= now:
		l.queue.set(int(wake.id), Never)
		h.Wake(int(wake.id), now)
	default:
		return false
	}
	return true
}
