package device

import (
	"errors"
	"fmt"
	"time"

	"provsim/profile"
	"provsim/resync"
)

// Frozen is all that a device is beside its identity and its model, so that it
// can go on in another process. What is shared among devices stays shared.
type Frozen struct {
	Stored *Stored
	// InForce are the settings that the firmware was booted with. They are others
	// than the stored ones where a person has saved some since (FV-RS-12).
	InForce profile.Config
	Machine resync.Machine // of a device that is down: the zero Machine
	Lease   Lease
	UpAt    time.Duration // when the firmware starts, as in [Device.SwitchOn] or after a reboot; else Never
	Lines   uint8         // a bit for each active line

	// Counters on which random draws and the journal depend.
	Boots, Transfer, Seq uint32
}

// Freeze returns the device as it is at an instant. A job that is under way, or
// whose result is not stored yet, is due anew: its transfer cannot be taken along.
// Nothing else is lost. The device goes on as if it had not been asked.
func (d *Device) Freeze(now time.Duration) Frozen {
	f := Frozen{
		Stored: d.stored, Machine: d.machine.Interrupted(now, !d.lease.IsZero()), Lease: d.lease, UpAt: d.upAt, Lines: d.lines,
		Boots: d.boots, Transfer: d.transfer, Seq: d.seq,
	}
	if d.firmware != nil {
		f.InForce = d.firmware.Config()
	}
	return f
}

// Thaw makes d the device that was frozen. The model, the product and the
// address must be those that it had. The error says what contradicts itself in f,
// and d is then unchanged.
func (d *Device) Thaw(m *Model, p *Product, mac MAC, f *Frozen) error {
	status := f.Machine.Status()
	switch {
	case f.Stored == nil:
		return errors.New("frozen device: found no memory, want one")
	case status.Running != resync.NoJob:
		return fmt.Errorf("frozen device: found a %v under way, want none", status.Running)
	case status.On && f.UpAt != resync.Never:
		return errors.New("frozen device: found one that is up and starts later, want one of them")
	case f.Lines >= 1<<Lines || status.InCall != (f.Lines != 0):
		return fmt.Errorf("frozen device: found the active lines %b, which the rest contradicts", f.Lines)
	case f.UpAt < 0:
		return fmt.Errorf("frozen device: found a start at %v, want an instant from 0 on", f.UpAt)
	}
	d.Init(m, p, mac, f.Stored)
	d.machine, d.lease, d.upAt, d.lines = f.Machine, f.Lease, f.UpAt, f.Lines
	d.boots, d.transfer, d.seq = f.Boots, f.Transfer, f.Seq
	if status.On {
		d.firmware = m.Memo.boot(m, p.Name, f.InForce)
		d.machine.Resume(d.firmware.Timers())
	}
	return nil
}
