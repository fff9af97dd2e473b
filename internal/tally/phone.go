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
	power   time.Duration  // when its power came
	wave    uint16         // the wave that it belongs to, by its place
	outcome resync.Outcome // of the last resync since its power came
	state   State
	flags   uint8
}

// Flags of a phone.
const (
	pending       uint8 = 1 << iota // counted in its wave, and not provisioned yet
	provisioned                     // its latest job succeeded since its power came, and it has a configuration
	held                            // the due job waits for the lines
	recovering                      // its last job had failed when the outage ended, and it has not been provisioned since
	configured                      // a file was applied, or was the one that it has
	upgradeFailed                   // the last upgrade since its power came failed

	allFlags = upgradeFailed<<1 - 1
)

// failed reports whether the last resync, or the last upgrade, was a failure.
func (p *phone) failed() bool {
	return p.outcome != resync.None && !p.outcome.Success() || p.flags&upgradeFailed != 0
}

// idle returns the state of a phone that has an address and fetches nothing.
func (p *phone) idle() State {
	switch {
	case p.failed():
		return Failed
	case p.flags&provisioned != 0:
		return Idle
	}
	return Waiting
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
	p.outcome = resync.None
	p.flags &= pending | recovering | configured | provisioned
	t.judge(p, at)
	t.become(p, Off, at)
}

func (t *Tally) booted(p *phone, index int, r *journal.Record) {
	t.totals.Boots++
	if product := t.product(index); product != nil {
		product.Boots++
	}
	if p.state != Off && r.Cause == resync.PowerOn {
		t.cut(p, r.T) // there was no record of the cut
	}
	if p.state == Off {
		p.power = r.T
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
	} else {
		p.flags &^= upgradeFailed
		if !r.Outcome.Success() {
			p.flags |= upgradeFailed
		}
	}
	waited := p.flags&pending != 0
	t.judge(p, r.T)
	if product := t.product(index); waited && p.flags&pending == 0 && product != nil {
		product.provision.Record(r.T - p.power)
	}
	if p.state == Fetching {
		t.become(p, p.idle(), r.T)
	}
}

// resynced notes how a phone's resync has ended. A file without a version is
// fetched and not applied (FV-CFG-3): it is no configuration.
func (t *Tally) resynced(p *phone, r *journal.Record) {
	row := t.totals.second(r.T)
	p.outcome = r.Outcome
	if !p.outcome.Success() {
		row.failures++
		return
	}
	row.successes++
	if p.outcome != resync.Unversioned {
		p.flags |= configured
	}
}

// judge finds out whether a phone is provisioned, after what may have changed it.
func (t *Tally) judge(p *phone, at time.Duration) {
	now := p.outcome.Success() && p.flags&(configured|upgradeFailed) == configured
	if now == (p.flags&provisioned != 0) {
		return
	}
	row := t.totals.second(at)
	if !now {
		p.flags &^= provisioned
		t.provisioned--
		row.provisioned--
		return
	}
	if p.flags&pending != 0 {
		t.totals.Waves[p.wave].arrived(at)
	}
	if p.flags&recovering != 0 {
		t.totals.Waves[t.outageWave].arrived(at)
	}
	p.flags = p.flags&^(pending|recovering) | provisioned
	t.provisioned++
	row.provisioned++
}
