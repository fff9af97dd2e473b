package server

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
)

func newDesk(t *testing.T, c Config) *allocator {
	t.Helper()
	c.ID = netip.MustParseAddr("10.0.0.1")
	if c.Pools == nil {
		c.Pools = []Pool{{First: netip.MustParseAddr("10.0.0.5"), Last: netip.MustParseAddr("10.0.0.6"), Options: Options{Option66: "tftp.example.net"}}}
	}
	c, err := c.check()
	if err != nil {
		t.Fatal(err)
	}
	return &allocator{config: c, bindings: newBindings(c.Pools)}
}

// message reads "CLIENT TYPE [ciaddr=A] [requested=A] [server=A] [id=TEXT]",
// where the client is the last byte of its hardware address.
func message(t *testing.T, line string) *dhcpv4.DHCPv4 {
	t.Helper()
	words := strings.Fields(line)
	p := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootRequest, HWType: 1, ClientHWAddr: net.HardwareAddr{0, 0x21, 0xf2, 0, 0, words[0][0]},
		TransactionID: dhcpv4.TransactionID{1, 2, 3, 4}, ClientIPAddr: net.IPv4zero.To4(), GatewayIPAddr: net.IP{10, 0, 0, 254}, Options: dhcpv4.Options{},
	}
	kind := dhcpv4.MessageTypeDiscover
	for ; kind.String() != words[1]; kind++ {
		if kind > dhcpv4.MessageTypeInform {
			t.Fatalf("%q has no known type", line)
		}
	}
	p.Options.Update(dhcpv4.OptMessageType(kind))
	for _, pair := range words[2:] {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "ciaddr":
			p.ClientIPAddr = net.ParseIP(value).To4()
		case "requested":
			p.Options.Update(dhcpv4.OptRequestedIPAddress(net.ParseIP(value)))
		case "server":
			p.Options.Update(dhcpv4.OptServerIdentifier(net.ParseIP(value)))
		case "id":
			p.Options.Update(dhcpv4.OptGeneric(dhcpv4.OptionClientIdentifier, []byte(value)))
		}
	}
	return p
}

// TestAnswers plays conversations with a server that has the addresses 10.0.0.5
// and 10.0.0.6. Each line is an instant in seconds, a message, and what the
// server says, "-" being silence.
func TestAnswers(t *testing.T) {
	for rule, talk := range map[string][]string{
		"a client gets an address, renews it, and gets it again": {
			"0 | a DISCOVER | OFFER 10.0.0.5",
			"1 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5",
			"1800 | a REQUEST ciaddr=10.0.0.5 | ACK 10.0.0.5",
			"9000 | a DISCOVER | OFFER 10.0.0.5",
		},
		"two clients get two addresses": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | b DISCOVER | OFFER 10.0.0.6",
			"1 | b REQUEST requested=10.0.0.6 server=10.0.0.1 | ACK 10.0.0.6", "1 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5",
		},
		"an exhausted pool is silent, until an offer or a lease is over": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | b DISCOVER | OFFER 10.0.0.6",
			"1 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5",
			"2 | c DISCOVER | -", "120 | c DISCOVER | OFFER 10.0.0.6",
			"121 | c REQUEST requested=10.0.0.6 server=10.0.0.1 | ACK 10.0.0.6",
			"122 | b DISCOVER | -", "3600 | b DISCOVER | -", "3601 | b DISCOVER | OFFER 10.0.0.5",
			"3602 | a REQUEST ciaddr=10.0.0.5 | NAK",
		},
		"a REQUEST for an address that is another client's, or unknown here, is refused": {
			"0 | a DISCOVER | OFFER 10.0.0.5",
			"0 | a REQUEST requested=10.0.0.6 server=10.0.0.1 | NAK",
			"0 | b REQUEST requested=10.0.0.5 | NAK", "0 | b REQUEST ciaddr=10.0.0.5 | NAK",
			"0 | b REQUEST ciaddr=192.0.2.1 | NAK", "0 | b REQUEST | NAK",
		},
		"RFC 2131 section 4.3.2: INIT-REBOOT is answered where the client is known, else with silence": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "1 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5",
			"2 | a REQUEST requested=10.0.0.5 | ACK 10.0.0.5", "2 | a REQUEST requested=10.0.0.6 | NAK", "2 | b REQUEST requested=10.0.0.6 | -",
		},
		"a client that chooses another server gives its offer back": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | b DISCOVER | OFFER 10.0.0.6",
			"1 | a REQUEST requested=10.0.9.9 server=10.0.0.9 | -", "1 | c DISCOVER | OFFER 10.0.0.5",
		},
		"an offer that is over is refused": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "120 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | NAK",
		},
		"a client that asks anew or turns to another server keeps its lease": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5", "0 | b DISCOVER | OFFER 10.0.0.6",
			"1 | a DISCOVER | OFFER 10.0.0.5", "2 | a REQUEST requested=10.0.9.9 server=10.0.0.9 | -", "130 | c DISCOVER | OFFER 10.0.0.6",
			"131 | d DISCOVER | -",
		},
		"RELEASE frees an address for others, of its owner alone": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5", "0 | b DISCOVER | OFFER 10.0.0.6",
			"1 | c RELEASE ciaddr=10.0.0.5 | -", "1 | a RELEASE ciaddr=10.0.0.6 | -", "1 | c DISCOVER | -",
			"2 | a RELEASE ciaddr=10.0.0.5 | -", "2 | c DISCOVER | OFFER 10.0.0.5",
		},
		"DECLINE keeps an address from everybody for an hour": {
			"0 | a DISCOVER | OFFER 10.0.0.5", "0 | a REQUEST requested=10.0.0.5 server=10.0.0.1 | ACK 10.0.0.5",
			"1 | a DECLINE requested=10.0.0.6 server=10.0.0.1 | -", "1 | a REQUEST ciaddr=10.0.0.5 | ACK 10.0.0.5", "1 | a DECLINE requested=10.0.0.5 server=10.0.0.1 | -", "11 | a DISCOVER | OFFER 10.0.0.6",
			"12 | b DISCOVER | -", "3601 | b DISCOVER | OFFER 10.0.0.6",
		},
		"RFC 2131 section 4.2: a client identifier goes before the hardware address": {
			"0 | a DISCOVER id=x | OFFER 10.0.0.5", "0 | b DISCOVER id=x | OFFER 10.0.0.5", "0 | a DISCOVER | OFFER 10.0.0.6",
		},
		"an INFORM is not answered": {"0 | a INFORM ciaddr=10.0.0.7 | -"},
	} {
		d := newDesk(t, Config{})
		for _, line := range talk {
			parts := strings.Split(line, " | ")
			at, err := time.ParseDuration(parts[0] + "s")
			if err != nil {
				t.Fatal(err)
			}
			answer, served := d.answer(at, message(t, parts[1]))
			got := "-"
			if answer != nil {
				got = strings.TrimSuffix(answer.MessageType().String()+" "+addrOf(answer.YourIPAddr).String(), " invalid IP")
			}
			if got != parts[2] || answer != nil && served.Answer != answer.MessageType().String() {
				t.Errorf("%s: at %s the server says %s, want %s (%+v)", rule, parts[0]+" s to "+parts[1], got, parts[2], served)
			}
		}
	}
}

