package dhcp

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// phone drives a machine as a careless caller would: ticks come early, late and
// twice, and replies come from anywhere at any time. It keeps its own account of
// what it was told, to hold the machine's actions against.
type phone struct {
	m      Machine
	now    time.Duration
	steps  uint64
	on     bool
	addr   netip.Addr    // in use
	expiry time.Duration // of that
	asked  time.Duration // when the first REQUEST of the exchange was sent
	last   Message       // that asks for something
	sentAt time.Duration // when
	repeat int           // how often it had been sent before
}

func (p *phone) step(t *rapid.T, in Input) {
	p.steps++
	in.Now, in.Rand = p.now, rapid.Uint64().Draw(t, "rand")&^(1<<32-1)|p.steps // each xid is new
	for _, a := range p.m.Step(in, nil) {
		p.obey(t, in, a)
	}
}

// obey checks what may never happen at the moment at which it would.
func (p *phone) obey(t *rapid.T, in Input, a Action) {
	switch a.Do {
	case Send:
		p.checkMessage(t, a.Message)
	case Use:
		p.checkLease(t, in, a)
		p.addr, p.expiry = a.Reply.Lease.Addr, Never
		if a.Reply.Lease.Duration != Never {
			p.expiry = p.asked + a.Reply.Lease.Duration
		}
	case Lose:
		if a.Addr != p.addr || !p.addr.IsValid() {
			t.Fatalf("%v is lost, in use is %v", a.Addr, p.addr)
		}
		p.addr = netip.Addr{}
	}
}

func (p *phone) checkLease(t *rapid.T, in Input, a Action) {
	r := a.Reply
	if p.addr.IsValid() && !p.last.Addr.IsValid() {
		t.Fatalf("%v is used beside %v: never two leases", r.Lease.Addr, p.addr)
	}
	if in.Kind != Receive || r != in.Reply || r.Type != Ack || r.XID != p.last.XID || r.MAC != phoneMAC {
		t.Fatalf("a lease by %+v, which is no answer to %+v", r, p.last)
	}
	if asked := p.last.Server; asked.IsValid() && r.Server != asked || p.last.To.IsValid() && r.Server != p.last.To {
		t.Fatalf("a lease of %v, which %+v does not ask", r.Server, p.last)
	}
}

func (p *phone) checkMessage(t *rapid.T, m Message) {
	if m.Addr.IsValid() && (m.Addr != p.addr || p.now >= p.expiry) {
		t.Fatalf("%+v comes from an address that is not in use; that is %v until %v", m, p.addr, p.expiry)
	}
	if m.Type == Release || m.Type == Decline {
		if m.Broadcast || m.Addr.IsValid() == m.Requested.IsValid() || !m.Server.IsValid() {
			t.Fatalf("%+v is not as RFC 2131 table 5 has it", m)
		}
		return
	}
	p.repeat++
	if m.Type != p.last.Type || m.XID != p.last.XID {
		p.repeat = 0
	}
	if m.Type == Request && p.repeat == 0 {
		p.asked = p.now
	}
	if m.Addr.IsValid() {
		p.checkRenewal(t, m)
	} else {
		p.checkAcquisition(t, m)
	}
	p.last, p.sentAt = m, p.now
}

// checkRenewal holds a REQUEST with an address against section 4.4.5.
func (p *phone) checkRenewal(t *rapid.T, m Message) {
	if m.Broadcast || m.Requested.IsValid() || m.Server.IsValid() {
		t.Fatalf("%+v is not as RFC 2131 table 5 has it", m)
	}
	if gap := p.now - p.sentAt; p.repeat > 0 && m.To == p.last.To && gap < time.Minute {
		t.Fatalf("a renewal is repeated after %v, want a minute at least", gap)
	}
}

// checkAcquisition holds a message without an address against section 4.1.
func (p *phone) checkAcquisition(t *rapid.T, m Message) {
	request := m.Type == Request
	if !m.Broadcast || m.To.IsValid() || m.Requested.IsValid() != request || m.Server.IsValid() != request {
		t.Fatalf("%+v is not as RFC 2131 table 5 has it", m)
	}
	if request && (m.XID != p.last.XID || m.Secs != p.last.Secs) {
		t.Fatalf("%+v has another xid or secs than %+v", m, p.last)
	}
	wait, base := p.m.Deadline()-p.now, 4*time.Second<<p.repeat
	if base > 64*time.Second || wait < base-time.Second || wait > base+time.Second {
		t.Fatalf("%v number %d waits %v", m.Type, p.repeat+1, wait)
	}
}

func drawReply(t *rapid.T, xid uint32) *Reply {
	one, two := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	addrs := rapid.SampledFrom([]netip.Addr{one, one, one, two, {}})
	seconds := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second
	})
	seldom := rapid.Custom(func(t *rapid.T) bool { return rapid.IntRange(0, 9).Draw(t, "seldom") == 9 })
	r := &Reply{
		Type: rapid.SampledFrom([]Type{Offer, Offer, Ack, Ack, Ack, Nak}).Draw(t, "type"), XID: xid, MAC: phoneMAC,
		Server: addrs.Draw(t, "server"),
		Lease:  Lease{Addr: addrs.Draw(t, "addr"), Duration: seconds.Draw(t, "lease")},
	}
	if seldom.Draw(t, "another xid") {
		r.XID++
	}
	if seldom.Draw(t, "another chaddr") {
		r.MAC[5]++
	}
	if seldom.Draw(t, "infinite") {
		r.Lease.Duration = Never
	}
	if rapid.Bool().Draw(t, "times") {
		r.Lease.T1, r.Lease.T2 = seconds.Draw(t, "t1"), seconds.Draw(t, "t2")
	}
	return r
}

