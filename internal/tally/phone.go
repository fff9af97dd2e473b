package tally

import (
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// phone is what is remembered of a device from one record to the next. There
// may be a million of them.
type phone struct {
	since   time.Duration  // booting: since when; fetching: from when on its latency counts
	wave    uint16         // the wave that it belongs to, by its place
	outcome resync.Outcome // of the last resync since its power came
	state   State
	flags   uint8
}

// What else is known of a phone.
const (
	pending    uint8 = 1 << iota // counted in its wave, and not ready yet
	ready                        // a resync has succeeded since its power came
	held                         // the due job waits for the lines
	recovering                   // its last resync had failed when the outage ended, and none has succeeded since
)

// failed reports whether the last resync was a failure.
func (p *phone) failed() bool { return p.outcome != resync.None && !p.outcome.Success() }

// idle returns the state of a phone that has an address and fetches nothing.
func (p *phone) idle() State {
	switch {
	case p.outcome == resync.None:
		return Waiting
	case p.failed():
		return Failed
	}
	return Provisioned
}

// become moves a phone to another state.
func (t *Tally) become(p *phone, s State, at time.Duration) {
	if p.state == s {
		return
	}
	row := t.totals.second(at)
	row.states[p.state]--
	row.states[s]++
	t.states[p.state]--
	t.states[s]++
	p.state = s
}

// cut takes a phone's power away, and with it all but its place in a wave.
func (t *Tally) cut(p *phone, at time.Duration) {
	if p.state == Off {
		return
	}
	if p.flags&ready != 0 {
		t.ready--
		t.totals.second(at).ready--
	}
	p.outcome = resync.None
	p.flags &= pending | recovering
	t.become(p, Off, at)
}

func (t *Tally) booted(p *phone, r *journal.Record) {
	t.totals.Boots++
	if p.state != Off && r.Cause == resync.PowerOn {
		t.cut(p, r.T) // nobody said so when it happened
	}
	if p.state == Off {
		t.powered(p)
	}
	p.since = r.T
	t.become(p, Booting, r.T)
}

// powered puts a phone whose power has come into the current wave, unless it is
// waited for there already.
func (t *Tally) powered(p *phone) {
	if p.flags&pending != 0 && p.wave == t.powerWave {
		return
	}
	p.wave = t.powerWave
	p.flags |= pending
	t.totals.Waves[p.wave].Devices++
}

// leased ends the time without an address. A lease that is renewed, or lost
// while the phone is up, changes nothing here.
func (t *Tally) leased(p *phone, r *journal.Record) {
	if p.state != Booting {
		return
	}
	if r.Job == resync.DHCP {
		t.totals.dhcp.Record(r.T - p.since)
	}
	t.become(p, p.idle(), r.T)
}

func (t *Tally) started(p *phone, r *journal.Record) {
	p.since = r.Due
	if p.flags&held != 0 {
		p.since = r.T
	}
	p.flags &^= held
	if r.Kind == device.ResyncStart {
		t.totals.second(r.T).starts++
		t.resyncs++
	}
	t.become(p, Fetching, r.T)
}

func (t *Tally) ended(p *phone, index int, r *journal.Record) {
	latency := r.Took
	if p.state == Fetching {
		latency = r.T - p.since
	}
	t.totals.count(r, latency)
	if r.Kind == device.ResyncDone {
		t.resynced(p, r)
		t.totals.sites.count(t.config, index, r)
	}
	if p.state == Fetching {
		t.become(p, p.idle(), r.T)
	}
}

// resynced notes how a phone's resync has ended.
func (t *Tally) resynced(p *phone, r *journal.Record) {
	row := t.totals.second(r.T)
	p.outcome = r.Outcome
	if !p.outcome.Success() {
		row.failures++
		return
	}
	row.successes++
	if p.flags&pending != 0 {
		t.totals.Waves[p.wave].arrived(r.T)
	}
	if p.flags&recovering != 0 {
		t.totals.Waves[t.outageWave].arrived(r.T)
	}
	if p.flags&ready == 0 {
		t.ready++
		row.ready++
	}
	p.flags = p.flags&held | ready
}
