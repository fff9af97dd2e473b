package client

import (
	"context"
	"time"

	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/sched"
	"provsim/internal/splitmix"
)

// Network opens the tunnels of devices and does their services: [Overlay] for
// real, [ModelledServer] in virtual time. Its methods do not wait. Their results are
// told by events.
type Network interface {
	Dial(device int, id uint64)
	CloseTunnel(device int, changed bool) // in order
	Drop(device int)                      // at once
	Do(device int, what tunnel.Service)
}

// Event is the result of something that a [Network] was asked for.
type Event struct {
	Device int
	ID     uint64 // of the attempt; the events of earlier ones are passed over

	Opened     bool // the attempt has opened a tunnel
	Times      Times
	End        link.End // how the attempt failed or the tunnel ended
	RetryAfter time.Duration
	RoundTrip  time.Duration // of the tunnel's last ping

	Served  bool // a service has ended, and the fields above say nothing
	Service tunnel.Service
	Bytes   int64
	Failed  bool

	do func(now time.Duration) // what the run itself has put into the loop
}

// Longest is how long a run without an end lasts, and StartOver how long it takes
// to start its devices where nothing else is said (WT-FLT-1).
const (
	Longest   = 31 * 24 * time.Hour
	StartOver = 30 * time.Second
)

// Run is the devices of a run and their day.
type Run struct {
	Figures *Figures

	scenario  *scenario.Scenario
	services  tunnel.Services
	inventory *inventory.Inventory
	loop      *sched.Loop[Event]
	network   Network
	devices   []peer
	// Waiting, if set, is called at the begin of each wait, with the device, its k and
	// the wait's length.
	Waiting func(device, k int, wait time.Duration)
	// Woke, if set, is called with the instants at which a device was due to be woken and was.
	Woke func(due, now time.Duration)
	// Progress, if set, is called each second.
	Progress func(now time.Duration, f *Figures)
}

// peer is one device.
type peer struct {
	machine tunnel.Machine
	clock   tunnel.Clock
	id      uint64 // of the latest attempt
	booted  bool   // it has had a tunnel since its start
}

// NewRun prepares the devices of a scenario on a clock. The wait fixed, where above
// 0, is the quirk reconnect=fixed.
func NewRun(s *scenario.Scenario, fixed time.Duration, clock sched.Clock) (*Run, error) {
	v, err := inventory.New(s, inventory.Shard{})
	if err != nil {
		return nil, err
	}
	s = v.Scenario
	r := &Run{
		Figures: newFigures(s.Devices), scenario: s, inventory: v, loop: sched.New[Event](clock), devices: make([]peer, s.Devices),
	}
	if s.Tunnel != nil {
		r.services = s.Tunnel.Services
	}
	for i := range r.devices {
		r.devices[i].machine = tunnel.Machine{Seed: s.Seed, Device: i, Fixed: fixed}
	}
	return r, nil
}

// Post tells the run an event. It may be called from any goroutine.
func (r *Run) Post(e Event) { r.loop.Post(e) }

// Drive runs the devices in a network until the scenario's end, or until ctx ends,
// and its error then.
func (r *Run) Drive(ctx context.Context, n Network) error {
	r.network = n
	for i := range r.devices {
		r.at(r.inventory.Start(i), func(now time.Duration) { r.power(i, now) })
	}
	for i := range r.scenario.Events {
		e := &r.scenario.Events[i]
		for cycle, at := range e.Occurrences(r.scenario.Duration) {
			r.at(at, func(now time.Duration) { r.apply(e, uint64(i)<<32|uint64(cycle), now) })
		}
	}
	r.second(time.Second)
	return r.loop.Run(ctx, r.scenario.Duration, r)
}

func (r *Run) at(at time.Duration, do func(time.Duration)) { r.loop.At(at, Event{do: do}) }

// second closes the figures of one second after the other.
func (r *Run) second(at time.Duration) {
	r.at(at, func(now time.Duration) {
		r.Figures.second(at)
		if r.Progress != nil {
			r.Progress(now, r.Figures)
		}
		r.second(at + time.Second)
	})
}

