package device

import (
	"time"

	"provsim/resync"
)

// Device is one simulated phone. A fleet keeps them in one slice, each by value.
//
// Its size is that of three lines of a processor's memory. With a million devices
// a step takes about as long as it takes to fetch them.
type Device struct {
	*kind
	stored   *Stored
	firmware *booted       // nil without power and during a reboot
	upAt     time.Duration // when the firmware starts: the end of a reboot, or a start that was asked for; else Never
	machine  resync.Machine
	lease    Lease

	began   time.Duration // when the running job did
	url     string        // of the latest job; kept, because the next one mostly has the same
	verdict *Verdict      // where the running job has ended and waits to be stored

	boots    uint32
	transfer uint32 // the number of the transfer in flight or ended last
	seq      uint32 // the number of the latest journal effect
	mac      MAC
	job      resync.Job // the job that has started and not ended
	lines    uint8      // a bit for each active line
	same     bool       // since the latest job, a resync, neither lease nor settings have changed
}

// kind is what a device has in common with others, behind one pointer.
type kind struct {
	model *Model
	make  *Make
}

// booted is firmware behind one pointer, which is half an interface.
type booted struct{ Firmware }

// New returns a device without power. A nil memory is that of a new device.
func New(m *Model, id Identity, stored *Stored) *Device {
	d := &Device{}
	d.Init(m, &Make{
		Product: id.Product, Hardware: id.Hardware, Software: id.Software,
		Serial: func(MAC) string { return id.Serial },
	}, id.MAC, stored)
	return d
}

// Init makes d a device without power. Devices may share model, make and memory;
// a nil memory is that of a new device.
func (d *Device) Init(m *Model, mk *Make, mac MAC, stored *Stored) {
	if stored == nil {
		stored = m.Memo.keep(Stored{})
	}
	*d = Device{kind: m.Memo.kind(m, mk), mac: mac, stored: stored, upAt: resync.Never}
}

// Model returns what the device has in common with others.
func (d *Device) Model() *Model { return d.model }

// MAC returns the device's hardware address.
func (d *Device) MAC() MAC { return d.mac }

// Make returns what the device has in common with others of its product.
func (d *Device) Make() *Make { return d.make }

// Software returns the version that the device runs now.
func (d *Device) Software() string {
	if d.stored.Software != "" {
		return d.stored.Software
	}
	return d.make.Software
}

// Serial returns the serial number.
func (d *Device) Serial() string {
	if d.make.Serial != nil {
		return d.make.Serial(d.mac)
	}
	return d.model.Personality.Serial(d.mac)
}

// Identity returns who the device is, with the software that it runs now.
func (d *Device) Identity() Identity {
	return Identity{
		MAC: d.mac, Product: d.make.Product, Serial: d.Serial(), Hardware: d.make.Hardware, Software: d.Software(),
	}
}

// Stored returns the device's memory. The caller must not change it.
func (d *Device) Stored() *Stored { return d.stored }

// URL returns where the latest job went, or "" where there was none or it went
// nowhere.
func (d *Device) URL() string { return d.url }

// Repeats reports whether the latest job was a resync, and neither the lease nor
// the settings in force have changed since: the next resync asks for the same.
func (d *Device) Repeats() bool { return d.same }

// Lease returns what the network gave the device.
func (d *Device) Lease() Lease { return d.lease }

// Option66 returns that of the lease.
func (d *Device) Option66() string { return d.lease.Option66 }

// Deadline returns the instant by which the device wants a Tick, or
// resync.Never.
func (d *Device) Deadline() time.Duration { return min(d.upAt, d.machine.Deadline()) }

// Status returns what the device does or waits for.
func (d *Device) Status() Status {
	s := Status{Status: d.machine.Status(), Identity: d.Identity(), Addr: d.lease.Addr, RebootEnds: d.upAt, Stored: d.stored}
	s.Provision = d.firmware != nil && d.firmware.Timers().Provision
	for i := range s.Lines {
		s.Lines[i] = d.lines>>i&1 != 0
	}
	return s
}

// Touch reads a little of all that a step reads of the device, and changes
// nothing. A processor fetches the memory of many devices at once where they are
// touched one right after the other; the result is of no use but to be kept, so
// that the reading is done.
func (d *Device) Touch() int {
	return int(d.upAt) + len(d.lease.Option66) + int(d.transfer)
}
