package tftp

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/pin/tftp/v3"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// What is written arrives whole at a server that is not ours, whatever its size and
// the options, block numbers that roll over included.
func TestWritesArrive(t *testing.T) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan []byte, 1)
	server := tftp.NewServer(nil, func(name string, from io.WriterTo) error {
		var body bytes.Buffer
		_, err := from.WriteTo(&body)
		got <- append([]byte(name+" "), body.Bytes()...)
		return err
	})
	ended := make(chan error)
	go func() { ended <- server.Serve(conn) }()
	t.Cleanup(func() {
		server.Shutdown()
		<-ended
	})
	port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	for _, c := range []struct {
		size    int
		options device.TFTPOptions
	}{
		{0, device.TFTPOptions{}}, {1, device.TFTPOptions{}}, {511, device.TFTPOptions{}}, {512, device.TFTPOptions{}}, {513, device.TFTPOptions{}},
		{100_000, device.TFTPOptions{BlockSize: 1428, Size: true}},
		{1428 * 2, device.TFTPOptions{BlockSize: 1428}},
		{3000, device.TFTPOptions{WindowSize: 4, Timeout: 2 * time.Second, Size: true}},
		{8*65536 + 3, device.TFTPOptions{BlockSize: 8}},
	} {
		body := pattern(c.size)
		name := fmt.Sprintf("%d-%d", c.size, c.options.BlockSize)
		reply := Client{}.Fetch(t.Context(), device.Request{
			Target: profile.Target{Scheme: "tftp", Host: "127.0.0.1", Port: port, Path: "/" + name},
			Method: device.Write, Body: func() []byte { return body }, TFTP: c.options, Timeout: time.Minute,
		})
		if reply.Outcome != resync.Sent || reply.Bytes != int64(c.size) || reply.Tries != 1 {
			t.Errorf("%s: %+v", name, reply)
		}
		select {
		case arrived := <-got:
			if want := append([]byte(name+" "), body...); !bytes.Equal(arrived, want) {
				t.Errorf("%s: %d bytes with the name arrived, or others, want %d", name, len(arrived), len(want))
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the server has not finished", name)
		}
	}
}

func TestTFTPDoesNotPost(t *testing.T) {
	reply := Client{}.Fetch(t.Context(), device.Request{
		Target: profile.Target{Scheme: "tftp", Host: "127.0.0.1", Port: 9, Path: "/f"}, Method: device.Post,
	})
	if reply.Outcome != resync.BadRule || reply.Note != "a post is not for TFTP, want a read or a write" {
		t.Errorf("%+v", reply)
	}
}

// Whatever a server sends, a write ends, takes no more than its file, and succeeds
// only where every block was acknowledged in its turn.
func FuzzWrite(f *testing.F) {
	f.Add(uint16(600), uint64(1), []byte{4})
	f.Add(uint16(0), uint64(2), []byte{4, 6, 3, 5, 0})
	f.Add(uint16(1024), uint64(3), []byte{6, 4, 4, 4, 4, 4})
	f.Fuzz(func(t *testing.T, size uint16, seed uint64, ops []byte) {
		body := pattern(int(size))
		transfer, err := NewTransfer(requestPort, device.Request{
			Target: profile.Target{Path: "/f"}, Method: device.Write, Body: func() []byte { return body },
			Timeout: time.Minute, TFTP: device.TFTPOptions{BlockSize: 64, Size: true},
		}, Schedule{})
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(seed, 0))
		transfer.Start(0)
		acked := int64(0)
		for _, op := range ops {
			p := Packet{Op: Op(op % 8), Block: uint16(transfer.blocks) + uint16(random.IntN(3))}
			if p.Op == OpOptionAck && random.IntN(2) == 0 {
				p.Options = []Option{{optBlksize, "32"}}
			}
			next := p.Op == OpAck && p.Block == uint16(transfer.blocks+1)
			before := transfer.blocks
			transfer.Receive(0, senders["<"], p.Append(nil))
			if transfer.blocks > before {
				acked++
				if !next || transfer.blocks != before+1 {
					t.Fatalf("%v moved the transfer from block %d to %d", p, before, transfer.blocks)
				}
			}
		}
		transfer.Tick(time.Minute)
		reply, ok := transfer.Done()
		if !ok || reply.Bytes > int64(size) || reply.Body != nil {
			t.Fatalf("done %v, %+v", ok, reply)
		}
		if whole := acked*int64(transfer.blockSize) > int64(size); (reply.Outcome == resync.Sent) != whole || whole && reply.Bytes != int64(size) {
			t.Fatalf("%d blocks of %d for %d bytes: %+v", acked, transfer.blockSize, size, reply)
		}
	})
}