func TestReplyHasWhatWasAskedFor(t *testing.T) {
	own := device.MAC{0, 0x21, 0xf2, 0, 0, 'b'}
	d := newDesk(t, Config{
		T1: 10 * time.Minute, T2: 20 * time.Minute,
		Pools: []Pool{{
			First: netip.MustParseAddr("10.0.0.5"), Last: netip.MustParseAddr("10.0.0.6"), Bits: 24, Router: netip.MustParseAddr("10.0.0.254"),
			DNS: []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")},
			Options: Options{
				Option66: "10.0.0.1", BootFile: "x.conf", Option43: []byte{1, 2},
				Option150: []netip.Addr{netip.MustParseAddr("10.0.0.4")},
			},
		}},
		Hosts: map[device.MAC]Options{own: {Option66: "http://own.example.net/"}},
	})
	request := message(t, "a DISCOVER id=x")
	info := dhcpv4.OptRelayAgentInfo(dhcpv4.OptGeneric(dhcpv4.AgentCircuitIDSubOption, []byte("port 1")))
	request.Options.Update(info)
	offer, _ := d.answer(0, request)
	want := dhcpv4.OptionsFromList(
		dhcpv4.OptMessageType(dhcpv4.MessageTypeOffer), dhcpv4.OptServerIdentifier(net.IP{10, 0, 0, 1}),
		dhcpv4.OptIPAddressLeaseTime(time.Hour), dhcpv4.OptRenewTimeValue(10*time.Minute), dhcpv4.OptRebindingTimeValue(20*time.Minute),
		dhcpv4.OptSubnetMask(net.IPMask{255, 255, 255, 0}), dhcpv4.OptRouter(net.IP{10, 0, 0, 254}),
		dhcpv4.OptDNS(net.IP{10, 0, 0, 2}, net.IP{10, 0, 0, 3}), dhcpv4.OptTFTPServerName("10.0.0.1"), dhcpv4.OptBootFileName("x.conf"),
		dhcpv4.OptGeneric(dhcpv4.OptionTFTPServerAddress, []byte{10, 0, 0, 4}), dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, []byte{1, 2}),
		dhcpv4.OptGeneric(dhcpv4.OptionClientIdentifier, []byte("x")), info,
	)
	if diff := cmp.Diff(want, offer.Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(request, offer, cmpopts.IgnoreFields(dhcpv4.DHCPv4{}, "OpCode", "Options", "YourIPAddr")); diff != "" {
		t.Errorf("header, beside op and yiaddr (-request +offer):\n%s", diff)
	}
	other, _ := d.answer(0, message(t, "b DISCOVER"))
	if got := dhcpv4.GetString(dhcpv4.OptionTFTPServerName, other.Options); got != "http://own.example.net/" || other.Options.Has(dhcpv4.OptionBootfileName) {
		t.Errorf("a host with options of its own gets option 66 %q and %v", got, other.Options)
	}
}

func TestPoolsAreUsedInOrder(t *testing.T) {
	one, nine := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.9.0.5")
	d := newDesk(t, Config{Pools: []Pool{
		{First: one, Last: one, Options: Options{Option66: "one"}}, {First: nine, Last: nine, Options: Options{Option66: "nine"}},
	}})
	for _, c := range []struct{ client, addr, option66 string }{{"a", "10.0.0.5", "one"}, {"b", "10.9.0.5", "nine"}} {
		offer, _ := d.answer(0, message(t, c.client+" DISCOVER"))
		if offer == nil || offer.YourIPAddr.String() != c.addr || dhcpv4.GetString(dhcpv4.OptionTFTPServerName, offer.Options) != c.option66 {
			t.Errorf("client %s gets %v, want %s with option 66 %q", c.client, offer, c.addr, c.option66)
		}
	}
	if offer, served := d.answer(0, message(t, "c DISCOVER")); offer != nil || served.Note == "" {
		t.Errorf("a third client of two addresses gets %v, %+v, want silence with a note", offer, served)
	}
}
