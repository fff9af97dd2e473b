package dhcp

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
)

// written keeps the messages of an agent as packets.
type written struct{ packets []*dhcpv4.DHCPv4 }

func (w *written) Hold(*Client, netip.Addr) {}

func (w *written) Send(c *Client, m Message) error {
	p, err := dhcpv4.FromBytes(c.Packet(m))
	w.packets = append(w.packets, p)
	return err
}

// A client with an address asks for options three times, 4 s apart, until the first
// answer; nothing of it moves its lease (PC-SRC-2, RFC 2131 section 4.4.3).
func TestInform(t *testing.T) {
	for _, answered := range []bool{false, true} {
		wire := &written{}
		a, err := NewAgent(wire, 1, []Client{{MAC: phoneMAC, Class: "loader", Application: "application"}})
		if err != nil {
			t.Fatal(err)
		}
		if acts := a.Step(0, Input{Kind: Inform}, nil); acts != nil || len(wire.packets) != 0 {
			t.Fatalf("a client without an address asks: %v", acts)
		}
		bind(t, a, wire, Start, "loader")
		expires, before := a.Status(0).Expires, len(wire.packets)
		var sent []time.Duration
		var told []Action
		for now := time.Second; now < 30*time.Second; now += time.Second {
			in := Input{Kind: Tick, Now: now}
			if now == time.Second {
				in.Kind = Inform
			}
			a.Step(0, in, nil)
			if len(wire.packets) > before {
				sent = append(sent, now)
				before = len(wire.packets)
				p := wire.packets[before-1]
				if p.MessageType() != dhcpv4.MessageTypeInform || p.ClientIPAddr.String() != "192.0.2.100" || p.ServerIdentifier() != nil || len(p.Options.Get(dhcpv4.OptionParameterRequestList)) == 0 {
					t.Fatalf("sent %v", p)
				}
				if next := a.Deadline(0); next != now+4*time.Second {
					t.Errorf("at %v the next deadline is %v", now, next)
				}
			}
			if answered && len(sent) == 2 && told == nil {
				reply := &Reply{Type: Ack, MAC: phoneMAC, XID: 0, Server: informServer, Lease: Lease{Offer: device.TextOffer(66, "http://h")}}
				if acts := a.Step(0, Input{Kind: Receive, Now: now, Reply: reply}, nil); len(acts) != 0 {
					t.Errorf("an answer to something else is taken: %v", acts)
				}
				id := wire.packets[before-1].TransactionID
				reply.XID = uint32(id[0])<<24 | uint32(id[1])<<16 | uint32(id[2])<<8 | uint32(id[3])
				told = a.Step(0, Input{Kind: Receive, Now: now, Reply: reply}, nil)
			}
		}
		want := []time.Duration{time.Second, 5 * time.Second, 9 * time.Second}
		if answered {
			want = want[:2]
		}
		if !slices.Equal(sent, want) || answered != (len(told) == 1 && told[0].Do == Told && told[0].Reply.Lease.Offer.Text(66) == "http://h") {
			t.Errorf("answered %v: sent at %v, told %v, want %v", answered, sent, told, want)
		}
		if s := a.Status(0); s.State != Bound || s.Expires != expires || a.Deadline(0) < time.Minute {
			t.Errorf("the lease is %+v, want it as before", s)
		}
	}
}

// The application's exchange is a new one, with option 60 of its own from then on
// (PC-SRC-7).
func TestAgain(t *testing.T) {
	wire := &written{}
	a, err := NewAgent(wire, 1, []Client{{MAC: phoneMAC, Class: "loader", Application: "application", Delay: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	a.Step(0, Input{Kind: Start}, nil)
	bind(t, a, wire, Again, "application")
	a.Step(0, Input{Kind: Tick, Now: time.Hour}, nil)
	if p := wire.packets[len(wire.packets)-1]; p.ClassIdentifier() != "application" || p.ClientIPAddr.IsUnspecified() {
		t.Errorf("the renewal is of %q", p.ClassIdentifier())
	}
	a.Step(0, Input{Kind: PowerOff, Now: time.Hour}, nil)
	a.Step(0, Input{Kind: Start, Now: time.Hour}, nil)
	a.Step(0, Input{Kind: Tick, Now: 2 * time.Hour}, nil)
	if p := wire.packets[len(wire.packets)-1]; p.ClassIdentifier() != "loader" {
		t.Errorf("after another boot the DISCOVER is of %q", p.ClassIdentifier())
	}
}

var informServer = netip.MustParseAddr("192.0.2.1")

// bind has the client get a lease of two hours by a new exchange, whose messages are of a class.
func bind(t *testing.T, a *Agent, wire *written, kind Kind, class string) {
	t.Helper()
	offer, ack := &Reply{Type: Offer}, &Reply{Type: Ack}
	in := Input{Kind: kind}
	var types string
	for _, r := range []*Reply{offer, ack} {
		a.Step(0, in, nil)
		p := wire.packets[len(wire.packets)-1]
		types += fmt.Sprint(p.MessageType(), " ", p.ClassIdentifier(), " ")
		id := p.TransactionID
		r.XID, r.MAC, r.Server = uint32(id[0])<<24|uint32(id[1])<<16|uint32(id[2])<<8|uint32(id[3]), phoneMAC, informServer
		r.Lease = Lease{Addr: netip.MustParseAddr("192.0.2.100"), Server: informServer, Duration: 2 * time.Hour}
		in = Input{Kind: Receive, Reply: r}
	}
	if acts := a.Step(0, in, nil); len(acts) != 1 || acts[0].Do != Use || types != "DISCOVER "+class+" REQUEST "+class+" " {
		t.Fatalf("%s: %v", types, acts)
	}
}
