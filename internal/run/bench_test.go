package run

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/sched"
	"provsim/profile"
)

// counter is a sink that counts.
type counter struct{ records, cycles int }

func (c *counter) Add(r *journal.Record) error {
	c.records++
	if r.Kind == device.ResyncDone {
		c.cycles++
	}
	return nil
}

// prompt models a server that answers all with the same file after 4 ms.
type prompt struct{ reply device.Reply }

func (p *prompt) Start(_ time.Duration, _ *device.Request, d Delivery) {
	d.After(4*time.Millisecond, &p.reply)
}

// newPrompt returns a server with a file of 2 KB that changes a phone's rule.
func newPrompt() *prompt {
	var b strings.Builder
	b.WriteString("DBID_DBASE_VERSION=2208\nDBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=http://prov.example.com/$MA.conf\n")
	for i := 0; b.Len() < 2000; i++ {
		fmt.Fprintf(&b, "DBID_SOME_SETTING_%d=192.168.10.%d\n", i, i%256)
	}
	return &prompt{device.Reply{Body: []byte(b.String()), Bytes: int64(b.Len())}}
}

// fleet returns new devices, which share what they can.
func fleet(n int) []device.Device {
	m := device.NewModel(vendors.Default(), encrypt.Ciphers()[0])
	m.Seed, m.Memo = 1, device.NewMemo()
	shipped := m.Personality.Shipped
	mk := &device.Product{Name: shipped.Product, Hardware: shipped.Hardware, Software: shipped.Software}
	devices := make([]device.Device, n)
	for i := range devices {
		var mac [8]byte
		binary.BigEndian.PutUint64(mac[:], 0x0021f2000000+uint64(i))
		devices[i].Init(m, mk, device.MAC(mac[2:]), nil)
	}
	return devices
}

var serverOffer = device.TextOffer(66, "192.0.2.1")

// ownLease gives each device an address of its own.
func ownLease(i int, _ *device.Device) device.Lease {
	return device.Lease{Addr: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), Offer: serverOffer}
}

// BenchmarkVirtualDay is a power cut's end and the day after it: all phones are
// switched on at once, new, and resync each hour. A million phones are only run
// where PROVSIM_MILLION is set.
func BenchmarkVirtualDay(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n == 1_000_000 && os.Getenv("PROVSIM_MILLION") == "" {
				b.Skip("PROVSIM_MILLION is not set")
			}
			b.ReportAllocs()
			cycles, before := 0, processorTime()
			for b.Loop() {
				sink := &counter{}
				d := New(Config{Clock: &sched.Virtual{}, Network: newPrompt(), Journal: sink, Lease: ownLease}, fleet(n))
				for i := range n {
					d.SwitchOn(i, 0)
				}
				if err := d.Run(b.Context(), 24*time.Hour); err != nil {
					b.Fatal(err)
				}
				cycles += sink.cycles
			}
			b.ReportMetric(float64(b.Elapsed())/float64(cycles), "ns/cycle")
			b.ReportMetric(float64(processorTime()-before)/float64(cycles), "cpu-ns/cycle")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkIdle is a million phones on the wall clock that have booted and wait
// for a timer of an hour: how long it takes until they do, and how much of a core
// they take while nothing is due. It needs PROVSIM_MILLION, too.
func BenchmarkIdle(b *testing.B) {
	if os.Getenv("PROVSIM_MILLION") == "" {
		b.Skip("PROVSIM_MILLION is not set")
	}
	const n, rest = 1_000_000, 3 * time.Second
	config, err := profile.Config{}.With("DBID_RESYNC_ON_RESET", "0")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		start, leased := time.Now(), 0
		devices := fleet(n)
		m, mk := devices[0].Model(), devices[0].Product()
		m.Epoch = start
		stored := &device.Stored{Config: config}
		var d *Driver
		var ready, busy, idle time.Duration
		d = New(Config{
			Clock: sched.NewReal(start), Network: newPrompt(), Epoch: start, Lease: ownLease,
			Journal: sinkFunc(func(r *journal.Record) error {
				if r.Kind == device.Leased {
					leased++
				}
				if r.Kind != device.Leased || leased < n {
					return nil
				}
				ready, busy = time.Since(start), processorTime()
				d.Do(ready+rest, func(time.Duration) { idle = processorTime() - busy })
				return nil
			}),
		}, devices)
		for i := range n {
			devices[i].Init(m, mk, devices[i].MAC(), stored)
			d.SwitchOn(i, 0)
		}
		if err := d.Run(b.Context(), 20*time.Second); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ready.Seconds(), "s-until-ready")
		b.ReportMetric(100*idle.Seconds()/rest.Seconds(), "%core-idle")
		b.ReportMetric(0, "ns/op")
	}
}
