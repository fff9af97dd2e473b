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
	*shared
	stored   *Stored
	firmware *bootedFirmware // nil without power and during a reboot
	upAt     time.Duration   // when the firmware starts: the end of a reboot, or a start that was asked for; else Never
	machine  resync.Machine
	lease    Lease

	began time.Duration // when the running job did
	asked time.Duration // when the transfer in flight did; while the job pauses, when it goes on
	url   string        // of the latest transfer
	draft *Draft        // what the running job has brought so far

	boots    uint32
	transfer uint32 // the number of the transfer in flight or ended last
	seq      uint32 // the number of the latest journal effect
	mac      MAC
	job      resync.Job // the job that has started and not ended
	lines    uint8      // a bit for each active line
	stage    uint8      // of the running job's conversation
	method   Method     // of the transfer in flight
	class    Class      // of the transfer in flight
	pauses   bool       // the job waits between two transfers
	waits    bool       // the running job pauses until the network answers
	steady   resync.Job // see Repeats
}

// shared is what a device has in common with others, behind one pointer.
type shared struct {
	model   *Model
	product *Product
}

// bootedFirmware is firmware behind one pointer, which is half an interface.
type bootedFirmware struct{ Firmware }

// New returns a device without power. A nil memory is that of a new device.
func New(m *Model, id Identity, stored *Stored) *Device {
	d := &Device{}
	d.Init(m, &Product{
		Name: id.Product, Hardware: id.Hardware, Software: id.Software,
		Serial: func(MAC) string { return id.Serial },
	}, id.MAC, stored)
	return d
}

// Init makes d a device without power. Devices may share model, product and memory;
// a nil memory is that of a new device.
func (d *Device) Init(m *Model, p *Product, mac MAC, stored *Stored) {
	if stored == nil {
		stored = m.Memo.keep(Stored{})
	}
	*d = Device{shared: m.Memo.shared(m, p), mac: mac, stored: stored, upAt: resync.Never}
}

// Model returns what the device has in common with others.
func (d *Device) Model() *Model { return d.model }

// MAC returns the device's hardware address.
func (d *Device) MAC() MAC { return d.mac }

// Product returns what the device has in common with others of its product.
func (d *Device) Product() *Product { return d.product }

// Software returns the version that the device runs now.
func (d *Device) Software() string {
	if d.stored.Software != "" {
		return d.stored.Software
	}
	return d.product.Software
}

// Serial returns the serial number.
func (d *Device) Serial() string {
	if d.product.Serial != nil {
		return d.product.Serial(d.mac)
	}
	return d.model.Personality.Serial(d.mac)
}

// Identity returns who the device is, with the software that it runs now.
func (d *Device) Identity() Identity {
	return Identity{
		MAC: d.mac, Product: d.product.Name, Serial: d.Serial(), Hardware: d.product.Hardware, Software: d.Software(),
	}
}

// Stored returns the device's memory. The caller must not change it.
func (d *Device) Stored() *Stored { return d.stored }

// URL returns where the latest transfer went; "" before the first transfer.
func (d *Device) URL() string { return d.url }

// Repeats reports whether URL is where a job went first when it ran last, and the
// lease, the software and the settings in force are still those of then.
func (d *Device) Repeats(job resync.Job) bool { return d.steady == job && d.url != "" }

// Asked returns when the latest transfer began, since the run began.
func (d *Device) Asked() time.Duration { return d.asked }

// Stage returns the step that the running job has reached: the [Move].Stage of the
// firmware's latest move, and 0 before the first. Only the firmware knows what the
// number stands for.
func (d *Device) Stage() uint8 { return d.stage }

// Draft returns what the running job has brought so far.
func (d *Device) Draft() *Draft { return d.draft }

// Cause returns why the running resync, or the latest one, fell due.
func (d *Device) Cause() resync.Cause { return d.CauseOf(resync.Resync) }

// CauseOf returns why a job, which runs or was the latest of its kind, fell due.
func (d *Device) CauseOf(job resync.Job) resync.Cause { return d.machine.Cause(job) }

// Began returns when the running job started, since the run began.
func (d *Device) Began() time.Duration { return d.began }

// Nonce returns 64 random bits that are the device's own until its next transfer.
func (d *Device) Nonce() uint64 { return draw(d.model.Seed, d.mac, drawNonce, d.transfer) }

// Free reports whether the device has an address and does nothing.
func (d *Device) Free() bool { return d.firmware != nil && d.job == resync.NoJob && d.machine.Free() }

// Lease returns what the network gave the device.
func (d *Device) Lease() Lease { return d.lease }

// Deadline returns the instant by which the device wants a Tick, or
// resync.Never.
func (d *Device) Deadline() time.Duration {
	next := min(d.upAt, d.machine.Deadline())
	if d.pauses {
		next = min(next, d.asked)
	}
	return next
}

// Status returns what the device does or waits for.
func (d *Device) Status() Status {
	s := Status{Status: d.machine.Status(), Identity: d.Identity(), Addr: d.lease.Addr, RebootEnds: d.upAt, Stored: d.stored}
	s.Provision = d.firmware != nil && d.firmware.Timers().On(resync.Resync)
	for i := range s.Lines {
		s.Lines[i] = d.lines>>i&1 != 0
	}
	return s
}
