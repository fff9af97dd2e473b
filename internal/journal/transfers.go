package journal

import (
	"time"

	"provsim/device"
	"provsim/resync"
)

// Transfer is one transfer of a job, its last one included.
type Transfer struct {
	Class    device.Class
	Outcome  resync.Outcome // None: it brought what the job goes on with
	Expected bool           // it failed, which is the vendor's normal case
	Took     time.Duration
	Bytes    int64
}

// Failed reports whether the transfer failed, as expected or not.
func (t *Transfer) Failed() bool { return t.Outcome != resync.None && !t.Outcome.Success() }

// Transfers finds the transfers in a journal. Each reply that does not end its job has a
// record of its own; the record of the job's end reports the one that does. The zero
// Transfers is ready.
type Transfers struct {
	// last is when the latest reply came to a device whose job goes on.
	last  map[device.MAC]time.Duration
	found Transfer
}

// Of returns the transfer that a record reports, which is valid until the next call. It
// returns nil for a record of something else, and for a job that ended without a request.
func (x *Transfers) Of(r *Record) *Transfer {
	class := r.Class
	switch r.Kind {
	case device.Transferred:
		if x.last == nil {
			x.last = map[device.MAC]time.Duration{}
		}
		x.last[r.Device] = r.T
		return x.transfer(r, class, r.Took)
	case device.ResyncStart, device.UpgradeStart, device.KeepAliveStart:
		x.Begin(r.Device)
		return nil
	case device.ResyncDone:
	case device.UpgradeDone:
		class = device.ImageClass
	case device.KeepAliveDone:
		class = device.StatusClass
	default:
		return nil
	}
	took := r.Took
	if len(x.last) > 0 {
		if at, several := x.last[r.Device]; several {
			took = r.T - at
			x.Begin(r.Device)
		}
	}
	if r.Outcome == resync.NoServer || r.Outcome == resync.BadRule || r.Outcome == resync.HTTPSUpgrade && r.Took <= 0 {
		return nil // it has asked no server
	}
	return x.transfer(r, class, took)
}

func (x *Transfers) transfer(r *Record, class device.Class, took time.Duration) *Transfer {
	t := &x.found
	t.Class, t.Outcome, t.Expected, t.Took, t.Bytes = class, r.Outcome, r.Expected, took, max(r.Bytes, 0)
	return t
}

// Begin says that a device's next transfer is the first one of a job: what came before
// may have ended without a record, as by a power cut.
func (x *Transfers) Begin(m device.MAC) {
	if len(x.last) > 0 {
		delete(x.last, m)
	}
}

// Last returns when the latest reply came to each device whose job goes on, for
// [Transfers.Resume]. The caller may keep the map, and change nothing in it.
func (x *Transfers) Last() map[device.MAC]time.Duration { return x.last }

// Resume goes on from what Last has returned.
func (x *Transfers) Resume(last map[device.MAC]time.Duration) { x.last = last }
