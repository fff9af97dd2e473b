package tunnel_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"testing"

	"provsim/internal/role/tunnel"
)

// The vectors of the specification's section 9.
const (
	echoRequest = "4500002400010000400125d9a9fe0102a9fe00010800378a0001000170726f7673696d21"
	echoReply   = "4500002400010000400125d9a9fe0001a9fe010200003f8a0001000170726f7673696d21"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var serial = uint64(258)

func codec(t testing.TB, name string) tunnel.Codec {
	t.Helper()
	c := tunnel.NewCodec(name, tunnel.ServerMAC, tunnel.MAC(serial))
	if c == nil {
		t.Fatalf("no codec %s", name)
	}
	return c
}

func TestEcho(t *testing.T) {
	got := tunnel.Echo(tunnel.Address(2), tunnel.Server, 1, 1, []byte("provsim!"))
	if hex.EncodeToString(got) != echoRequest {
		t.Errorf("got  %x\nwant %s", got, echoRequest)
	}
}

// WT-COD-3: the server knows the codec by the first message.
func TestAuto(t *testing.T) {
	packet := unhex(t, echoRequest)
	for name, message := range map[string]string{
		tunnel.IP: echoRequest, tunnel.Len16: "0024" + echoRequest, tunnel.PPP: "ff030021" + echoRequest,
		tunnel.Eth: "0200a9fe000100908f0000010800" + echoRequest,
	} {
		c := codec(t, tunnel.Auto)
		if c.Encode(packet) != nil {
			t.Errorf("%s: a packet has a message before the codec is known", name)
		}
		got, reply, err := c.Decode(unhex(t, message))
		if c.Name() != name || !bytes.Equal(got, packet) || reply != nil || err != nil {
			t.Errorf("%s: codec %s, packet %x, reply %x, error %v", name, c.Name(), got, reply, err)
		}
		if name == tunnel.IP {
			continue
		}
		if _, _, err := c.Decode(packet); err == nil {
			t.Errorf("%s: a bare packet is taken when the codec is known", name)
		}
	}
	for _, message := range []string{"", "45", "c0a80001c0a80002c0a80003c0a80004c0a80005", "60000000", "4500002400010000400125daa9fe0102a9fe0001"} {
		c := codec(t, tunnel.Auto)
		if _, _, err := c.Decode(unhex(t, message)); !errors.Is(err, tunnel.ErrUnknown) || c.Name() != tunnel.Auto {
			t.Errorf("%q: codec %s, error %v", message, c.Name(), err)
		}
	}
}

// WT-COD-2: what one end encodes, the other decodes.
func TestCodecs(t *testing.T) {
	packet := unhex(t, echoReply)
	for _, name := range tunnel.CodecNames {
		device := tunnel.NewCodec(name, tunnel.MAC(serial), tunnel.ServerMAC)
		message := codec(t, name).Encode(packet)
		got, reply, err := device.Decode(message)
		if !bytes.Equal(got, packet) || reply != nil || err != nil {
			t.Errorf("%s: packet %x, reply %x, error %v", name, got, reply, err)
		}
		if _, _, err := device.Decode(message[:len(message)-1]); !errors.Is(err, tunnel.ErrBroken) {
			t.Errorf("%s: a message cut short: %v", name, err)
		}
	}
	for name, message := range map[string]string{
		tunnel.IP: "60000000000000", tunnel.Eth: "0200a9fe000100908f00000186dd60", tunnel.PPP: "ff03002160", tunnel.Len16: "000160",
	} {
		if _, _, err := codec(t, name).Decode(unhex(t, message)); !errors.Is(err, tunnel.ErrIPv6) {
			t.Errorf("%s: an IPv6 packet: %v", name, err)
		}
	}
}

// WT-COD-2: ARP requests are answered with the own address; Configure-Request is
// answered by Configure-Ack with what was asked.
func TestRepliesOfLinks(t *testing.T) {
	for _, c := range []struct{ what, codec, message, reply string }{
		{
			"who has 169.254.0.1", tunnel.Eth,
			"ffffffffffff" + "00908f000102" + "0806" + "0001080006040001" + "00908f000102" + "a9fe0102" + "000000000000" + "a9fe0001",
			"00908f000102" + "0200a9fe0001" + "0806" + "0001080006040002" + "0200a9fe0001" + "a9fe0001" + "00908f000102" + "a9fe0102",
		},
		{
			"an announcement", tunnel.Eth,
			"ffffffffffff" + "00908f000102" + "0806" + "0001080006040001" + "00908f000102" + "a9fe0102" + "000000000000" + "a9fe0102", "",
		},
		{"an LCP request", tunnel.PPP, "ff03c021" + "0107000a" + "010405dc0506", "ff03c021" + "0207000a" + "010405dc0506"},
		{"an IPCP request without the address field", tunnel.PPP, "8021" + "0101000a" + "0306a9fe0102", "ff038021" + "0201000a" + "0306a9fe0102"},
		{"an ack", tunnel.PPP, "ff03c021" + "02010004", ""},
	} {
		packet, reply, err := codec(t, c.codec).Decode(unhex(t, c.message))
		if packet != nil || hex.EncodeToString(reply) != c.reply || err != nil {
			t.Errorf("%s: packet %x, reply %x, error %v", c.what, packet, reply, err)
		}
	}
	if start := codec(t, tunnel.PPP).Start(); len(start) != 2 || hex.EncodeToString(start[0]) != "ff03c02101010004" {
		t.Errorf("ppp starts with %x", start)
	}
}

// WT-ADR-2.
func TestDerivedAddresses(t *testing.T) {
	for serial, want := range map[uint64]string{
		0: "169.254.1.0", 3965330: "169.254.250.146", 65023: "169.254.254.255", 65024: "169.254.1.0", 12345678: "169.254.220.78",
	} {
		got := tunnel.Derived(serial)
		n, ok := tunnel.Number(got)
		if got.String() != want || !ok || tunnel.Address(n) != got {
			t.Errorf("serial %d: %v, number %d %v, want %s", serial, got, n, ok, want)
		}
	}
	for _, text := range []string{"169.254.0.1", "169.254.0.255", "169.254.255.0", "169.255.1.0", "10.0.0.1", "::1"} { // WT-ADR-1
		if n, ok := tunnel.Number(netip.MustParseAddr(text)); ok {
			t.Errorf("%s is taken for device %d", text, n)
		}
	}
}

// WT-LIM-1: the answer to a packet that is too large.
func TestTooLarge(t *testing.T) {
	packet := unhex(t, echoRequest)
	got := tunnel.TooLarge(packet, tunnel.Server, 1280)
	p, ok := tunnel.ParsePacket(got)
	if !ok || p.Source != tunnel.Server || p.Target != tunnel.Address(2) {
		t.Errorf("packet %+v, %v", p, ok)
	}
	if hex.EncodeToString(got[20:22]) != "0304" || hex.EncodeToString(got[24:28]) != "00000500" || !bytes.Equal(got[28:], packet[:28]) {
		t.Errorf("ICMP message %x", got[20:])
	}
}

// Whatever comes, a codec returns a whole packet, a message or an error.
func FuzzCodecs(f *testing.F) {
	for _, seed := range []string{
		echoRequest, "0024" + echoRequest, "ff030021" + echoRequest, "0200a9fe000100908f0000010800" + echoRequest,
		"ff03c0210107000a010405dc0506", "ffffffffffff00908f000102080600010800060400010090", "60", "",
	} {
		f.Add(unhex(f, seed), unhex(f, echoRequest))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for _, name := range append([]string{tunnel.Auto}, tunnel.CodecNames...) {
			c := codec(t, name)
			for _, message := range [][]byte{first, second} {
				packet, reply, err := c.Decode(bytes.Clone(message))
				_, whole := tunnel.ParsePacket(packet)
				if packet != nil && !whole || err != nil && (packet != nil || reply != nil) || len(reply) > len(message)+8 {
					t.Fatalf("%s: packet %x, reply %x, error %v", name, packet, reply, err)
				}
				if packet != nil {
					tunnel.TooLarge(packet, tunnel.Server, 576)
				}
			}
		}
	})
}
