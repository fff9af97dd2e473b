package bench

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/egress"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/internal/journal"
	"provsim/internal/limits"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/resync"
)

// A phoneLoad is phones with their real fetchers and a journal: parallel transfers
// in a closed loop.
type phoneLoad struct {
	rule     string // the phones' Profile Rule
	parallel int
	length   time.Duration
	burst    bool   // each phone once, all at the same time, until the last is done
	certs    string // directory of the certificates; empty: none are needed
}

// fleetVersion is in the phones' memory and in the file: the whole job is done,
// and ends with the version gate (FV-CFG-3), not with a reboot.
const fleetVersion = "2208"

// quietPhone are settings of a phone that resyncs only when it is asked to.
const quietPhone = `DBID_PRV_OPTION66_ENABLED=0
DBID_PROFILE_RULE=%s
DBID_RESYNC_ON_RESET=0
DBID_RESYNC_PERIODIC=0
DBID_RESYNC_ERROR_RETRY_DELAY=0
`

func (l phoneLoad) run(b *testing.B) {
	// A phone that is asked while it is busy does nothing more (FV-RS-9), so some
	// must always be idle.
	phones := max(2000, 4*l.parallel)
	if l.burst {
		phones = l.parallel
	}
	file, err := os.Create(filepath.Join(b.TempDir(), "journal"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<16)
	loop := &closedLoop{sink: journal.NewJSON(out), once: l.burst, idle: make(chan int, phones)}
	sockets := &egress.Dialer{}
	w := &web.Client{DialContext: sockets.DialContext}
	epoch := time.Now()
	loop.driver = run.New(run.Config{
		Clock:   sched.NewReal(epoch),
		Network: run.Wire{"tftp": tftp.Client{Listen: sockets.Listen}, "http": w, "https": w},
		Journal: loop,
		Stop:    func(*device.Device) bool { return l.burst && loop.done+loop.failed == phones },
		Epoch:   epoch,
		Lease:   func(int, *device.Device) device.Lease { return device.Lease{Addr: netip.IPv6Loopback()} },
	}, l.devices(b, phones))
	for i := range phones {
		loop.driver.Tell(i, device.Input{Kind: device.PowerOn})
		loop.idle <- i
	}
	for range l.parallel {
		loop.next()
	}
	measureLoad(b, func() (done, failed int, why string) {
		if err := loop.driver.Run(b.Context(), l.length); err != nil {
			b.Fatal(err)
		}
		return loop.done, loop.failed, loop.why
	})
}

// measureLoad reports how many transfers a second a load within this process
// does, and how much processor time each takes.
func measureLoad(b *testing.B, load func() (done, failed int, why string)) {
	// As the command does for a server on its machine, and for fewer than 100,000 devices.
	defer limits.LeaveCore()()
	defer debug.SetGCPercent(debug.SetGCPercent(200))
	runtime.GC()
	before, start := processorTime(b), time.Now()
	done, failed, why := load()
	took, used := time.Since(start), processorTime(b)-before
	if done == 0 || failed > 0 {
		b.Fatalf("%d transfers done, %d failed: %s", done, failed, why)
	}
	report(b, figure{float64(done) / took.Seconds(), "files/s"}, figure{used.Seconds() / float64(done), "cpu-sec/file"})
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// devices makes the phones, whose memory holds the file's version already.
func (l phoneLoad) devices(b *testing.B, phones int) []device.Device {
	model := device.NewModel(vendors.Default(), encrypt.Ciphers()[0])
	model.Seed, model.Timeout, model.Memo = 1, 30*time.Second, device.NewMemo()
	settings, err := vendors.Default().Parse(fmt.Appendf(nil, quietPhone, l.rule))
	if err != nil {
		b.Fatal(err)
	}
	all := make([]device.Device, phones)
	for i := range all {
		stored := &device.Stored{Version: fleetVersion, Config: settings}
		id := vendors.Default().Shipped
		id.MAC = device.MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)}
		if l.certs != "" {
			number := strconv.Itoa(i % certificates)
			stored.Certificates = &device.Certificates{CA: l.read(b, "ca.crt"), Cert: l.read(b, number+".crt"), Key: l.read(b, number+".key")}
		}
		all[i] = *device.New(model, id, stored)
	}
	return all
}

func (l phoneLoad) read(b *testing.B, name string) []byte {
	text, err := os.ReadFile(filepath.Join(l.certs, name))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// closedLoop is a sink that asks for the next resync when one ends. The phones
// take turns: the one whose resync ended last is asked last.
type closedLoop struct {
	sink         journal.Sink
	driver       *run.Driver
	idle         chan int // phones that are not asked; it has room for all of them
	once         bool     // no phone is asked again
	done, failed int
	why          string // a failure
}

func (c *closedLoop) Add(r *journal.Record) error {
	if r.Kind == device.ResyncDone {
		if r.Outcome == resync.Unchanged {
			c.done++
		} else {
			c.failed++
			c.why = fmt.Sprintf("%v %q", r.Outcome, r.Note)
		}
		if !c.once {
			c.idle <- int(r.Number)
			c.next()
		}
	}
	return c.sink.Add(r)
}

func (c *closedLoop) next() {
	c.driver.Tell(<-c.idle, device.Input{Kind: device.AskResync, Cause: resync.Person})
}
