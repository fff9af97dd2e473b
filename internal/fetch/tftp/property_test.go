package tftp

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// pattern returns n bytes in which no two blocks are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8*7 ^ i>>16*13)
	}
	return b
}

// start makes a transfer of a file from a model server that grants all options.
func start(t interface{ Fatal(...any) }, file []byte, options device.TFTPOptions, fate func() []time.Duration) *simulation {
	transfer, err := NewTransfer(requestPort, device.Request{
		Target: profile.Target{Path: "/f"}, Limit: 1 << 30, Timeout: time.Hour, TFTP: options,
	}, Schedule{})
	if err != nil {
		t.Fatal(err)
	}
	return &simulation{
		transfer: transfer, fate: fate,
		server: &modelServer{file: file, grants: func(Option) bool { return true }, interval: time.Second},
	}
}

// onTime is the fate of packets in a network that loses and disorders nothing.
func onTime() []time.Duration { return []time.Duration{time.Millisecond} }

// Over a network that loses, duplicates, delays and reorders packets, against a
// correct server, a transfer brings the very file or ends as a timeout, and each
// packet that it sends has its reason in a received packet or in the schedule.
func TestTransferOverBadNetwork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		options := device.TFTPOptions{
			BlockSize:  rapid.SampledFrom([]int{0, 8, 20, 1428}).Draw(t, "blksize"),
			WindowSize: rapid.SampledFrom([]int{0, 1, 2, 5, 16, 65535}).Draw(t, "windowsize"),
			Timeout:    time.Duration(rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "timeout")) * time.Second,
			Size:       rapid.Bool().Draw(t, "tsize"),
		}
		file := pattern(rapid.IntRange(0, 600).Draw(t, "size"))
		loss := rapid.IntRange(0, 50).Draw(t, "percent lost")
		twice := rapid.IntRange(0, 30).Draw(t, "percent duplicated")
		slowest := rapid.SampledFrom([]int{1, 200, 3000}).Draw(t, "longest delay in ms")
		s := start(t, file, options, func() (delays []time.Duration) {
			copies := 1
			switch luck := rapid.IntRange(0, 99).Draw(t, "luck"); {
			case luck < loss:
				copies = 0
			case luck >= 100-twice:
				copies = 2
			}
			for range copies {
				delays = append(delays, time.Duration(rapid.IntRange(1, slowest).Draw(t, "delay in ms"))*time.Millisecond)
			}
			return delays
		})
		s.server.interval = time.Duration(rapid.IntRange(300, 5000).Draw(t, "server's interval in ms")) * time.Millisecond
		refused := rapid.SampledFrom([]string{"", optBlksize, optTsize, optWindowsize, optTimeout}).Draw(t, "option not granted")
		s.server.grants = func(o Option) bool { return o.Name != refused }

		reply := s.run()

		switch reply.Outcome {
		case resync.None:
			if !bytes.Equal(reply.Body, file) {
				t.Fatalf("the body has %d bytes and differs from the file of %d", len(reply.Body), len(file))
			}
		case resync.Timeout:
			if loss+twice == 0 && slowest == 1 {
				t.Fatalf("timeout in a perfect network: %s", reply.Note)
			}
		default:
			t.Fatalf("outcome %v: %s, want the file or a timeout", reply.Outcome, reply.Note)
		}
		if s.sent > 1+s.received+s.ticks {
			t.Fatalf("%d packets sent for 1 start, %d received packets and %d ticks", s.sent, s.received, s.ticks)
		}
		if steps := int(s.transfer.blocks) + 2; s.ticks > steps*DefaultSchedule().Repeats {
			t.Fatalf("%d packets repeated for %d steps of progress, want at most %d for each", s.ticks, steps, DefaultSchedule().Repeats)
		}
	})
}

// In a network without faults exactly the packets that the RFCs name are sent,
// also where block numbers roll over from 65535 to 0.
func TestTransferOverGoodNetwork(t *testing.T) {
	for _, test := range []struct {
		size    int
		options device.TFTPOptions
		sent    int // request, ACK of an OACK, ACK of each window
	}{
		{0, device.TFTPOptions{}, 1 + 1},
		{511, device.TFTPOptions{}, 1 + 1},
		{512, device.TFTPOptions{}, 1 + 2},
		{513, device.TFTPOptions{}, 1 + 2},
		{1428, device.TFTPOptions{BlockSize: 1428}, 1 + 1 + 2},
		{16 * 100, device.TFTPOptions{BlockSize: 100, WindowSize: 8}, 1 + 1 + 3},
		{8 * 65535, device.TFTPOptions{BlockSize: 8}, 1 + 1 + 65536},
		{8*65536 + 5, device.TFTPOptions{BlockSize: 8}, 1 + 1 + 65537},
		{8 * 200000, device.TFTPOptions{BlockSize: 8, WindowSize: 7, Size: true}, 1 + 1 + 28572},
		{8 * 200000, device.TFTPOptions{BlockSize: 8, WindowSize: 65535}, 1 + 1 + 4},
	} {
		t.Run(fmt.Sprintf("%d bytes, %v", test.size, askFor(test.options)), func(t *testing.T) {
			file := pattern(test.size)
			s := start(t, file, test.options, onTime)
			reply := s.run()
			if reply.Outcome != resync.None || reply.Note != "" || !bytes.Equal(reply.Body, file) {
				t.Errorf("outcome %q, note %q, %d bytes, want the file", reply.Outcome, reply.Note, len(reply.Body))
			}
			if s.sent != test.sent {
				t.Errorf("%d packets sent, want %d", s.sent, test.sent)
			}
		})
	}
}

// One fault anywhere costs a few packets and does not go on for the rest of the
// transfer, as it would with the sorcerer's apprentice.
func TestOneFaultCostsLittle(t *testing.T) {
	const extra = 2 // packets of the transfer: a repeated one, and one for a gap or a second server session
	file := pattern(8 * 50)
	for _, window := range []int{1, 4} {
		options := device.TFTPOptions{BlockSize: 8, WindowSize: window}
		clean := start(t, file, options, onTime)
		clean.run()
		for fault, copies := range map[string]int{"lost": 0, "duplicated": 2} {
			for n := range clean.sent + clean.received {
				packets := 0
				s := start(t, file, options, func() []time.Duration {
					packets++
					if packets == n+1 {
						return slices.Repeat(onTime(), copies)
					}
					return onTime()
				})
				reply := s.run()
				if !bytes.Equal(reply.Body, file) {
					t.Errorf("windowsize %d, packet %d %s: %v %s, want the file", window, n, fault, reply.Outcome, reply.Note)
				}
				if s.sent > clean.sent+extra || s.received > clean.received+extra*(window+1) {
					t.Errorf("windowsize %d, packet %d %s: %d packets sent and %d received, want about %d and %d",
						window, n, fault, s.sent, s.received, clean.sent, clean.received)
				}
			}
		}
	}
}
