package run

import (
	"runtime"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/sched"
	"provsim/resync"
)

// switchedOn returns a driver whose devices get power at the instant 0.
func switchedOn(n int) *Driver {
	d := New(Config{Clock: &sched.Virtual{}, Network: newPrompt(), Journal: &counter{}, Lease: ownLease}, fleet(n))
	for i := range n {
		d.SwitchOn(i, 0)
	}
	return d
}

// A fleet that resyncs each hour makes no garbage.
func TestCyclesAllocateNothing(t *testing.T) {
	const devices = 1000
	d := switchedOn(devices)
	until := 3 * time.Hour // all have applied the file, and all lists are as long as they get
	if err := d.Run(t.Context(), until); err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(5, func() {
		until += time.Hour
		if err := d.Run(t.Context(), until); err != nil {
			t.Fatal(err)
		}
	})
	if perCycle := allocs / devices; perCycle > 0.05 {
		t.Errorf("%.3f allocations a cycle, want at most 0.05", perCycle)
	}
}

// What a device takes in all, its wake-up and its URL included.
func TestBytesPerDevice(t *testing.T) {
	const devices, most = 10_000, 370
	before := heap()
	d := switchedOn(devices)
	if err := d.Run(t.Context(), 3*time.Hour); err != nil {
		t.Fatal(err)
	}
	if each := (heap() - before) / devices; each > most {
		t.Errorf("%d bytes a device, want at most %d", each, most)
	}
	runtime.KeepAlive(d)
}

// heap returns the bytes in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Devices that share what they can share it in fact.
func TestEqualMemoriesAreOne(t *testing.T) {
	d := switchedOn(100)
	if err := d.Run(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	stored := map[*device.Stored]bool{}
	for i := range d.devices {
		stored[d.devices[i].Stored()] = true
	}
	if s := d.devices[0].Stored(); len(stored) != 1 || s.Version != "2208" || s.Cause != resync.NoCause {
		t.Errorf("100 devices have %d memories, the first of version %q, want one of 2208", len(stored), s.Version)
	}
}
