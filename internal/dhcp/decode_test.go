package dhcp

import (
	"encoding/hex"
	"maps"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"provsim/device"
)

// A packetText is a reply for a test: its options field, file and sname in
// hexadecimal. This test builds it byte by byte, because a library that
// writes and reads a packet may misunderstand it twice.
type packetText struct{ options, file, sname string }

const (
	isAck     = "350105" // option 53
	isOffer   = "350102"
	isNak     = "350106"
	of10001   = "36040a000001" // option 54
	oneHour   = "330400000e10" // option 51
	end       = "ff"
	soundly   = isAck + of10001 + oneHour // what RFC 2131 table 3 demands
	magic     = "63825363"
	tftpByURL = "4207" + "687474703a2f2f" // option 66, http://
)

func (p packetText) bytes(t testing.TB) []byte {
	t.Helper()
	field := func(text string, size int) []byte {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil || len(b) > size {
			t.Fatalf("field %q: %v, %d bytes of %d", text, err, len(b), size)
		}
		return b
	}
	packet := make([]byte, cookieAt, 1500)
	copy(packet, field("02010600 01020304 00000000 00000000 0a000005 00000000 00000000 0021f2011b19", cookieAt))
	copy(packet[snameAt:], field(p.sname, 64))
	copy(packet[fileAt:], field(p.file, 128))
	return append(append(packet, field(magic, 4)...), field(p.options, 1200)...)
}

// sameAddrs compares addresses, and offers by their options.
var sameAddrs = cmp.Options{
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
	cmp.Transformer("options", func(o *device.Offer) map[uint8]string { return maps.Collect(o.All()) }),
}

// offered returns an offer.
func offered(values map[uint8]string) *device.Offer {
	all := map[uint8][]byte{}
	for number, value := range values {
		all[number] = []byte(value)
	}
	return device.NewOffer(all)
}