func (p *phone) actions() map[string]func(*rapid.T) {
	receive := func(t *rapid.T) { p.step(t, Input{Kind: Receive, Reply: drawReply(t, p.m.xid)}) }
	return map[string]func(*rapid.T){
		"power": func(t *rapid.T) {
			kind := Start
			if p.on {
				kind = rapid.SampledFrom([]Kind{Tick, Tick, Tick, Start, Leave, PowerOff}).Draw(t, "switch")
			}
			switch kind {
			case Start:
				p.on, p.addr = true, netip.Addr{}
				p.step(t, Input{Kind: Start, MAC: phoneMAC})
			case Leave, PowerOff:
				p.step(t, Input{Kind: kind})
				p.on, p.addr = false, netip.Addr{}
				if p.m != (Machine{}) {
					t.Fatalf("the machine remembers %+v without power", p.m)
				}
			}
		},
		"reply": receive,
		"the answer": func(t *rapid.T) {
			r := drawReply(t, p.m.xid)
			if r.Type = Ack; p.m.state == Selecting {
				r.Type = Offer
			}
			if server := p.m.Status().Server; server.IsValid() {
				r.Server = server
			}
			p.step(t, Input{Kind: Receive, Reply: r})
		},
		"conflict": func(t *rapid.T) { p.step(t, Input{Kind: Conflict}) },
		"early tick": func(t *rapid.T) {
			p.now += time.Duration(rapid.Int64Range(0, int64(min(p.m.Deadline()-p.now, time.Hour))-1).Draw(t, "ns"))
			p.tickChangesNothing(t)
		},
		"deadlines": func(t *rapid.T) {
			for range rapid.IntRange(1, 8).Draw(t, "times") {
				if p.m.Deadline() == Never {
					t.Skip("nothing is due")
				}
				p.now = p.m.Deadline()
				p.step(t, Input{Kind: Tick})
				p.tickChangesNothing(t)
				p.check(t)
			}
		},
		"late tick": func(t *rapid.T) {
			p.now += time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second
			p.step(t, Input{Kind: Tick})
			p.tickChangesNothing(t)
		},
		"reply before a tick that was due": func(t *rapid.T) {
			p.now += time.Duration(rapid.IntRange(1, 7200).Draw(t, "seconds")) * time.Second
			receive(t)
			p.step(t, Input{Kind: Tick})
		},
		"": p.check,
	}
}

// check holds after every input, early ticks apart, which move the clock alone.
func (p *phone) check(t *rapid.T) {
	s := p.m.Status()
	switch {
	case p.m.Deadline() <= p.now:
		t.Fatalf("the deadline %v has passed at %v: a caller would spin", p.m.Deadline(), p.now)
	case s.Addr != p.addr:
		t.Fatalf("the machine has the address %v, its actions say %v", s.Addr, p.addr)
	case p.addr.IsValid() && p.now >= p.expiry:
		t.Fatalf("%v is in use at %v, its lease has ended at %v", p.addr, p.now, p.expiry)
	case p.on && s.Next == Never && (s.State != Bound || p.expiry != Never):
		t.Fatalf("nothing is due in state %v", s.State)
	}
}

// tickChangesNothing holds for a tick before the deadline and for a second
// tick at it.
func (p *phone) tickChangesNothing(t *rapid.T) {
	before := p.m
	if acts := p.m.Step(Input{Kind: Tick, Now: p.now}, nil); len(acts) > 0 {
		t.Fatalf("an early or repeated tick at %v did %+v", p.now, acts)
	}
	if p.m != before {
		t.Fatalf("an early or repeated tick changed %+v to %+v", before, p.m)
	}
}

// TestMachineKeepsItsPromises walks a machine through random days.
func TestMachineKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &phone{}
		t.Repeat(p.actions())
	})
}

// hour is an hour of a client with a short lease: it gets one, and renews it
// 11 times, in 27 steps.
func hour(offer, ack *Reply, acts []Action) Machine {
	var m Machine
	m.Step(Input{Kind: Start, MAC: phoneMAC}, acts)
	m.Step(Input{Kind: Receive, Reply: offer}, acts)
	m.Step(Input{Kind: Receive, Reply: ack}, acts)
	for range 12 {
		now := m.Deadline()
		m.Step(Input{Kind: Tick, Now: now}, acts)
		m.Step(Input{Kind: Receive, Now: now, Reply: ack}, acts)
	}
	return m
}

func hourReplies() (offer, ack *Reply) {
	server := netip.MustParseAddr("10.0.0.1")
	lease := Lease{Addr: netip.MustParseAddr("10.0.0.5"), Server: server, Duration: 10 * time.Minute}
	return &Reply{Type: Offer, MAC: phoneMAC, Server: server, Lease: lease}, &Reply{Type: Ack, MAC: phoneMAC, Server: server, Lease: lease}
}

func TestStepAllocatesNothing(t *testing.T) {
	offer, ack := hourReplies()
	acts := make([]Action, 0, 4)
	if m := hour(offer, ack, acts); m.expiry != 70*time.Minute {
		t.Fatalf("the hour ends with a lease until %v, want 1h10m0s", m.expiry)
	}
	if n := testing.AllocsPerRun(100, func() { hour(offer, ack, acts) }); n > 0 {
		t.Errorf("an hour allocates %v times, want none", n)
	}
}

func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	offer, ack := hourReplies()
	acts := make([]Action, 0, 4)
	steps := 0
	for b.Loop() {
		hour(offer, ack, acts)
		steps += 27
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
}
