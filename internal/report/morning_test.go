package report_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/resync"
)

// morning is a run in which power comes back to all phones at once, and the
// server's buffer is too small for it. Period by period they come back, and
// in the second one site of four is banned.
type morning struct {
	devices int
	shards  int
	seed    uint64
	run     tally.Run
}

const period = 10 * time.Minute

func newMorning(devices, shards int) *morning {
	return &morning{devices: devices, shards: shards, seed: 7, run: tally.Run{
		Scenario: "tftp-morning", Digest: "sha256:5eed", Seed: 7, Shards: shards, Virtual: true, Version: "v0.3.0",
		Target: "tftp://192.168.1.10", Machine: tally.Host{OS: "linux", Arch: "amd64", CPUs: 2, Go: "go1.26.8"},
	}}
}

// totals tells the story of one shard.
func (m *morning) totals(t testing.TB, shard int) *tally.Totals {
	const duration = 4 * period
	c := tally.Config{
		Devices:  (m.devices - shard + m.shards - 1) / m.shards,
		Index:    func(a device.MAC) int { return (int(a[4])<<8 | int(a[5])) / m.shards },
		Duration: duration, Sites: 4,
		Site:    func(i int) int { return (i*m.shards + shard) % 4 },
		Address: func(site int) string { return fmt.Sprintf("203.0.113.%d", site+1) },
		Kinds:   []tally.Kind{{Vendor: "yealink", Product: "T46S"}, {Vendor: "yealink", Product: "T48S"}, {Vendor: "snom", Product: "D785"}, {Vendor: "snom", Product: "D715"}},
		Kind:    func(i int) int { return (i*m.shards + shard) % 4 },
	}
	one := tally.New(c)
	one.Mark(tally.Mark{Kind: tally.Start, Name: "power comes back", Period: tally.Seconds(period)})
	one.Mark(tally.Mark{At: tally.Seconds(2 * period), Kind: tally.Other, Name: "a new version <b>"})
	for i := shard; i < m.devices; i += m.shards {
		m.life(t, one, i)
	}
	one.Serve(tally.ModelledServer{Workers: 4, Served: uint64(m.devices) * 4, Dropped: 900, Buffer: 256, BufferNeeded: m.devices, PeakQueue: 256, Busy: tally.Seconds(time.Minute)})
	for at := time.Duration(0); at < 20*time.Second; at += time.Second {
		one.Queue(30*time.Second+at, max(0, 256-12*int(at/time.Second)))
	}
	one.End(duration)
	return one.Totals()
}

// life is that of one phone, which depends only on the seed and itself.
func (m *morning) life(t testing.TB, one *tally.Tally, i int) {
	draw := rand.New(rand.NewPCG(m.seed, uint64(i)))
	add := func(at time.Duration, e device.Event) {
		r := &journal.Record{T: at, Device: device.MAC{0, 0x21, 0xf2, 0, byte(i >> 8), byte(i)}, Event: e}
		if err := one.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	add(0, device.Event{Kind: device.Booted, Cause: resync.PowerOn})
	add(30*time.Second, device.Event{Kind: device.Leased, Job: resync.DHCP})
	due := 30*time.Second + time.Duration(draw.Int64N(int64(2*time.Second)))
	for n := 0; n < 4; n++ {
		done := device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Unchanged, Bytes: 2048, Tries: 1}
		if n == 0 {
			done.Outcome = resync.Applied
		}
		for draw.IntN(3) == 0 && done.Tries < 5 {
			done.Tries++
		}
		done.Took = time.Duration(1+draw.Int64N(int64(400*time.Millisecond))) + time.Duration(done.Tries-1)*4*time.Second
		switch {
		case i%4 == 3 && n == 2:
			done.Outcome, done.Bytes, done.Took = resync.Timeout, 0, 25*time.Second
		case done.Tries == 5:
			done.Outcome, done.Bytes = resync.Timeout, 512
		}
		add(due, device.Event{Kind: device.ResyncDue, Job: resync.Resync, Due: due})
		add(due, device.Event{Kind: device.ResyncStart, Job: resync.Resync, Due: due})
		add(due+done.Took, done)
		due += done.Took + period
	}
}

// results are those of the whole run.
func (m *morning) results(t testing.TB, expressions ...string) *report.Results {
	return report.New(m.run, m.totals(t, 0), thresholds(t, expressions...))
}

// shard are the results of one shard.
func (m *morning) shard(t testing.TB, number int, expressions ...string) *report.Results {
	run := m.run
	run.Shard = number
	return report.New(run, m.totals(t, number), thresholds(t, expressions...))
}

func thresholds(t testing.TB, expressions ...string) (all []tally.Threshold) {
	t.Helper()
	for _, e := range expressions {
		th, err := tally.ParseThreshold(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, th)
	}
	return all
}
