package dhcp

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
)

var talkative = &Client{
	MAC: phoneMAC, HostName: "phone", Class: "IP542N", ID: append([]byte{1}, phoneMAC[:]...),
}

// options returns the options of a packet in hexadecimal, one each line, up to
// the end option.
func options(t *testing.T, packet []byte) string {
	t.Helper()
	if len(packet) < 300 {
		t.Errorf("a packet of %d bytes, want at least the 300 of BOOTP (RFC 1542 section 2.1)", len(packet))
	}
	if got := hex.EncodeToString(packet[cookieAt : cookieAt+4]); got != "63825363" {
		t.Fatalf("the magic cookie is %s, want 63825363 (RFC 2131 section 3)", got)
	}
	var lines strings.Builder
	for rest := packet[cookieAt+4:]; rest[0] != 255; rest = rest[2+rest[1]:] {
		lines.WriteString(hex.EncodeToString(rest[:2+rest[1]]) + "\n")
	}
	return lines.String()
}

// Each message has the fields and options of RFC 2131 table 5, byte for byte.
func TestMessagesOnTheWire(t *testing.T) {
	addr, server := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.1")
	const (
		hostName, class, id = "0c0570686f6e65\n", "3c064950353432 4e\n", "3d07010021f2011b19\n"
		list                = "370901 03 06 0f 2a 2b 42 43 96\n"
		requested, named    = "32040a000005\n", "36040a000001\n"
	)
	for _, c := range []struct {
		rule, header, options string
		message               Message
	}{
		{
			rule:    "DISCOVER: the client and the options that it wants, only",
			message: Message{Type: Discover, Broadcast: true, XID: 0x01020304, Secs: 258},
			header:  "01010600 01020304 0102 8000 00000000", options: hostName + "350101\n" + list + class + id,
		},
		{
			rule:    "REQUEST after an OFFER: options 50 and 54, no ciaddr",
			message: Message{Type: Request, Broadcast: true, XID: 1, Requested: addr, Server: server},
			header:  "01010600 00000001 0000 8000 00000000", options: hostName + requested + "350103\n" + named + list + class + id,
		},
		{
			rule:    "REQUEST that renews: ciaddr, no options 50 and 54, no broadcast flag",
			message: Message{Type: Request, XID: 1, Addr: addr, To: server},
			header:  "01010600 00000001 0000 0000 0a000005", options: hostName + "350103\n" + list + class + id,
		},
		{
			rule:    "DECLINE: options 50, 54 and 61 alone",
			message: Message{Type: Decline, XID: 1, Requested: addr, Server: server},
			header:  "01010600 00000001 0000 0000 00000000", options: requested + "350104\n" + named + id,
		},
		{
			rule:    "RELEASE: ciaddr, options 54 and 61 alone",
			message: Message{Type: Release, XID: 1, Addr: addr, Server: server, To: server},
			header:  "01010600 00000001 0000 0000 0a000005", options: "350107\n" + named + id,
		},
	} {
		packet := talkative.packet(c.message).ToBytes()
		if got, want := hex.EncodeToString(packet[:16]), strings.ReplaceAll(c.header, " ", ""); got != want {
			t.Errorf("%s: header %s, want %s", c.rule, got, want)
		}
		if got := hex.EncodeToString(packet[16:44]); got != strings.Repeat("00", 12)+"0021f2011b19"+strings.Repeat("00", 10) {
			t.Errorf("%s: yiaddr, siaddr, giaddr and chaddr are %s", c.rule, got)
		}
		if diff := cmp.Diff(strings.ReplaceAll(c.options, " ", ""), options(t, packet)); diff != "" {
			t.Errorf("%s: options (-want +got):\n%s", c.rule, diff)
		}
	}
	bare := &Client{MAC: phoneMAC}
	if got, want := options(t, bare.packet(Message{Type: Discover}).ToBytes()), "350101\n"+strings.ReplaceAll(list, " ", ""); got != want {
		t.Errorf("a client without a name, class and identifier sends %q, want %q", got, want)
	}
	asking := &Client{MAC: phoneMAC, Ask: []uint8{1, 160, 66}, UserClass: []byte("ccp.avaya")}
	if got, want := options(t, asking.packet(Message{Type: Discover}).ToBytes()), "350101\n3703"+"01a042\n4d09"+hex.EncodeToString([]byte("ccp.avaya"))+"\n"; got != want {
		t.Errorf("a client that asks for options of its own and has a user class sends %q, want %q", got, want)
	}
}

// A phone's own host name and size of messages are sent where no other name is set
// (AV-ID-3).
func TestClientAsPhone(t *testing.T) {
	p := &device.Personality{DHCP: func(id device.Identity) device.DHCPIdentity {
		return device.DHCPIdentity{Class: "c", Host: "AV" + id.MAC.String()[6:], MaxSize: 1500, Ask: []uint8{1}}
	}}
	for given, want := range map[string]string{"": "0c08" + hex.EncodeToString([]byte("AV011b19")), "other": "0c05" + hex.EncodeToString([]byte("other"))} {
		c := &Client{HostName: given}
		c.As(p, device.Identity{MAC: phoneMAC})
		if got := options(t, c.packet(Message{Type: Discover}).ToBytes()); !strings.Contains(got, want+"\n") || !strings.Contains(got, "390205dc\n") {
			t.Errorf("a client named %q sends %q", given, got)
		}
	}
}

func TestClientsAreChecked(t *testing.T) {
	long := strings.Repeat("x", 256)
	for rule, c := range map[string]Client{
		"no hardware address":                         {},
		"a host name of more than one option":         {MAC: phoneMAC, HostName: long},
		"a vendor class of more than one option":      {MAC: phoneMAC, Class: long},
		"a client identifier of more than one option": {MAC: phoneMAC, ID: []byte(long)},
		"a user class of more than one option":        {MAC: phoneMAC, UserClass: []byte(long)},
		"a request list of more than one option":      {MAC: phoneMAC, Ask: []byte(long)},
		"a client identifier that is a type alone":    {MAC: phoneMAC, ID: []byte{1}},
	} {
		if c.check() == nil {
			t.Errorf("%s: taken, want an error", rule)
		}
	}
	for _, c := range []Client{*talkative, {MAC: device.MAC{2}}} {
		if err := c.check(); err != nil {
			t.Errorf("%+v: %v, want it taken", c, err)
		}
	}
}
