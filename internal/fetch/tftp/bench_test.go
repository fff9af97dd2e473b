package tftp

import (
	"fmt"
	"testing"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// download feeds a file's blocks to a new transfer, which knows the size.
func download(t testing.TB, blocks [][]byte, options device.TFTPOptions) {
	req := device.Request{Target: profile.Target{Path: "/f"}, Limit: 1 << 30, TFTP: options}
	transfer, err := NewTransfer(requestPort, req, Schedule{})
	if err != nil {
		t.Fatal(err)
	}
	transfer.Start(0)
	for n, block := range blocks {
		transfer.Receive(time.Duration(n), senders["<"], block)
	}
	if reply, ok := transfer.Done(); !ok || reply.Outcome != resync.None {
		t.Fatalf("%v %s, want the file", reply.Outcome, reply.Note)
	}
}

// conversationOf returns what a server sends: the OACK and all blocks of a file.
func conversationOf(size int, options device.TFTPOptions) [][]byte {
	server := &modelServer{file: make([]byte, size), grants: func(Option) bool { return true }}
	n, packets := server.request(0, Packet{Options: askFor(options)})
	n.oack, n.window = nil, n.blocks()
	return append(packets, n.send(0)...)
}

func TestAllocationsDoNotGrowWithBlocks(t *testing.T) {
	options := device.TFTPOptions{BlockSize: 512, Size: true}
	allocations := func(size int) float64 {
		packets := conversationOf(size, options)
		return testing.AllocsPerRun(20, func() { download(t, packets, options) })
	}
	one, many := allocations(500), allocations(1000*512)
	if many > one+3 || many > 20 {
		t.Errorf("%v allocations for 1 block, %v for 1001, want 3 more for the body and none for the blocks", one, many)
	}
}

func TestAnnouncedSizeCostsLittle(t *testing.T) {
	const size = 1 << 30
	req := device.Request{Target: profile.Target{Path: "/f"}, Limit: size, TFTP: device.TFTPOptions{Size: true}}
	transfer, err := NewTransfer(requestPort, req, Schedule{})
	if err != nil {
		t.Fatal(err)
	}
	transfer.Start(0)
	transfer.Receive(0, senders["<"], Packet{Op: OpOptionAck, Options: []Option{{optTsize, fmt.Sprint(size)}}}.Append(nil))
	for block := range 100 {
		if room, come := cap(transfer.body), len(transfer.body); room > 16*come {
			t.Fatalf("room for %d bytes when %d have come, want at most 16 times as much", room, come)
		}
		transfer.Receive(0, senders["<"], Packet{Op: OpData, Block: uint16(block + 1), Data: make([]byte, 512)}.Append(nil))
	}
}

func TestBodyGrowsWithWhatCame(t *testing.T) {
	const limit = 10 << 20
	req := device.Request{Target: profile.Target{Path: "/f"}, Limit: limit, TFTP: device.TFTPOptions{BlockSize: 8192}}
	transfer, err := NewTransfer(requestPort, req, Schedule{})
	if err != nil {
		t.Fatal(err)
	}
	transfer.Start(0)
	transfer.Receive(0, senders["<"], Packet{Op: OpOptionAck, Options: []Option{{optBlksize, "8192"}}}.Append(nil))
	moves, room := 0, 0
	for block := range limit / 8192 {
		transfer.Receive(0, senders["<"], Packet{Op: OpData, Block: uint16(block + 1), Data: make([]byte, 8192)}.Append(nil))
		come := len(transfer.body)
		if cap(transfer.body) != room {
			moves, room = moves+1, cap(transfer.body)
		}
		times := 2
		if come > 1<<20 {
			times = 4
		}
		if most := min(times*come, limit); room > most {
			t.Fatalf("room for %d bytes when %d have come, want at most %d", room, come, most)
		}
	}
	if moves > 10 || room != limit {
		t.Errorf("the body has moved %d times and has room for %d bytes, want 10 times at most and %d", moves, room, limit)
	}
}

func BenchmarkTransfer(b *testing.B) {
	for _, options := range []device.TFTPOptions{
		{BlockSize: 512, Size: true},
		{BlockSize: 1428, Size: true, WindowSize: 8},
	} {
		b.Run(fmt.Sprint(askFor(options)), func(b *testing.B) {
			const size = 1 << 20
			packets := conversationOf(size, options)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				download(b, packets, options)
			}
			b.ReportMetric(float64(b.N*len(packets))/b.Elapsed().Seconds(), "packets/s")
		})
	}
}

func BenchmarkFetch(b *testing.B) {
	const small, large = 2048, 40_000_000
	p := newPeer(b, small, large)
	for _, bench := range []struct {
		size    int
		options device.TFTPOptions
	}{
		{small, device.TFTPOptions{}},
		{small, device.TFTPOptions{BlockSize: 1428}},
		{large, device.TFTPOptions{BlockSize: 512, Size: true}},
		{large, device.TFTPOptions{BlockSize: 1428, Size: true}},
		{large, device.TFTPOptions{BlockSize: 8192, Size: true}},
	} {
		b.Run(fmt.Sprintf("%d bytes, %v", bench.size, askFor(bench.options)), func(b *testing.B) {
			var client Client
			b.SetBytes(int64(bench.size))
			b.ReportAllocs()
			for b.Loop() {
				p.check(b, bench.size, client.Fetch(b.Context(), p.request(bench.size, bench.options)))
			}
		})
	}
	b.Run(fmt.Sprintf("%d bytes, many devices", small), func(b *testing.B) {
		var client Client
		b.SetParallelism(32)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				p.check(b, small, client.Fetch(b.Context(), p.request(small, device.TFTPOptions{})))
			}
		})
	})
}
