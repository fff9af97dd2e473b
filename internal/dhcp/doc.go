// Package dhcp gets leases from real DHCP servers, for one device or for
// thousands: the client of RFC 2131 as a machine, and two ways onto the wire.
//
// [NewAgent] bundles the machines of many clients with one wire. Its caller
// tells it what happens by [Agent.Step], carries out what Step appends, and
// calls Step again with a [Tick] not later than [Agent.Deadline]. A goroutine
// of the wire brings the replies:
//
//	relay, err := dhcp.OpenRelay(dhcp.RelayConfig{Server: "192.0.2.1"})
//	agent, err := dhcp.NewAgent(relay, seed, clients)
//	go relay.Receive(func(r *dhcp.Reply) {
//		if i, ok := agent.Owner(r); ok {
//			post(i, dhcp.Input{Kind: dhcp.Receive, Reply: r}) // to the goroutine of Step
//		}
//	})
//	acts = agent.Step(i, dhcp.Input{Kind: dhcp.Start, Now: now}, acts[:0])
//	wake := agent.Deadline(i)
//
// [Machine] is one client alone. It is pure: no clock, no I/O, no randomness of
// its own. Instants are durations since the run began, and a tick that comes
// early, late or twice does no harm.
//
// # The client
//
// It goes through the states of RFC 2131 figure 5, except INIT-REBOOT: a device
// that boots has forgotten its lease (FV-BOOT-2). A message without an answer
// is sent five times, with waits of 4, 8, 16, 32 and 64 s, each plus or minus 1 s
// (section 4.1). After the last wait, and after a NAK or a lost lease, the client
// rests for 1 to 10 s, which is the time that section 4.4.1 puts before a
// DISCOVER, and begins anew with another xid. The first DISCOVER after a boot
// goes out at once, unless the client has a Delay: the caller decides when a device
// boots.
//
// The first good OFFER is taken; the client does not collect several. From then
// on other servers are noted and ignored, until REBINDING, in which every server
// may answer. An OFFER or ACK without an address, a server identifier or a lease
// time is ignored (table 3). The client does not probe the address that it gets;
// the caller tells it of a conflict.
//
// After a boot a device may ask again. An [Again] begins a new exchange, as an
// application does that wants a lease of its own. An [Inform] asks for options beside
// the lease, at most three times (section 4.4.3).
//
// # Instants
//
// A lease counts from its first REQUEST (section 4.4.1). An acquisition counts
// from its first DISCOVER, over all repetitions and new exchanges. [Action.Began] counts
// in the same way: the duration of an exchange is the time that the device has waited,
// not the time since the latest repetition.
//
// # Wires
//
// [Relay] is a relay agent before all clients: one UDP socket, no privilege
// where its port and the server allow it. [Interface] puts clients onto a network
// with hardware addresses of their own; it needs Linux and CAP_NET_RAW.
//
// # Leases
//
// [Decode] joins long options (RFC 3396), reads options out of the fields file
// and sname (option 52), and takes these fields for options 67 and 66 where the
// options are absent (FV-SRC-4). [Lease.Device] is what the firmware hears of
// it: the address, and all options but those of the protocol itself.
package dhcp
