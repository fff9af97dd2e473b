package dhcp

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
	"provsim/device/avaya"
)

// discarding is a wire that keeps the latest message.
type discarding struct {
	sent   int
	latest []byte
}

func (w *discarding) Hold(*Client, netip.Addr) {}

func (w *discarding) Send(c *Client, m Message) error {
	w.sent++
	w.latest = c.Packet(m)
	return nil
}

// AV-DHCP-1: an Avaya phone sends its first DISCOVER up to 4 s after its boot, each at
// another instant, with flags 0. AV-DHCP-2: it takes no OFFER without option 51.
func TestAvayaPhones(t *testing.T) {
	const many = 256
	clients := make([]Client, many)
	for i := range clients {
		clients[i].As(&avaya.Personality, device.Identity{MAC: device.MAC{0xc8, 0x1f, 0xea, 0, 0, byte(i)}, Product: "J179"})
	}
	wire := &discarding{}
	agent, err := NewAgent(wire, 1, clients)
	if err != nil {
		t.Fatal(err)
	}
	var seconds [4]int
	for i, c := range clients {
		wire.sent = 0
		agent.Step(i, Input{Kind: Start, Now: time.Hour}, nil)
		due := agent.Deadline(i)
		if due < time.Hour || due > time.Hour+4*time.Second || wire.sent > 0 {
			t.Fatalf("phone %d sends %d messages at once and has a deadline %v after its boot, want none and at most 4s", i, wire.sent, due-time.Hour)
		}
		seconds[min((due-time.Hour)/time.Second, 3)]++
		agent.Step(i, Input{Kind: Tick, Now: due}, nil)
		discover, err := dhcpv4.FromBytes(wire.latest)
		if err != nil || discover.MessageType() != dhcpv4.MessageTypeDiscover || discover.Flags != 0 {
			t.Fatalf("phone %d sends %v, %v, want a DISCOVER with flags 0", i, discover, err)
		}
		for _, lease := range []time.Duration{0, time.Hour} {
			with := []dhcpv4.Modifier{dhcpv4.WithMessageType(dhcpv4.MessageTypeOffer), dhcpv4.WithYourIP(net.IPv4(10, 0, 0, 5)), dhcpv4.WithServerIP(net.IPv4(10, 0, 0, 1)),
				dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 1)))}
			if lease > 0 {
				with = append(with, dhcpv4.WithLeaseTime(uint32(lease/time.Second)))
			}
			packet, err := dhcpv4.NewReplyFromRequest(discover, with...)
			if err != nil {
				t.Fatal(err)
			}
			reply, err := Decode(packet.ToBytes())
			if err != nil {
				t.Fatal(err)
			}
			acts := agent.Step(i, Input{Kind: Receive, Now: due, Reply: reply}, nil)
			state, refused := agent.Status(i).State, len(acts) == 1 && acts[0].Why == Incomplete
			if taken := state == Requesting; taken != (lease > 0) || refused == taken {
				t.Fatalf("phone %d (%v) after an OFFER of %v: %v, %v", i, c.MAC, lease, state, acts)
			}
		}
		if request, err := dhcpv4.FromBytes(wire.latest); err != nil || request.MessageType() != dhcpv4.MessageTypeRequest || request.Flags != 0 {
			t.Fatalf("phone %d sends %v, %v, want a REQUEST with flags 0", i, request, err)
		}
	}
	for second, n := range seconds {
		if n < many/8 {
			t.Errorf("%d of %d phones begin in second %d, want about a quarter", n, many, second)
		}
	}
}
