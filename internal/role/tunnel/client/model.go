package client

import (
	"cmp"
	"time"

	"provsim/fleet/scenario"
	"provsim/internal/fetch/model"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// ModelledServer is a server in virtual time (WT-FLT-2). It makes a number of handshakes a
// second, one after the other, and has the scenario's outages. Tunnels are lost at the begin of
// an outage: at once, as when a program is killed, or, where the server is silent,
// when they are taken for dead.
type ModelledServer struct {
	run       *Run
	handshake time.Duration // of one connect, on the server
	roundTrip time.Duration
	outages   []model.Outage
	free      time.Duration // when the server has done what it was asked for
	open      []bool
	attempts  []uint64
	mostOpen  int
	opened    int
}

// NewModel returns the scenario's server for a run, and makes its outages happen.
func NewModel(r *Run) *ModelledServer {
	s := r.scenario
	m := &ModelledServer{run: r, roundTrip: s.Server.RoundTrip, outages: s.Model().Outages, open: make([]bool, s.Devices), attempts: make([]uint64, s.Devices)}
	var t scenario.Tunnel
	if s.Tunnel != nil {
		t = *s.Tunnel
	}
	m.handshake = time.Duration(float64(time.Second) / cmp.Or(t.Handshakes, scenario.DefaultHandshakes))
	m.mostOpen = cmp.Or(t.MaxTunnels, scenario.DefaultMaxTunnels)
	for _, o := range m.outages {
		at, how := o.From, tunnel.Lost
		if o.Kind == model.Gone {
			at, how = o.From+tunnel.DeadAfter, tunnel.DeadPeer
		}
		if o.Kind != model.Slow && at < max(o.Till, o.From+1) {
			r.at(at, func(time.Duration) { m.lose(how) })
		}
	}
	return m
}

// lose ends all tunnels.
func (m *ModelledServer) lose(how tunnel.Outcome) {
	for i, open := range m.open {
		if open {
			m.gone(i)
			m.run.at(m.run.loop.Now(), func(now time.Duration) {
				m.run.Handle(Event{Device: i, ID: m.attempts[i], End: link.End{Outcome: how, ByPeer: true}}, now, now)
			})
		}
	}
}

func (m *ModelledServer) gone(i int) {
	if m.open[i] {
		m.open[i] = false
		m.opened--
	}
}

// outage returns the outage of an instant, or nil.
func (m *ModelledServer) outage(now time.Duration) *model.Outage {
	for i := range m.outages {
		if o := &m.outages[i]; now >= o.From && now < o.Till {
			return o
		}
	}
	return nil
}

// tripsOfAConnect are the round trips of TCP, TLS 1.3 and the upgrade.
const tripsOfAConnect = 3

// Dial answers after the handshake's turn has come.
func (m *ModelledServer) Dial(i int, id uint64) {
	now := m.run.loop.Now()
	m.attempts[i] = id
	e := Event{Device: i, ID: id, Times: Times{Secure: true}}
	took := tripsOfAConnect * m.roundTrip
	o := m.outage(now)
	switch {
	case o != nil && o.Kind == model.Stopped:
		e.End.Outcome, took = tunnel.Refused, m.roundTrip
	case o != nil && o.Kind == model.Gone:
		e.End.Outcome, took = tunnel.Timeout, tunnel.ConnectTime
	case o != nil && o.Kind == model.Erring, m.opened >= m.mostOpen:
		e.End.Outcome, e.Times.Status = tunnel.Status, 503
		if o == nil {
			e.RetryAfter = 30 * time.Second
		}
	default:
		cost := m.handshake
		if o != nil {
			cost = time.Duration(float64(cost) * o.Factor)
		}
		m.free = max(m.free, now) + cost
		took += m.free - now
		e.Opened = true
		if took > tunnel.ConnectTime {
			took, e.Opened, e.End.Outcome = tunnel.ConnectTime, false, tunnel.Timeout
		}
	}
	e.Times.Whole = took
	m.run.at(now+took, func(now time.Duration) { m.answer(e, now) })
}

// answer gives the outcome of an attempt, unless the server has failed meanwhile.
func (m *ModelledServer) answer(e Event, now time.Duration) {
	if m.attempts[e.Device] != e.ID {
		return
	}
	if o := m.outage(now); e.Opened && o != nil && o.Kind != model.Slow {
		e.Opened, e.End.Outcome = false, tunnel.Lost
	}
	if e.Opened {
		m.open[e.Device] = true
		m.opened++
	}
	m.run.Handle(e, now, now)
}

// CloseTunnel ends a device's tunnel or attempt.
func (m *ModelledServer) CloseTunnel(i int, _ bool) { m.Drop(i) }

// Drop ends it at once.
func (m *ModelledServer) Drop(i int) {
	m.gone(i)
	m.attempts[i] = 0
}

// sizes are of what a device sends for a service, in bytes.
var sizes = [tunnel.All]int64{
	tunnel.NTP: 48, tunnel.Syslog: 80, tunnel.KeepAlive: 90, tunnel.ColdStart: 80, tunnel.QoE: 512, tunnel.DebugRecording: debugBytes,
}

// Do counts a service, which fails where there is no tunnel.
func (m *ModelledServer) Do(i int, what tunnel.Service) {
	e := Event{Device: i, Served: true, Service: what, Failed: !m.open[i]}
	if !e.Failed {
		e.Bytes = sizes[what]
	}
	m.run.Figures.served(e)
}
