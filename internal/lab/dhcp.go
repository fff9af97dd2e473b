package lab

import (
	"errors"
	"fmt"
	"net/netip"

	"provsim/internal/dhcp/server"
)

// The addresses that the lab leases are for documentation (RFC 5737): they lead
// nowhere, and need not, because phones reach the lab's servers by the host's
// own address.
var firstLease, lastLease = netip.MustParseAddr("192.0.2.100"), netip.MustParseAddr("192.0.2.249")

// startDHCP leases addresses to clients behind relay agents, with option 66
// that leads to the lab's TFTP server.
func (l *Lab) startDHCP() error {
	s, err := server.Start(server.Config{
		Listen: orLoopback(l.config.DHCP),
		Pools:  []server.Pool{{First: firstLease, Last: lastLease, Bits: 24, Options: server.Options{Option66: l.Option66()}}},
		Served: func(s server.Served) {
			served := Served{Server: "dhcp", Method: s.Message, Path: s.Answer, Name: s.Client.Colons()}
			if s.Note != "" {
				served.Err = errors.New(s.Note)
			}
			l.served(served)
		},
	})
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	l.addrs["dhcp"] = s.Addr()
	l.ends = append(l.ends, func() { s.Close() })
	return nil
}
