package tftp

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var goodPackets = []struct {
	wire   string
	packet Packet
	text   string
}{
	{"\x00\x01cpe/x.conf\x00octet\x00", Packet{Op: OpRead, File: "cpe/x.conf"}, "RRQ cpe/x.conf octet"},
	{
		"\x00\x01a b\x00octet\x00blksize\x001428\x00tsize\x000\x00",
		Packet{Op: OpRead, File: "a b", Options: []Option{{"blksize", "1428"}, {"tsize", "0"}}},
		`RRQ "a b" octet blksize=1428 tsize=0`,
	},
	{"\x00\x03\x00\x01hello", Packet{Op: OpData, Block: 1, Data: []byte("hello")}, "DATA 1 (5 bytes)"},
	{"\x00\x03\xff\xff", Packet{Op: OpData, Block: 65535, Data: []byte{}}, "DATA 65535 (0 bytes)"},
	{"\x00\x04\x01\x02", Packet{Op: OpAck, Block: 258}, "ACK 258"},
	{"\x00\x05\x00\x01File not found\x00", Packet{Op: OpError, Code: CodeNotFound, Message: "File not found"}, `ERROR 1 "File not found"`},
	{"\x00\x05\x00\x00\x00", Packet{Op: OpError}, `ERROR 0 ""`},
	{"\x00\x05\x00\x00\x1b[2J\xff\x00", Packet{Op: OpError, Message: "\x1b[2J\xff"}, `ERROR 0 "\x1b[2J\xff"`},
	{"\x00\x05\x00\x00\x7f\x00", Packet{Op: OpError, Message: "\x7f"}, `ERROR 0 "\x7f"`},
	{"\x00\x06", Packet{Op: OpOptionAck}, "OACK"},
	{"\x00\x06blksize\x00\x00", Packet{Op: OpOptionAck, Options: []Option{{"blksize", ""}}}, `OACK blksize=""`},
}

func TestGoodPackets(t *testing.T) {
	for _, test := range goodPackets {
		t.Run(test.text, func(t *testing.T) {
			got, err := Parse([]byte(test.wire))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.packet, got); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
			if wire := string(test.packet.Append(nil)); wire != test.wire {
				t.Errorf("Append gives %q, want %q", wire, test.wire)
			}
			if text := got.String(); text != test.text {
				t.Errorf("String gives %s, want %s", text, test.text)
			}
		})
	}
}

var badPackets = []struct{ rule, wire string }{
	{"an operation code has 2 bytes", ""},
	{"an operation code has 2 bytes", "\x00"},
	{"operation 0 does not exist", "\x00\x00\x00\x01"},
	{"operation 7 does not exist", "\x00\x07\x00\x01"},
	{"the high byte of the operation counts", "\x01\x04\x00\x01"},
	{"DATA has a block number", "\x00\x03\x00"},
	{"DATA has at most 65464 bytes (RFC 2348)", "\x00\x03\x00\x01" + strings.Repeat("x", 65465)},
	{"ACK has 4 bytes, not 3", "\x00\x04\x00"},
	{"ACK has 4 bytes, not 5", "\x00\x04\x00\x01\x00"},
	{"ERROR has a code", "\x00\x05\x00"},
	{"ERROR has a message", "\x00\x05\x00\x01"},
	{"an ERROR's message ends in NUL", "\x00\x05\x00\x01gone"},
	{"nothing follows an ERROR's message", "\x00\x05\x00\x01gone\x00\x00"},
	{"RRQ has a file name", "\x00\x01"},
	{"RRQ's file name is not empty", "\x00\x01\x00octet\x00"},
	{"RRQ has a mode", "\x00\x01a\x00"},
	{"RRQ's mode is octet", "\x00\x01a\x00netascii\x00"},
	{"RRQ's mode ends in NUL", "\x00\x01a\x00octet"},
	{"an option has a value", "\x00\x01a\x00octet\x00blksize\x00"},
	{"a value ends in NUL", "\x00\x06blksize\x001428"},
	{"an option has a name", "\x00\x06\x001428\x00"},
	{"an option comes once, in whatever case (RFC 2347)", "\x00\x06tsize\x001\x00TSIZE\x001\x00"},
	{"a packet with options has at most 512 bytes (RFC 2347)", "\x00\x06tsize\x00" + strings.Repeat("1", 504) + "\x00"},
}

func TestBadPackets(t *testing.T) {
	for _, test := range badPackets {
		if p, err := Parse([]byte(test.wire)); err == nil {
			t.Errorf("%s: %.20q is read as %v, want an error", test.rule, test.wire, p)
		}
	}
}

func TestModeIsReadInAnyCase(t *testing.T) {
	p, err := Parse([]byte("\x00\x01a\x00OcTeT\x00"))
	if err != nil || p.File != "a" {
		t.Errorf("got %v, %v, want a request for file a", p, err)
	}
}

func FuzzPacket(f *testing.F) {
	for _, test := range goodPackets {
		f.Add([]byte(test.wire))
	}
	for _, test := range badPackets {
		f.Add([]byte(test.wire))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		p, err := Parse(wire)
		if err != nil {
			return
		}
		again := p.Append(nil)
		// Only the mode of a request can be spelt in more than one way.
		if p.Op == OpRead {
			wire = slices.Concat(wire[:3+len(p.File)], []byte("octet\x00"), wire[9+len(p.File):])
		}
		if !bytes.Equal(again, wire) {
			t.Errorf("%q is parsed and appended as %q", wire, again)
		}
		for _, b := range []byte(p.String()) {
			if b < ' ' || b >= 0x7f {
				t.Fatalf("%q has byte %#x, want printable ASCII only", p.String(), b)
			}
		}
	})
}

func TestDataIsParsedWithoutAllocation(t *testing.T) {
	wire := Packet{Op: OpData, Block: 1, Data: make([]byte, 1428)}.Append(nil)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(wire); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Parse allocates %v times for DATA, want 0", n)
	}
}
