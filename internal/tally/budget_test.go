package tally

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// A million phones are remembered in 24 MB.
func TestPhoneIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(phone{}); size > 24 {
		t.Errorf("a phone takes up %d bytes, want at most 24", size)
	}
}

// day is a phone's resync, record by record, over and over.
func day(devices int) (*Tally, func()) {
	t := New(Config{
		Devices: devices, Duration: 24 * time.Hour, Sites: 100, Site: func(i int) int { return i % 100 },
		Index: func(m device.MAC) int { return int(m[3])<<16 | int(m[4])<<8 | int(m[5]) },
	})
	records := []journal.Record{
		{Event: device.Event{Kind: device.ResyncDue, Job: resync.Resync}},
		{Event: device.Event{Kind: device.ResyncStart, Job: resync.Resync}},
		{Event: device.Event{Kind: device.ResyncDone, Job: resync.Resync, Outcome: resync.Unchanged, Bytes: 2048, Took: time.Millisecond}},
	}
	n := 0
	return t, func() {
		r := &records[n%len(records)]
		i := n / len(records) * 7919 % devices
		r.Device = device.MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)}
		r.T = time.Duration(n) * time.Microsecond % (24 * time.Hour)
		r.Due = r.T
		if err := t.Add(r); err != nil {
			panic(err)
		}
		n++
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	_, next := day(1000)
	for range 100 {
		next() // the first of an outcome makes its histogram
	}
	if n := testing.AllocsPerRun(10_000, next); n != 0 {
		t.Errorf("%v allocations a record, want none", n)
	}
}

// A run that cuts the power each minute has a wave each minute, each with a histogram.
func TestHistogramOfAWaveIsSmall(t *testing.T) {
	const waves, phones, most = 100, 2000, 32 << 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var all [waves]Histogram
	for i := range all {
		for n := range phones {
			all[i].Record(time.Second + time.Duration(n%500)*10*time.Millisecond)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / waves; all[waves-1].Count() != phones || each > most {
		t.Errorf("a histogram of %d phones took %d bytes, want at most %d", all[waves-1].Count(), each, most)
	}
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	_, next := day(1_000_000)
	for b.Loop() {
		next()
	}
}

func BenchmarkSnapshot(b *testing.B) {
	b.ReportAllocs()
	t, next := day(100_000)
	for range 300_000 {
		next()
	}
	for b.Loop() {
		t.Snapshot(0)
	}
}
