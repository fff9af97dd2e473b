package server

import (
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

func TestStartRefusesConfigurations(t *testing.T) {
	one, two := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	good := []Pool{{First: one, Last: two}}
	for rule, c := range map[string]Config{
		"no pool":                {},
		"a pool without end":     {Pools: []Pool{{First: one}}},
		"a pool that runs back":  {Pools: []Pool{{First: two, Last: one}}},
		"a pool of IPv6":         {Pools: []Pool{{First: netip.MustParseAddr("::1"), Last: netip.MustParseAddr("::2")}}},
		"a mask of 33 bits":      {Pools: []Pool{{First: one, Last: two, Bits: 33}}},
		"an address by no means": {Pools: good, Listen: "nowhere"},
		"an address of another":  {Pools: good, Listen: "192.0.2.77:0"},
	} {
		if s, err := Start(c); err == nil {
			s.Close()
			t.Errorf("%s: started, want an error", rule)
		}
	}
	s, err := Start(Config{Pools: good})
	if err != nil {
		t.Fatal(err)
	}
	if at := s.Addr(); !at.Addr().IsLoopback() || at.Port() == 0 {
		t.Errorf("the server listens on %v, want a port on loopback", at)
	}
	s.Close()
	s.Close()
}

// Whatever comes, the server stays up, and what it says can be sent.
func FuzzAnswer(f *testing.F) {
	for _, kind := range []dhcpv4.MessageType{dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest, dhcpv4.MessageTypeDecline, dhcpv4.MessageTypeRelease} {
		p := &dhcpv4.DHCPv4{OpCode: dhcpv4.OpcodeBootRequest, HWType: 1, ClientHWAddr: []byte{0, 0x21, 0xf2, 0, 0, 'a'}}
		p.UpdateOption(dhcpv4.OptMessageType(kind))
		p.UpdateOption(dhcpv4.OptRequestedIPAddress([]byte{10, 0, 0, 1}))
		p.UpdateOption(dhcpv4.OptRelayAgentInfo(dhcpv4.OptGeneric(dhcpv4.RelaySourcePortSubOption, nil)))
		f.Add(p.ToBytes())
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		p, err := dhcpv4.FromBytes(packet)
		if err != nil || !fromClient(p) {
			return
		}
		c, err := Config{ID: netip.MustParseAddr("10.0.0.9"), Pools: []Pool{{First: netip.MustParseAddr("10.0.0.1"), Last: netip.MustParseAddr("10.0.0.1")}}}.check()
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{allocator: allocator{config: c, bindings: newBindings(c.Pools)}, start: time.Now()}
		for range 2 { // the second time the client is known
			answer, served := s.judge(p, netip.MustParseAddr("10.0.0.8"), Faults{})
			if answer == nil {
				continue
			}
			again, err := dhcpv4.FromBytes(answer.ToBytes())
			if err != nil || again.MessageType() != answer.MessageType() || served.Answer != answer.MessageType().String() {
				t.Errorf("the answer %v is read as %v, %v (%+v)", answer, again, err, served)
			}
		}
		s.portOf(p, netip.AddrPort{})
	})
}
