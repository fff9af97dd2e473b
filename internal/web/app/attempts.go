package app

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// How the login slows down: freeAttempts may fail at once, and each one more
// doubles the wait, from firstWait to longestWait. That time without a failure
// forgets it all.
const (
	freeAttempts = 5
	firstWait    = 2 * time.Second
	longestWait  = 15 * time.Minute
)

// mostClients is how many clients are remembered at a time.
const mostClients = 4096

// attempts counts the failed logins of each client.
type attempts struct {
	mu      sync.Mutex
	clients map[netip.Addr]failures
}

type failures struct {
	count int
	last  time.Time
}

// wait returns how long a client has to wait before its next attempt.
func (a *attempts) wait(client netip.Addr, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.clients[client]
	if f.count < freeAttempts {
		return 0
	}
	wait := min(firstWait<<min(f.count-freeAttempts, 20), longestWait)
	return max(0, f.last.Add(wait).Sub(now))
}

// failed counts a failed attempt.
func (a *attempts) failed(client netip.Addr, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clients == nil {
		a.clients = map[netip.Addr]failures{}
	}
	f, known := a.clients[client]
	if !known && len(a.clients) >= mostClients {
		a.forget(now)
	}
	if now.Sub(f.last) > longestWait {
		f.count = 0
	}
	a.clients[client] = failures{f.count + 1, now}
}

// forget makes room: all that are over, or all.
func (a *attempts) forget(now time.Time) {
	for client, f := range a.clients {
		if now.Sub(f.last) > longestWait {
			delete(a.clients, client)
		}
	}
	if len(a.clients) >= mostClients {
		clear(a.clients)
	}
}

func (a *attempts) succeeded(client netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.clients, client)
}

// clientOf returns who a request counts for: an IPv6 network is one client, for
// a host can choose its address there, and so is this machine.
func clientOf(r *http.Request) netip.Addr {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	addr, _ := netip.ParseAddr(host)
	addr = addr.Unmap().WithZone("")
	switch {
	case addr.IsLoopback():
		return netip.IPv6Loopback()
	case addr.Is6():
		network, _ := addr.Prefix(64)
		return network.Addr()
	}
	return addr
}
