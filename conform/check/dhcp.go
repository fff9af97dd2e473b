package check

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
)

// mostOffers is how many answers to one DISCOVER a check takes.
const mostOffers = 64

// dhcpWire is a way to DHCP servers that has to be listened to.
type dhcpWire interface {
	dhcp.Wire
	Receive(deliver func(*dhcp.Reply)) error
	Close() error
}

// Client returns the first phone as a DHCP client of the declared class.
func (p *Probe) Client() dhcp.Client {
	return dhcp.Client{MAC: p.firstPhone().MAC, Class: p.Target.DHCP.Class}
}

// Offers sends a DISCOVER and returns all offers that come within the probe's
// patience, of all servers. It takes no lease. It is for checks that need
// DHCPServer; such checks wait for each other.
func (p *Probe) Offers(ctx context.Context, client dhcp.Client) ([]dhcp.Reply, error) {
	p.leasing.Lock()
	defer p.leasing.Unlock()
	wire, err := p.openWire()
	if err != nil {
		return nil, err
	}
	offers := make(chan dhcp.Reply, mostOffers)
	xid := transaction(client.MAC, time.Now())
	ended := make(chan error, 1)
	go func() {
		ended <- wire.Receive(func(r *dhcp.Reply) {
			if r.Type != dhcp.Offer || r.XID != xid || r.MAC != client.MAC {
				return
			}
			select {
			case offers <- *r:
			default: // a server without end; the first ones tell enough
			}
		})
	}()
	err = wire.Send(&client, dhcp.Message{Type: dhcp.Discover, Broadcast: true, XID: xid})
	if err == nil {
		err = Pause(ctx, p.Patience)
	}
	wire.Close()
	<-ended
	close(offers)
	if err != nil {
		return nil, fmt.Errorf("asking for a lease: %w", err)
	}
	var all []dhcp.Reply
	for r := range offers {
		all = append(all, r)
	}
	return all, nil
}

func (p *Probe) openWire() (dhcpWire, error) {
	if p.Target.DHCP.Interface != "" {
		return dhcp.OpenInterface(p.Target.DHCP.Interface)
	}
	return dhcp.OpenRelay(dhcp.RelayConfig{Server: p.Target.DHCP.Relay, Listen: p.Target.DHCP.Listen})
}

// transaction returns an xid that an earlier question has not had.
func transaction(mac device.MAC, now time.Time) uint32 {
	return binary.BigEndian.Uint32(mac[2:]) ^ uint32(now.UnixNano())
}

// Pause waits, unless the context ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
