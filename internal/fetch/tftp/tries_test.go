package tftp

import (
	"testing"
	"time"

	"provsim/device"
	"provsim/profile"
)

func TestTriesCountReadRequestsUpToFirstAnswer(t *testing.T) {
	data := func(block uint16, size int) []byte {
		return Packet{Op: OpData, Block: block, Data: make([]byte, size)}.Append(nil)
	}
	notFound := Packet{Op: OpError, Code: CodeNotFound, Message: "none"}.Append(nil)
	for _, test := range []struct {
		rule  string
		play  func(transfer *Transfer)
		tries int
	}{
		{"answered at once", func(x *Transfer) { x.Receive(0, senders["<"], data(1, 1)) }, 1},
		{"answered at the third", func(x *Transfer) {
			x.Tick(time.Second)
			x.Tick(3 * time.Second)
			x.Receive(3*time.Second, senders["<"], data(1, 1))
		}, 3},
		{"refused at the second", func(x *Transfer) {
			x.Tick(time.Second)
			x.Receive(time.Second, senders["<"], notFound)
		}, 2},
		{"acknowledgements are no requests", func(x *Transfer) {
			x.Receive(0, senders["<"], data(1, 512))
			x.Tick(time.Second)
			x.Tick(3 * time.Second)
			x.Receive(3*time.Second, senders["<"], data(2, 1))
		}, 1},
		{"a packet from another port is no answer", func(x *Transfer) {
			x.Receive(0, senders["<host"], data(1, 1))
			x.Tick(time.Second)
			x.Receive(time.Second, senders["<"], data(1, 1))
		}, 2},
		{"without an answer", func(x *Transfer) {
			for range 6 {
				x.Tick(x.Deadline())
			}
		}, 5},
	} {
		transfer, err := NewTransfer(requestPort, device.Request{Target: profile.Target{Path: "/f"}, Limit: 1000}, Schedule{})
		if err != nil {
			t.Fatal(err)
		}
		transfer.Start(0)
		test.play(transfer)
		if reply, ok := transfer.Done(); !ok || reply.Tries != test.tries {
			t.Errorf("%s: over %v after %d tries (%v), want %d", test.rule, ok, reply.Tries, reply.Outcome, test.tries)
		}
	}
}