func TestDecode(t *testing.T) {
	addr, server := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.1")
	text := func(s string) string { return hex.EncodeToString([]byte(s)) }
	long := "http://10.0.0.1/" + strings.Repeat("a", 290)
	for _, c := range []struct {
		rule   string
		packet packetText
		want   Lease // beside the address, the server and the hour
	}{
		{rule: "the least that a lease has", packet: packetText{options: soundly + end}},
		{
			rule: "mask, routers, DNS servers, T1 and T2",
			packet: packetText{options: soundly + "0104ffff0000" + "03080a0000fe0a0000fd" + "06080a0000020a000003" +
				"3a0400000384" + "3b0400000708" + end},
			want: Lease{
				Prefix: netip.MustParsePrefix("10.0.0.5/16"), Router: netip.MustParseAddr("10.0.0.254"),
				DNS: []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.3")},
				T1:  15 * time.Minute, T2: 30 * time.Minute,
				Offer: offered(map[uint8]string{
					1: "\xff\xff\x00\x00", 3: "\x0a\x00\x00\xfe\x0a\x00\x00\xfd", 6: "\x0a\x00\x00\x02\x0a\x00\x00\x03",
				}),
			},
		},
		{
			rule:   "FV-SRC-4: options 66 and 67, trailing NULs and blanks cut; 150 and 43 as they are",
			packet: packetText{options: soundly + "420c" + text("10.66.0.1 \x00\x00") + "4306" + text("c2k.x\x00") + "96080a4200010a420002" + "2b0601040a420001" + end},
			want: Lease{Option66: "10.66.0.1", Offer: offered(map[uint8]string{
				66: "10.66.0.1 \x00\x00", 67: "c2k.x\x00", 150: "\x0a\x42\x00\x01\x0a\x42\x00\x02", 43: "\x01\x04\x0a\x42\x00\x01",
			})},
		},
		{
			rule:   "FV-SRC-4: sname and file where options 66 and 67 are absent",
			packet: packetText{options: soundly + end, sname: text("prov.example.net"), file: text("c2k.xml")},
			want:   Lease{Option66: "prov.example.net", FromField: true, Offer: offered(map[uint8]string{66: "prov.example.net", 67: "c2k.xml"})},
		},
		{
			rule:   "FV-SRC-4: options 66 and 67 go before sname and file",
			packet: packetText{options: soundly + "4201" + text("a") + "4301" + text("b") + end, sname: text("c"), file: text("d")},
			want:   Lease{Option66: "a", Offer: offered(map[uint8]string{66: "a", 67: "b"})},
		},
		{
			rule:   "FV-SRC-4: an option 66 of NULs alone is absent",
			packet: packetText{options: soundly + "42020000" + end, sname: text("c")},
			want:   Lease{Option66: "c", FromField: true, Offer: offered(map[uint8]string{66: "c"})},
		},
		{
			rule:   "fields that are filled to the brim have no NUL",
			packet: packetText{options: soundly + end, sname: text(strings.Repeat("s", 64)), file: text(strings.Repeat("f", 128))},
			want:   Lease{Option66: strings.Repeat("s", 64), FromField: true, Offer: offered(map[uint8]string{66: strings.Repeat("s", 64), 67: strings.Repeat("f", 128)})},
		},
		{
			rule: "RFC 3396: a value that is split over several options is joined, whatever lies between",
			packet: packetText{options: soundly + "42ff" + text(long[:255]) + "00" + "4301" + text("b") +
				"4233" + text(long[255:]) + end},
			want: Lease{Option66: long, Offer: offered(map[uint8]string{66: long, 67: "b"})},
		},
		{
			rule:   "RFC 2132 section 9.3: option 52 = 1, options in file; sname is a name",
			packet: packetText{options: soundly + "340101" + end, file: "4203" + text("a.b") + end + text("junk"), sname: text("x.y")},
			want:   Lease{Option66: "a.b", Offer: offered(map[uint8]string{66: "a.b"})},
		},
		{
			rule:   "RFC 2132 section 9.3: option 52 = 2, options in sname; file is a name",
			packet: packetText{options: soundly + "340102" + end, file: text("f.xml"), sname: "4203" + text("a.b") + end},
			want:   Lease{Option66: "a.b", Offer: offered(map[uint8]string{66: "a.b", 67: "f.xml"})},
		},
		{
			rule:   "RFC 3396 section 5: option 52 = 3, joined in the order options, file, sname",
			packet: packetText{options: soundly + "340103" + "4201" + text("1") + end, file: "4201" + text("2") + end, sname: "4201" + text("3") + "00" + end},
			want:   Lease{Option66: "123", Offer: offered(map[uint8]string{66: "123"})},
		},
		{
			rule:   "a field with options is no text, even without option 66",
			packet: packetText{options: soundly + "340103" + end, file: "0c01" + text("h") + end, sname: end},
			want:   Lease{Offer: offered(map[uint8]string{12: "h"})},
		},
		{
			rule:   "a value that is no list of addresses, no mask and no time is in the offer alone",
			packet: packetText{options: soundly + "0104ff00ff00" + "03050a0000fe00" + "060400000000" + "3a020384" + "960101" + end},
			want: Lease{Offer: offered(map[uint8]string{
				1: "\xff\x00\xff\x00", 3: "\x0a\x00\x00\xfe\x00", 6: "\x00\x00\x00\x00", 150: "\x01",
			})},
		},
	} {
		c.want.Addr, c.want.Server, c.want.Duration = addr, server, time.Hour
		r, err := Decode(c.packet.bytes(t))
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		if r.Type != Ack || r.XID != 0x01020304 || r.MAC != phoneMAC || r.Server != server {
			t.Errorf("%s: %v, xid %#x, for %v, of %v", c.rule, r.Type, r.XID, r.MAC, r.Server)
		}
		if diff := cmp.Diff(c.want, r.Lease, sameAddrs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.rule, diff)
		}
	}
}

