// Package pnp fetches the URL that a SIP PnP server names for a phone, as a transfer
// of the scheme pnp: the body of the reply is the URL.
package pnp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"provsim/device"
	"provsim/internal/sip"
	"provsim/resync"
)

// Client asks PnP servers. The zero Client works.
type Client struct{}

// Fetch sends a SUBSCRIBE for the user of req's path, with req's Type as its Event, and
// returns the URL of the NOTIFY. Without an answer the outcome is not-found, and the
// phone takes its next source.
func (Client) Fetch(ctx context.Context, req device.Request) device.Reply {
	ctx, cancel := context.WithTimeout(ctx, req.Timeout)
	defer cancel()
	addr, err := netip.ParseAddr(req.Host)
	if err != nil || !addr.Is4() {
		return device.Reply{Outcome: resync.BadRule, Note: "the PnP server is no IPv4 address"}
	}
	server := netip.AddrPortFrom(addr, req.Port)
	conn, err := net.ListenPacket("udp4", ":0")
	if err != nil {
		return device.Reply{Outcome: resync.Unreachable, Note: "no socket for SIP PnP", Local: true}
	}
	defer conn.Close()
	url, err := sip.Subscribe(ctx, conn, server, sip.Subscription{
		User: strings.TrimPrefix(req.Path, "/"), Event: req.Type, Agent: req.UserAgent(),
	})
	switch {
	case err == nil:
		return device.Reply{Body: []byte(url), Bytes: int64(len(url))}
	case errors.Is(err, sip.ErrNoAnswer):
		return device.Reply{Outcome: resync.NotFound, Note: "no answer to SUBSCRIBE"}
	case errors.Is(err, sip.ErrNoURL):
		return device.Reply{Outcome: resync.Corrupt, Note: err.Error()}
	case ctx.Err() != nil:
		return device.Reply{Outcome: resync.Timeout, Note: "no answer to SUBSCRIBE in time"}
	}
	return device.Reply{Outcome: resync.NotFound, Note: refusal(err)}
}

// refusal returns an error without what a server has sent.
func refusal(err error) string {
	if errors.As(err, new(*net.OpError)) {
		return "SUBSCRIBE could not be sent"
	}
	return err.Error()
}
