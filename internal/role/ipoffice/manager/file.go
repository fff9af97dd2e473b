package manager

import (
	"context"
	"net"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice/wire"
	"provsim/profile"
	"provsim/resync"
)

// transferTime is what one file may take.
const transferTime = 2 * time.Minute

// File reads a file of a unit by TFTP, without a name or a password (MGR-11).
func File(ctx context.Context, o Options, addr netip.Addr, name string) ([]byte, error) {
	reply := o.tftp(ctx, addr, name, nil)
	if f := failureOf(reply); f != nil {
		return nil, f
	}
	return reply.Body, nil
}

// tftp reads a file, or writes one where there is a body.
func (o *Options) tftp(ctx context.Context, addr netip.Addr, name string, body func() []byte) device.Reply {
	client := tftp.Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { return o.listen() }}
	request := device.Request{
		Target: profile.Target{Scheme: "tftp", Host: addr.String(), Port: uint16(TFTPPort + o.Shift), Path: "/" + name},
		Limit:  wire.MaxFrame, Timeout: transferTime, Body: body,
	}
	if body != nil {
		request.Method = device.Write
	}
	return client.Fetch(ctx, request)
}

// oldFailure is failureOf where the file's name has a password: only that can be wrong.
func oldFailure(r device.Reply) *Failure {
	if r.Outcome == resync.NotFound {
		return &Failure{Word: "unauthorized", Note: AccessDenied}
	}
	return failureOf(r)
}

// failureOf returns what a transfer has failed by; nil where it has not.
func failureOf(r device.Reply) *Failure {
	switch r.Outcome {
	case resync.None, resync.Sent:
		return nil
	case resync.NotFound:
		return &Failure{Word: "not-found", Note: "the unit has no such file"}
	}
	return &Failure{Word: r.Outcome.String(), Note: noConversation}
}