// apply carries out an event of the scenario.
func (r *Run) apply(e *scenario.Event, occurrence uint64, now time.Duration) {
	name, _ := e.Kind()
	r.Figures.mark(now, name)
	for i := range r.devices {
		switch {
		case e.PowerCut != nil && r.inventory.Has(e.PowerCut.Part, occurrence, i):
			back := now + e.PowerCut.For + r.draw(i, occurrence, e.PowerCut.Over)
			r.act(i, now, r.devices[i].machine.PowerOff())
			r.off(i)
			r.at(max(back, r.inventory.Start(i)), func(now time.Duration) { r.power(i, now) })
		case e.Reboot != nil && r.inventory.Has(e.Reboot.Part, occurrence, i):
			r.at(now+r.draw(i, occurrence, e.Reboot.Over), func(now time.Duration) { r.restart(i, now) })
		}
	}
}

func (r *Run) draw(i int, occurrence uint64, over time.Duration) time.Duration {
	if over == 0 {
		return 0
	}
	return r.inventory.Draw(i, inventory.DrawInstant, occurrence).Spread(over)
}

// restart is a planned one: the device closes its tunnel, and comes back after its
// boot time.
func (r *Run) restart(i int, now time.Duration) {
	if r.devices[i].machine.State() == tunnel.Off {
		return
	}
	r.act(i, now, r.devices[i].machine.Restart())
	r.off(i)
	r.at(now+r.inventory.ModelOf(i).BootTime, func(now time.Duration) { r.power(i, now) })
}

func (r *Run) power(i int, now time.Duration) { r.act(i, now, r.devices[i].machine.PowerOn()) }

// off is the device's side of a lost power: its clock stands, and its tunnel is
// gone without a word.
func (r *Run) off(i int) {
	p := &r.devices[i]
	p.clock.Stop()
	p.booted = false
	p.id++
	r.Figures.off(i)
	r.loop.Set(i, sched.Never)
}

// Changed tells a device that its parameters have new values (WT-PAR-5).
func (r *Run) Changed(i int) {
	r.Post(Event{do: func(now time.Duration) { r.act(i, now, r.devices[i].machine.Changed()) }})
}

// act carries out what a machine says, and sets the device's next wake-up.
func (r *Run) act(i int, now time.Duration, a tunnel.Action) {
	p := &r.devices[i]
	switch a {
	case tunnel.Close:
		r.network.CloseTunnel(i, false)
	case tunnel.Drop:
		r.network.Drop(i)
	case tunnel.Reconfigure:
		r.network.CloseTunnel(i, true)
		r.Figures.off(i)
		fallthrough
	case tunnel.Dial:
		p.id++
		r.Figures.tried()
		r.network.Dial(i, p.id)
	}
	r.loop.Set(i, min(p.machine.Deadline(), p.clock.Deadline()))
}

// Wake says that a device's deadline has come.
func (r *Run) Wake(i int, due, now time.Duration) {
	if r.Woke != nil {
		r.Woke(due, now)
	}
	p := &r.devices[i]
	for {
		what, ok := p.clock.Take(now, &r.services)
		if !ok {
			break
		}
		r.network.Do(i, what)
	}
	r.act(i, now, p.machine.Wake(now))
}

// Handle takes such a result.
func (r *Run) Handle(e Event, due, now time.Duration) {
	if e.do != nil {
		e.do(now)
		return
	}
	if e.Served {
		r.Figures.served(e)
		return
	}
	p := &r.devices[e.Device]
	if e.ID != p.id {
		return
	}
	if e.Opened {
		p.machine.Connected(now)
		r.Figures.opened(now, e)
		first := !p.booted
		p.booted = true
		p.clock.Begin(now, &r.services, splitmix.Mix(r.scenario.Seed^uint64(e.Device)))
		// Each tunnel begins with a trap, so that a server that learns addresses
		// knows the device at once (WT-ADR-2).
		what := tunnel.KeepAlive
		if first {
			what = tunnel.ColdStart
		}
		r.network.Do(e.Device, what)
	} else {
		r.Figures.ended(now, e, p.machine.State() == tunnel.Open)
		k := p.machine.Ended(now, e.End.Outcome, e.RetryAfter)
		if r.Waiting != nil {
			r.Waiting(e.Device, k, p.machine.Deadline()-now)
		}
	}
	r.act(e.Device, now, tunnel.None)
}
