package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/run"
)

// leaseFlags say where a device gets its lease: from a DHCP server, or from
// the flags --ip and --option66.
type leaseFlags struct {
	iface, relay, listen string
	client               dhcp.Client
	id                   string
	circuit              string
}

func (f *leaseFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.iface, "dhcp", "", "get a lease by DHCP on this network `INTERFACE`; needs CAP_NET_RAW")
	fs.StringVar(&f.relay, "dhcp-relay", "", "get a lease from the DHCP server at `SERVER[:PORT]`, as if behind a relay agent")
	fs.StringVar(&f.listen, "dhcp-listen", "", "the relay agent's own `ADDRESS[:PORT]`, which the server answers to")
	fs.StringVar(&f.client.HostName, "dhcp-hostname", "", "`NAME` in DHCP option 12")
	fs.StringVar(&f.client.Class, "dhcp-class", "", "vendor class, `TEXT` in DHCP option 60 (default what the vendor's phones send)")
	fs.StringVar(&f.id, "dhcp-client-id", "", "client identifier, `HEX` digits in DHCP option 61 (default what the vendor's phones send)")
	fs.StringVar(&f.circuit, "dhcp-circuit", "", "circuit identifier that the relay agent adds, `TEXT` in DHCP option 82")
}

// byDHCP reports whether the lease comes from a server.
func (f *leaseFlags) byDHCP() bool { return f.iface != "" || f.relay != "" }

// errNoLease ends a run with --once in which no server gives a lease.
var errNoLease = errors.New("no lease")

// withoutLease ends a command whose phone had no address.
var withoutLease = &fault{exitFound, errNoLease, "the journal says what the DHCP servers answered"}

// leaseLimit is when --once gives up. It covers one round of the client's
// transmissions (RFC 2131 section 4.1), after which the client begins again.
const leaseLimit = 130 * time.Second

// giveUp ends a run whose device has no address when the limit is over.
func giveUp(d *run.Driver, end func(error)) (stop func() bool) {
	return time.AfterFunc(leaseLimit, func() {
		d.Look(0, func(dev *device.Device, _ time.Duration) {
			if !dev.Lease().Addr.IsValid() {
				end(errNoLease)
			}
		})
	}).Stop
}

// wireToServers is a connection to DHCP servers with a receiver.
type wireToServers interface {
	dhcp.Wire
	Receive(deliver func(*dhcp.Reply)) error
	Close() error
}

// dhcpClients are the DHCP clients of devices, and the wire that they share.
type dhcpClients struct {
	agent *dhcp.Agent
	wire  wireToServers
	ended chan error
}

// always is the firmware of each device of a run that has one vendor's.
func always(p *device.Personality) func(int) *device.Personality {
	return func(int) *device.Personality { return p }
}

// open makes the DHCP clients that the flags ask for, one for each device, which
// say what phones of its vendor say. Without such flags there is no agent.
func (f *leaseFlags) open(seed uint64, vendor func(int) *device.Personality, devices ...device.Identity) (*dhcpClients, error) {
	switch {
	case !f.byDHCP():
		return &dhcpClients{}, nil
	case f.iface != "" && f.relay != "":
		return nil, usage(errors.New("--dhcp and --dhcp-relay are two ways to one lease, want one of them"), "")
	}
	if f.id != "" && len(devices) > 1 {
		return nil, usage(errors.New("--dhcp-client-id is for one device, and servers tell devices apart by it"), "leave it out")
	}
	id, err := hex.DecodeString(f.id)
	if err != nil {
		return nil, usage(fmt.Errorf("--dhcp-client-id %q, want hex digits in pairs", f.id), "")
	}
	clients := make([]dhcp.Client, len(devices))
	for i, d := range devices {
		clients[i] = f.client
		clients[i].ID = id
		clients[i].As(vendor(i), d)
	}
	wire, err := f.openWire()
	if err != nil {
		return nil, cannot(err, "")
	}
	agent, err := dhcp.NewAgent(wire, seed, clients)
	if err != nil {
		wire.Close()
		return nil, usage(err, "")
	}
	return &dhcpClients{agent: agent, wire: wire}, nil
}

func (f *leaseFlags) openWire() (wireToServers, error) {
	if f.iface != "" {
		return dhcp.OpenInterface(f.iface)
	}
	config := dhcp.RelayConfig{Server: f.relay, Listen: f.listen}
	if f.circuit != "" {
		config.Circuit = func(device.MAC) string { return f.circuit }
	}
	return dhcp.OpenRelay(config)
}

// listen hands replies to the driver until the clients are closed.
func (c *dhcpClients) listen(d *run.Driver) {
	if c.wire == nil {
		return
	}
	c.ended = make(chan error, 1)
	go func() { c.ended <- c.wire.Receive(d.Deliver) }()
}

// close ends the listening.
func (c *dhcpClients) close() {
	if c.wire == nil {
		return
	}
	c.wire.Close()
	if c.ended != nil {
		<-c.ended
	}
}
