package egress

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Names remembers what host names resolve to for a while. Many devices that
// wake at once then ask the name server once, and a fleet measures the
// provisioning server and not the name server. Failures are not remembered.
type Names struct {
	ttl    time.Duration
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu    sync.Mutex
	known map[string]*answer
}

// An answer is a look-up under way or done.
type answer struct {
	done  chan struct{}
	until time.Time // zero while it is under way
	addrs []netip.Addr
	err   error
}

// The bounds of what a server with ever new names in its redirects can cost, and
// of how long an abandoned look-up lasts.
const (
	maxNames = 1000
	patience = 30 * time.Second
)

// NewNames returns a memory that keeps an answer for ttl.
func NewNames(ttl time.Duration) *Names {
	return &Names{ttl: ttl, lookup: net.DefaultResolver.LookupNetIP, known: map[string]*answer{}}
}

// LookupNetIP is that of [net.Resolver], for network "ip" only.
func (n *Names) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	a := n.answer(host)
	select {
	case <-a.done:
		return slices.Clone(a.addrs), a.err
	case <-ctx.Done():
		return nil, &net.DNSError{Err: ctx.Err().Error(), Name: host, IsTimeout: true, UnwrapErr: ctx.Err()}
	}
}

// answer returns the look-up of a name that is known or under way, or begins
// one.
func (n *Names) answer(host string) *answer {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a, ok := n.known[host]; ok && (a.until.IsZero() || time.Now().Before(a.until)) {
		return a
	}
	if len(n.known) >= maxNames {
		clear(n.known)
	}
	a := &answer{done: make(chan struct{})}
	n.known[host] = a
	go n.ask(host, a)
	return a
}

// ask is not the first asker's alone, so it does not end with that one's context.
func (n *Names) ask(host string, a *answer) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addrs, err := n.lookup(ctx, "ip", host)
	n.mu.Lock()
	defer n.mu.Unlock()
	a.addrs, a.err, a.until = addrs, err, time.Now().Add(n.ttl)
	if err != nil && n.known[host] == a {
		delete(n.known, host)
	}
	close(a.done)
}
