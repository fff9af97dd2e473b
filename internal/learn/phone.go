package learn

import (
	"net/netip"
	"time"

	"provsim/device"
)

// ticks are instants in tenths of a second since the begin of a Learner.
type ticks uint32

const (
	tick  = 100 * time.Millisecond
	never = ^ticks(0)
)

func (t ticks) duration() time.Duration { return time.Duration(t) * tick }

func inTicks(d time.Duration) ticks { return ticks(d / tick) }

const (
	// apart is the longest time between two requests of one run. Polycom phones are
	// silent for 20 s between the two stages of a boot (PC-FILE-10).
	apart = 25 * time.Second
	// mostOdd is how many runs off the schedule are remembered of a phone, the latest.
	mostOdd = 24
	// mostLaps is how many times between polls are remembered, the latest.
	mostLaps = 8
)

// phone is what is remembered of one phone.
type phone struct {
	mac      device.MAC
	named    bool // it has said its address; else it is known by the address of its packets
	byAgent  bool // its User-Agent was recognised
	inAgent  bool // its latest User-Agent says its address
	vendor   uint8
	product  uint16 // in Learner.texts, likewise software
	software uint16
	says     uint16 // the software of the request that is being counted
	settled  uint16 // the software at the end of the latest run: loaders ask with another version
	before   uint16 // the one before it, where it has changed
	changed  ticks  // when
	address  netip.Addr
	agent    uint64 // hash of the latest User-Agent

	first     ticks  // request
	served    uint32 // configurations that it got
	ownMissed uint32 // its own configuration was missing
	ownServed uint32
	web       bool // its latest request was over HTTP

	run  run
	runs uint32
	prev ticks // when the run before began
	bad  bool  // that run brought no configuration
	late bool  // that run was odd: a boot's, which phones may put off to spread themselves

	period ticks  // between runs, as far as is known
	due    uint32 // seconds; when it is expected again, 0: not known
	sure   uint8
	laps   [mostLaps]ticks
	lap    uint8
	polls  uint32
	odd    []odd
	usual  ticks // the period that Findings has settled on; 0: not known
}

// run is one that goes on.
type run struct {
	open        bool
	begin, last ticks
	got         uint32 // configurations
}

// odd is a run that did not come a period after the one before.
type odd struct {
	begin ticks
	lap   ticks // since the run before; never: it is the phone's first
	back  ticks // from its begin until the phone has a configuration; never: it has none
	retry bool  // the run before brought no configuration
	late  bool  // the run before was odd too
}

// ask counts a request in the phone's run. It reports whether a run begins with it, which
// ends the one before.
func (p *phone) ask(now ticks) (begins bool) {
	if p.runs == 0 && !p.run.open {
		p.first = now
	}
	if p.run.open && now > p.run.last && (now-p.run.last).duration() > apart {
		p.end()
	}
	if begins = !p.run.open; begins {
		p.run = run{open: true, begin: now}
	}
	p.run.last = max(p.run.last, now) // an entry that comes late is of the same run
	p.software = p.says
	return begins
}

// end ends the phone's run: it is a poll or an odd one.
func (p *phone) end() {
	r := p.run
	p.run.open = false
	ok := r.got > 0
	lap := never
	if p.runs > 0 {
		lap = r.begin - p.prev
	}
	switch {
	case lap != never && !p.bad && p.late && p.sure > 1 && shifted(lap, p.period):
		p.polls++
		p.late = false
	case lap != never && !p.bad && p.onTime(lap):
		p.polls++
		p.laps[p.lap%mostLaps] = lap
		p.lap++
		p.late = false
	default:
		if len(p.odd) == mostOdd {
			p.odd = append(p.odd[:0], p.odd[1:]...)
		}
		p.odd = append(p.odd, odd{begin: r.begin, lap: lap, back: never, retry: p.bad, late: p.late})
		p.late = true
	}
	if ok {
		for i := len(p.odd) - 1; i >= 0 && p.odd[i].back == never; i-- {
			p.odd[i].back = r.last - p.odd[i].begin
		}
	}
	if p.settled != 0 && p.settled != p.software {
		p.before, p.changed = p.settled, r.begin
	}
	p.settled = p.software
	p.runs++
	p.prev, p.bad = r.begin, !ok
}

// near reports whether two times between runs are the same one: logs have whole seconds,
// and a run may take a while.
func near(a, b ticks) bool {
	d := max(a, b) - min(a, b)
	return d <= max(inTicks(3*time.Second), b/200)
}

// mostDelay is how long phones spread themselves at a boot (SPA: twice 20 s, FV: 40 s),
// or restart after a new configuration. Their periods count from the boot, so the first
// poll may come so much earlier or later after the run.
const mostDelay = time.Minute

// shifted reports whether a time after a boot's run is a period, give or take such a delay.
func shifted(lap, period ticks) bool {
	return max(lap, period)-min(lap, period) <= inTicks(mostDelay) && period > inTicks(4*mostDelay)
}

// skips reports whether a time between runs is several periods: runs between are missing.
func skips(lap, period ticks) bool {
	return lap > period && (near(lap%period, 0) || near(period-lap%period, 0))
}

// onTime reports whether a time between runs is the phone's period, and learns it.
func (p *phone) onTime(lap ticks) bool {
	const most = 20
	switch {
	case p.sure > 0 && near(lap, p.period):
		p.sure = min(p.sure+1, most)
		return true
	case p.sure > 2 && skips(lap, p.period):
		return true
	case p.sure <= 1:
		p.period, p.sure = lap, 1
	default:
		p.sure--
	}
	return false
}