func TestDecodeOfWhatAMachineRefuses(t *testing.T) {
	for _, c := range []struct{ rule, options string }{
		{"no server identifier", isOffer + oneHour + end},
		{"no lease time", isOffer + of10001 + end},
		{"a lease time of no time", isOffer + of10001 + "330400000000" + end},
		{"a broadcast address for a server", isOffer + "3604ffffffff" + oneHour + end},
	} {
		r, err := Decode(packetText{options: c.options}.bytes(t))
		if err != nil || r.complete() {
			t.Errorf("%s: %+v, %v, want an OFFER that lacks something", c.rule, r, err)
		}
	}
	multicast := packetText{options: soundly + end}.bytes(t)
	copy(multicast[16:], []byte{224, 0, 0, 1})
	if r, err := Decode(multicast); err != nil || r.complete() {
		t.Errorf("a multicast address to lease: %+v, %v, want an ACK that lacks something", r, err)
	}
	forever, err := Decode(packetText{options: isAck + of10001 + "3304ffffffff" + end}.bytes(t))
	if err != nil || forever.Lease.Duration != Never {
		t.Errorf("a lease of 0xffffffff s lasts %v, %v, want Never (RFC 2131 section 3.3)", forever.Lease.Duration, err)
	}
	nak, err := Decode(packetText{options: isNak + of10001 + "3805627573790a" + end}.bytes(t))
	if err != nil || nak.Type != Nak || nak.Text != "busy" {
		t.Errorf("a NAK with a message: %+v, %v", nak, err)
	}
}

func TestDecodeErrors(t *testing.T) {
	good := packetText{options: soundly + end}.bytes(t)
	with := func(at int, b byte) []byte {
		packet := append([]byte(nil), good...)
		packet[at] = b
		return packet
	}
	for rule, packet := range map[string][]byte{
		"nothing":                       nil,
		"a header that is cut":          good[:100],
		"no magic cookie":               with(cookieAt, 0),
		"a request":                     with(0, 1),
		"an address that is no MAC":     with(2, 16),
		"no Ethernet":                   with(1, 6),
		"no message type":               packetText{options: of10001 + end}.bytes(t),
		"a message type of two bytes":   packetText{options: isAck + isAck + end}.bytes(t),
		"a DISCOVER as a reply":         packetText{options: "350101" + end}.bytes(t),
		"an option that is cut":         packetText{options: soundly + "42ff41"}.bytes(t),
		"no end of the options":         packetText{options: soundly}.bytes(t),
		"an option in file is cut":      packetText{options: soundly + "340101" + end, file: strings.Repeat("00", 126) + "4205"}.bytes(t),
		"an option in sname is cut":     packetText{options: soundly + "340102" + end, sname: strings.Repeat("00", 62) + "4205"}.bytes(t),
		"options in sname are past end": packetText{options: soundly + "340102" + end, sname: strings.Repeat("00", 60) + "42044142"}.bytes(t),
	} {
		if r, err := Decode(packet); err == nil {
			t.Errorf("%s: taken as %+v, want an error", rule, r)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, p := range []packetText{
		{options: soundly + end},
		{options: soundly + tftpByURL + tftpByURL + end},
		{options: soundly + "340103" + end, file: tftpByURL + end, sname: tftpByURL + end},
		{options: isNak + of10001 + "380462757379" + end},
		{options: soundly + "3a0400000384" + "3b0400000708" + "0104ffff0000" + "96040a000001" + end, sname: "41", file: "42"},
	} {
		f.Add(p.bytes(f))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, packet []byte) {
		r, err := Decode(packet)
		if err != nil {
			if r != nil {
				t.Errorf("%+v beside the error %v", r, err)
			}
			return
		}
		l := &r.Lease
		if size := len(l.Offer.Encode()) + len(r.Text); size > len(packet)+512 {
			t.Errorf("%d bytes of options from a packet of %d", size, len(packet))
		}
		if r.complete() && (l.Duration < time.Second || !l.Addr.Is4() || !r.Server.Is4()) {
			t.Errorf("complete: %+v", r)
		}
		// Whatever comes, the machine keeps its promises.
		p := machineThatAsks(r)
		p.Step(Input{Kind: Receive, Reply: r}, nil)
		if p.Deadline() <= 0 {
			t.Errorf("the deadline %v has passed after %+v", p.Deadline(), r)
		}
	})
}

// machineThatAsks returns a client that waits for a reply with the properties
// of r, in REQUESTING for an ACK or NAK where it could have come to that.
func machineThatAsks(r *Reply) *Machine {
	m := &Machine{}
	m.Step(Input{Kind: Start, MAC: r.MAC, Rand: uint64(r.XID)}, nil)
	if r.Type != Offer {
		offer := *r
		offer.Type = Offer
		m.Step(Input{Kind: Receive, Reply: &offer}, nil)
	}
	return m
}
