package tftp

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
)

func datagram(wire []byte) check.Datagram {
	d := check.Datagram{Raw: wire}
	d.Packet, d.Bad = tftp.Parse(wire)
	return d
}

func TestNULsThatAreMissingOrTooManyAreForgiven(t *testing.T) {
	for _, test := range []struct {
		wire string
		want tftp.Packet
	}{
		{"\x00\x05\x00\x01gone", tftp.Packet{Op: tftp.OpError, Code: 1, Message: "gone"}},
		{"\x00\x05\x00\x01gone\x00\x00", tftp.Packet{Op: tftp.OpError, Code: 1, Message: "gone"}},
		{"\x00\x06blksize\x00512\x00\x00\x00", tftp.Packet{Op: tftp.OpOptionAck, Options: []tftp.Option{option("blksize", "512")}}},
		{"\x00\x06blksize\x00512", tftp.Packet{Op: tftp.OpOptionAck, Options: []tftp.Option{option("blksize", "512")}}},
		{"\x00\x06blksize", tftp.Packet{Op: tftp.OpOptionAck}},
	} {
		got, err := lenient(datagram([]byte(test.wire)))
		if err != nil {
			t.Errorf("%q: %v", test.wire, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.wire, diff)
		}
	}
}

func FuzzLenient(f *testing.F) {
	for _, seed := range []string{"", "\x00", "\x00\x03\x00", "\x00\x03\x00\x01data", "\x00\x05\x00\x01gone", "\x00\x06a\x00b\x00\x00", "\x00\x06\x00\x00\x00\x00", "\xff\xff\xff\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		d := datagram(wire)
		got, err := lenient(d)
		switch {
		case d.Bad == nil && (err != nil || !cmp.Equal(got, d.Packet)):
			t.Errorf("%q is %v, but %v, %v after lenient reading", wire, d.Packet, got, err)
		case d.Bad != nil && err == nil && got.Op != tftp.OpError && got.Op != tftp.OpOptionAck:
			t.Errorf("%q is read as %v, want no more than ERROR and OACK forgiven", wire, got)
		case err != nil && !errors.Is(err, errMalformed):
			t.Errorf("%q: %v is not errMalformed", wire, err)
		}
	})
}
