package device

import "provsim/resync"

// Rehearsal returns a device of a model that is up and has a lease, for previews,
// checks and tests that want to know what it would do. It shares no memo with the
// model's other devices.
func Rehearsal(m *Model, id Identity, stored *Stored, lease Lease) *Device {
	own := *m
	own.Memo = nil
	d := New(&own, id, stored)
	d.Step(&Input{Kind: PowerOn}, nil)
	d.Step(&Input{Kind: GotLease, Lease: lease}, nil)
	return d
}

// Talk plays one job as the device would do it now, without timers, and changes
// nothing of the device. Ask answers each move that has a request; a nil reply ends
// the job there. Talk returns the latest move. The device must be up, and one
// goroutine at a time may call Talk.
func (d *Device) Talk(job resync.Job, ask func(*Move) *Reply) Move {
	own := *d
	own.job, own.stage, own.draft = job, 0, nil
	m := own.firmware.Next(&own, job, nil)
	for m.Outcome == resync.None {
		own.stage, own.draft, own.url = m.Stage, m.Draft, m.URL
		if m.Request == nil { // a pause
			m = own.firmware.Next(&own, job, nil)
			continue
		}
		r := ask(m)
		if r == nil {
			break
		}
		m = own.firmware.Next(&own, job, r)
	}
	return *m
}

// FirstMove returns the device's first move in a job. Its request is valid until the
// next call of FirstMove or Talk.
func (d *Device) FirstMove(job resync.Job) Move {
	return d.Talk(job, func(*Move) *Reply { return nil })
}

// Kept returns what the device would have stored when a job has ended with a move of a
// [Device.Talk], and changes nothing of the device, which must be up.
func (d *Device) Kept(m *Move) Stored {
	if m.Draft == nil || m.Outcome != resync.Applied && !m.Keep {
		return *d.stored
	}
	s, _ := d.firmware.Commit(m.Draft, *d.stored)
	return s
}

// Judge returns what the device would make of an image that a person uploads, and
// changes nothing of the device, which must be up.
func (d *Device) Judge(image *Reply) Ending {
	own := *d
	own.job, own.stage, own.draft = resync.NoJob, 0, nil
	return own.firmware.Next(&own, resync.Upgrade, image).Ending
}

// Timers returns when the device does its jobs. The device must be up.
func (d *Device) Timers() *resync.Settings { return d.firmware.Timers() }
