package tally

import (
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/journal"
)

// MaxDuration is the longest run that can be tallied. It bounds the memory that
// a damaged journal can ask for.
const MaxDuration = 31 * 24 * time.Hour

// Tally is a sink that counts. Make one with [New]. One goroutine at a time
// uses it.
type Tally struct {
	config  Config
	phones  []phone
	states  [NumStates]int
	resyncs uint64 // that have started
	// provisioned counts the devices whose latest job succeeded since their power
	// came, and that have a configuration.
	provisioned int
	at          time.Duration

	transfers journal.Transfers

	powerWave  uint16 // the wave of phones whose power comes now
	outageWave uint16 // the wave of the latest outage's end

	totals Totals
}

// New returns a tally of devices that are all without power, in the wave of
// [Start] at 0.
func New(c Config) *Tally {
	t := &Tally{config: c, phones: make([]phone, c.Devices), totals: newTotals(c)}
	for i := range t.phones {
		t.phones[i].flags = pending
	}
	t.states[Off] = c.Devices
	return t
}

// Add counts a record. Its error says that the record is of no device that the
// tally knows, of an instant outside 0 to [MaxDuration], or of no outcome of
// FV-OUT-1.
func (t *Tally) Add(r *journal.Record) error { return t.Count(t.config.Index(r.Device), r) }

// Count is [Tally.Add] with a record of the device that has the number i.
func (t *Tally) Count(i int, r *journal.Record) error {
	if uint(i) >= uint(len(t.phones)) || uint64(r.T) > uint64(MaxDuration) || int(r.Outcome) >= numOutcomes || int(r.Class) >= numClasses {
		return t.refused(i, r)
	}
	t.at = max(t.at, r.T)
	p := &t.phones[i]
	switch r.Kind {
	case device.Booted:
		t.booted(p, i, r)
	case device.Leased:
		t.leased(p, r)
	case device.ResyncDue, device.UpgradeDue:
		t.totals.lag.Record(r.T - r.Due)
	case device.ResyncWait:
		p.flags |= held
	case device.ResyncStart, device.UpgradeStart:
		t.transfers.Begin(r.Device)
		t.started(p, r)
	case device.ResyncDone, device.UpgradeDone:
		t.transferred(i, r)
		t.ended(p, i, r)
	case device.KeepAliveStart:
		t.transfers.Begin(r.Device)
	case device.KeepAliveDone:
		t.transferred(i, r)
		t.totals.count(r, r.Took)
	case device.Transferred:
		t.transferred(i, r)
		t.totals.sites.count(t.config, i, r)
	case device.Rebooting:
		t.become(p, Booting, r.T)
	}
	return nil
}

// transferred counts the transfer of a record of a job, if it reports one. How long
// one took that this machine failed says nothing about the server.
func (t *Tally) transferred(i int, r *journal.Record) {
	transfer := t.transfers.Of(r)
	if transfer == nil {
		return
	}
	t.totals.Transfers.count(transfer)
	if p := t.product(i); p != nil {
		p.count(transfer)
	}
	if !r.Local {
		t.totals.transfer[transfer.Class].Record(transfer.Took)
	}
}

func (t *Tally) refused(i int, r *journal.Record) error {
	switch {
	case uint(i) >= uint(len(t.phones)):
		return fmt.Errorf("record %d of device %s: found a device numbered %d, want 0 to %d", r.Seq, r.Device, i, len(t.phones)-1)
	case uint64(r.T) > uint64(MaxDuration):
		return fmt.Errorf("record %d of device %s: found the instant %v, want 0 to %v", r.Seq, r.Device, r.T, MaxDuration)
	}
	return fmt.Errorf("record %d of device %s: found the outcome %v and the class %v, want those that there are", r.Seq, r.Device, r.Outcome, r.Class)
}

// Off says that a device's power was cut, of which there is no record.
func (t *Tally) Off(index int, at time.Duration) {
	t.at = max(t.at, at)
	t.cut(&t.phones[index], at)
}

// End says that the run lasted until the instant at.
func (t *Tally) End(at time.Duration) {
	t.at = max(t.at, at)
	t.totals.Failing = 0
	for i := range t.phones {
		if t.phones[i].failed() {
			t.totals.Failing++
		}
	}
	t.endProducts()
	t.totals.end(t.at)
}

// Totals returns what has been counted. It goes on changing with the tally.
func (t *Tally) Totals() *Totals { return &t.totals }
