package dhcp_test

import (
	"fmt"
	"net/netip"
	"time"

	"provsim/internal/dhcp"
)

// A client gets a lease in the second attempt, and will renew it after half an
// hour.
func ExampleMachine() {
	var client dhcp.Machine
	var now time.Duration
	tell := func(in dhcp.Input) {
		in.Now, in.Rand = now, 1<<63
		for _, a := range client.Step(in, nil) {
			fmt.Printf("%v: %s\n", now, a.Text())
		}
	}
	tell(dhcp.Input{Kind: dhcp.Start})
	now = client.Deadline()
	tell(dhcp.Input{Kind: dhcp.Tick})

	server := netip.MustParseAddr("192.0.2.1")
	reply := dhcp.Reply{
		Type: dhcp.Offer, Server: server,
		Lease: dhcp.Lease{Addr: netip.MustParseAddr("192.0.2.77"), Server: server, Duration: time.Hour},
	}
	tell(dhcp.Input{Kind: dhcp.Receive, Reply: &reply})
	ack := reply
	ack.Type = dhcp.Ack
	tell(dhcp.Input{Kind: dhcp.Receive, Reply: &ack})
	fmt.Println("next at", client.Deadline())
	// Output:
	// 0s: sends DISCOVER
	// 4s: sends DISCOVER
	// 4s: sends REQUEST
	// 4s: 192.0.2.1 leases 192.0.2.77 for 1h0m0s
	// next at 30m4s
}
