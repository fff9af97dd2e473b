package tftp

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// A reader that has seen enough ends the transfer by error 0, which is no failure
// (AC-FILE-2). One that has not reads on.
func TestHeadIsEnough(t *testing.T) {
	server := netip.MustParseAddrPort("192.0.2.1:69")
	for _, test := range []struct {
		name   string
		enough bool
		sends  string
		bytes  int64
	}{
		{"enough", true, "ERROR 0 the head of the file is enough", 112},
		{"not enough", false, "ACK 1", 0},
	} {
		asked := ""
		transfer, err := NewTransfer(server, device.Request{
			Target: profile.Target{Path: "/440HD.img"}, Limit: 1 << 20, Timeout: time.Minute, Head: 112,
			Enough: func(head []byte) bool { asked += string(head); return test.enough },
		}, Schedule{})
		if err != nil {
			t.Fatal(err)
		}
		transfer.Start(0)
		block := bytes.Repeat([]byte{'a'}, 512)
		answer := transfer.Receive(0, server, Packet{Op: OpData, Block: 1, Data: block}.Append(nil))
		if p, err := Parse(answer); err != nil || p.String() != test.sends && !(p.Op == OpError && p.Code == CodeUndefined && test.enough) {
			t.Errorf("%s: it sends %v, want %s", test.name, p, test.sends)
		}
		if !test.enough {
			transfer.Receive(0, server, Packet{Op: OpData, Block: 2, Data: []byte("b")}.Append(nil))
			test.bytes = 513
		}
		reply, done := transfer.Done()
		if !done || reply.Outcome != resync.None || int64(len(reply.Body)) != test.bytes {
			t.Errorf("%s: done %v, outcome %v, %d bytes of body, want %d", test.name, done, reply.Outcome, len(reply.Body), test.bytes)
		}
		if asked != string(block[:112]) {
			t.Errorf("%s: the head that it was asked about has %d bytes, want 112, once", test.name, len(asked))
		}
	}
}
