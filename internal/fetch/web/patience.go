package web

import (
	"context"
	"sync"
	"time"
)

// patience is a context with a deadline whose timer is not set before somebody
// waits for it. Most fetches do not: connections have deadlines of their
// own, and a near server is connected to at once.
type patience struct {
	context.Context // the caller's
	end             time.Time

	mu     sync.Mutex
	armed  context.Context
	cancel context.CancelFunc
}

// Deadline returns the caller's deadline or the fetch's, whichever is earlier.
func (p *patience) Deadline() (time.Time, bool) {
	if end, ok := p.Context.Deadline(); ok && (p.end.IsZero() || end.Before(p.end)) {
		return end, true
	}
	return p.end, !p.end.IsZero()
}

// Done sets the timer, if there is one to set.
func (p *patience) Done() <-chan struct{} {
	if p.end.IsZero() {
		return p.Context.Done()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.armed == nil {
		p.armed, p.cancel = context.WithDeadline(p.Context, p.end)
	}
	return p.armed.Done()
}

// Err says why time is up, or nil while it is not.
func (p *patience) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.armed != nil:
		return p.armed.Err()
	case p.Context.Err() == nil && !p.end.IsZero() && !time.Now().Before(p.end):
		return context.DeadlineExceeded
	}
	return p.Context.Err()
}

// over takes the timer away.
func (p *patience) over() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel()
	}
}
