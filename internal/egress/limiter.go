package egress

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// A Limiter bounds how many transfers are under way at once, and how many begin
// in a second. Who comes first goes first. Those who wait cost a place in a
// queue and no goroutine.
//
// The load is open: the schedule says when transfers are due, and a limiter
// below that makes them late. What they wait is handed to them, for a latency
// that counts from the schedule.
type Limiter struct {
	atOnce   int           // 0: as many as come
	interval time.Duration // between two beginnings; 0: none

	mu      sync.Mutex
	running int
	next    time.Time  // when the next one may begin
	queue   *list.List // of *waiting
	timer   *time.Timer
}

// waiting is a transfer whose turn has not come.
type waiting struct {
	since time.Time
	start func(func()) // has the transfer done by a goroutine
	do    func(waited time.Duration)
	stop  func() bool // forgets the context
}

// NewLimiter returns a limiter of atOnce transfers at once and perSecond new
// ones a second. What is not above 0 is no bound.
func NewLimiter(atOnce int, perSecond float64) *Limiter {
	c := &Limiter{atOnce: max(atOnce, 0), queue: list.New()}
	if perSecond > 0 {
		c.interval = time.Duration(float64(time.Second) / perSecond)
	}
	return c
}

// Go calls do when its turn comes, with how long that took, and returns at once.
// It hands do to start, which calls it in a goroutine and does not wait. It does
// not call do at all if the context ends before; that uses up no turn.
func (c *Limiter) Go(ctx context.Context, start func(func()), do func(waited time.Duration)) {
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &waiting{since: time.Now(), start: start, do: do}
	place := c.queue.PushBack(w)
	c.admit(w.since)
	if place.Value == nil { // it has begun
		return
	}
	w.stop = context.AfterFunc(ctx, func() { c.leave(place) })
}

// leave takes a cancelled transfer out of the queue.
func (c *Limiter) leave(place *list.Element) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place.Value != nil {
		c.queue.Remove(place)
		place.Value = nil
	}
}

// slack is how much lateness of a wake-up is made up for, so that the rate does not fall
// below what is allowed. Within it one transfer follows the other at once.
const slack = 20 * time.Millisecond

// admit begins as many transfers as may begin now, and wakes itself up for the
// next. Time in which no transfer waited, or none could begin, is not made up for.
func (c *Limiter) admit(now time.Time) {
	for c.queue.Len() > 0 && (c.atOnce == 0 || c.running < c.atOnce) {
		if wait := c.next.Sub(now); c.interval > 0 && wait > 0 {
			c.wake(wait)
			return
		}
		place := c.queue.Front()
		w := c.queue.Remove(place).(*waiting)
		place.Value = nil
		if w.stop != nil {
			w.stop()
		}
		c.next = latest(c.next, w.since, now.Add(-slack)).Add(c.interval)
		c.running++
		waited := now.Sub(w.since)
		w.start(func() { c.run(w, waited) })
	}
}

func (c *Limiter) run(w *waiting, waited time.Duration) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
		c.admit(time.Now())
	}()
	w.do(waited)
}

func (c *Limiter) wake(wait time.Duration) {
	if c.timer == nil {
		c.timer = time.AfterFunc(wait, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.admit(time.Now())
		})
		return
	}
	c.timer.Reset(wait)
}

// Load returns how many transfers are under way, and how many wait.
func (c *Limiter) Load() (running, queued int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running, c.queue.Len()
}

func latest(instants ...time.Time) (last time.Time) {
	for _, t := range instants {
		if t.After(last) {
			last = t
		}
	}
	return last
}
