package server

import (
	"net/netip"
	"time"
)

// bindings say which client has which address. A client is known by its identifier,
// else by its hardware address (RFC 2131 section 4.2). Instants count from the
// server's start.
type bindings struct {
	pools    []Pool
	byClient map[string]*binding
	byAddr   map[netip.Addr]*binding
	fresh    []netip.Addr // by pool: the first address that was never bound; invalid at its end
}

// A binding ties an address to a client, or to no client where it was declined.
type binding struct {
	client string
	addr   netip.Addr
	pool   *Pool
	until  time.Duration
	leased bool // not only offered
}

func newBindings(pools []Pool) *bindings {
	b := &bindings{pools: pools, byClient: map[string]*binding{}, byAddr: map[netip.Addr]*binding{}}
	for _, p := range pools {
		b.fresh = append(b.fresh, p.First)
	}
	return b
}

// of returns the binding of a client, which may be over, or nil.
func (b *bindings) of(client string) *binding { return b.byClient[client] }

// offer returns the binding of a client, the old one or a new one, or nil where
// all pools are exhausted.
func (b *bindings) offer(client string, now, hold time.Duration) *binding {
	got := b.byClient[client]
	if got == nil {
		if got = b.unused(now); got == nil {
			return nil
		}
		b.remove(got)
		got.client, got.leased = client, false
		b.byClient[client], b.byAddr[got.addr] = got, got
	}
	got.until = max(got.until, now+hold)
	return got
}

// unused returns an address that was never bound, or else one whose binding is
// over.
func (b *bindings) unused(now time.Duration) *binding {
	for i := range b.pools {
		if addr := b.fresh[i]; addr.IsValid() {
			b.fresh[i] = addr.Next()
			if addr == b.pools[i].Last {
				b.fresh[i] = netip.Addr{}
			}
			return &binding{addr: addr, pool: &b.pools[i]}
		}
	}
	var oldest *binding
	for _, old := range b.byAddr {
		if old.until <= now && (oldest == nil || old.until < oldest.until || old.until == oldest.until && old.addr.Less(oldest.addr)) {
			oldest = old
		}
	}
	return oldest
}

// remove forgets a binding, if it is known.
func (b *bindings) remove(old *binding) {
	delete(b.byAddr, old.addr)
	if b.byClient[old.client] == old {
		delete(b.byClient, old.client)
	}
}

// release ends a binding at once. The address stays the client's until another
// one needs it (RFC 2131 section 4.3.4).
func (b *bindings) release(old *binding, now time.Duration) { old.until, old.leased = now, false }

// block takes an address from its client and keeps it from others for a while.
func (b *bindings) block(old *binding, until time.Duration) {
	b.remove(old)
	b.byAddr[old.addr] = &binding{addr: old.addr, pool: old.pool, until: until}
}
