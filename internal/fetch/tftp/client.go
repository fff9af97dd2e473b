package tftp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/internal/fetch/shortage"
	"provsim/resync"
)

// A Client fetches and uploads files over UDP. The zero Client is ready to use, and one
// Client may do any number of transfers at the same time. It owns nothing
// between transfers; each has one socket and the calling goroutine.
type Client struct {
	// Listen opens the socket of one transfer with a server, which the client
	// closes. It is for giving each device a source address of its own; nil opens
	// an ephemeral port on any address.
	Listen func(ctx context.Context, server netip.AddrPort) (net.PacketConn, error)

	// Schedule of retransmission; the zero Schedule is [DefaultSchedule].
	Schedule Schedule

	// Resolver looks up host names; nil is [net.DefaultResolver].
	Resolver Resolver
}

// A Resolver finds the addresses of a name; [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Fetch reads or writes one file and says how that ended: the outcome is None where
// the whole file came, Sent where the server has taken it, else bad-rule, dns,
// unreachable, timeout, refused, not-found, too-large or truncated (FV-OUT-1); Tries
// counts the requests up to the first answer. Of the request it uses Host, Port,
// Path, Method, Body, Limit, Timeout and TFTP, as [NewTransfer] does; Timeout
// includes looking up the name. Of several addresses it takes the first IPv4 one and does not fall back
// to another. When ctx ends, Fetch returns at once with outcome timeout.
func (c Client) Fetch(ctx context.Context, req device.Request) device.Reply {
	if err := ctx.Err(); err != nil {
		return stopped(err)
	}
	start := time.Now()
	addr, failure := c.resolve(ctx, req)
	if failure.Outcome != resync.None {
		return failure
	}
	if req.Timeout > 0 {
		req.Timeout = max(req.Timeout-time.Since(start), 1)
	}
	server := netip.AddrPortFrom(addr, req.Port)
	transfer, err := NewTransfer(server, req, c.Schedule)
	if err != nil {
		return device.Reply{Outcome: resync.BadRule, Note: err.Error()}
	}
	conn, err := c.listen(ctx, server)
	if err != nil {
		return device.Reply{
			Outcome: resync.Unreachable, Note: "no socket for the transfer: " + err.Error(), Local: shortage.Caused(err),
		}
	}
	defer conn.Close()
	return newDriver(conn, transfer).run(ctx)
}

func (c Client) listen(ctx context.Context, server netip.AddrPort) (net.PacketConn, error) {
	switch {
	case c.Listen != nil:
		return c.Listen(ctx, server)
	case server.Addr().Is6():
		return net.ListenUDP("udp6", nil)
	}
	return net.ListenUDP("udp4", nil)
}

// resolve returns the server's address, or a reply that is a failure.
func (c Client) resolve(ctx context.Context, req device.Request) (netip.Addr, device.Reply) {
	if addr, err := netip.ParseAddr(req.Host); err == nil {
		return addr.Unmap(), device.Reply{}
	}
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, req.Timeout)
		defer cancel()
	}
	var resolver Resolver = net.DefaultResolver
	if c.Resolver != nil {
		resolver = c.Resolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", req.Host)
	switch {
	case ctx.Err() != nil:
		return netip.Addr{}, stopped(fmt.Errorf("looking up %s: %w", printable(req.Host), ctx.Err()))
	case err != nil:
		return netip.Addr{}, device.Reply{Outcome: resync.DNS, Note: err.Error(), Local: shortage.Caused(err)}
	case len(addrs) == 0:
		return netip.Addr{}, device.Reply{Outcome: resync.DNS, Note: fmt.Sprintf("host %s has no address", printable(req.Host))}
	}
	for _, addr := range addrs {
		if addr = addr.Unmap(); addr.Is4() {
			return addr, device.Reply{}
		}
	}
	return addrs[0], device.Reply{}
}

// stopped is the reply to a transfer whose caller no longer waits for it.
func stopped(err error) device.Reply {
	return device.Reply{Outcome: resync.Timeout, Note: "stopped: " + err.Error()}
}
