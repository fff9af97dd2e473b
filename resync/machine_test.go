package resync

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// phone drives a machine as a careless caller would: ticks come early, late
// and twice, and transfers end whenever they like. It keeps its own account of
// what it was told, to hold the machine's actions against.
type phone struct {
	m       Machine
	set     options
	now     time.Duration
	on      bool // booted and not restarted since
	online  bool
	inCall  bool
	running Job
	arrived bool // the running job was applied, its commit is due
}

func (p *phone) step(t *rapid.T, in Input) {
	in.Now, in.Rand = p.now, rapid.Uint64().Draw(t, "rand")
	for _, a := range p.m.Step(&in, nil) {
		p.obey(t, a)
	}
}

// obey checks what may never happen at the moment at which it would.
func (p *phone) obey(t *rapid.T, a Action) {
	if !p.on {
		t.Fatalf("%+v from a device without power", a)
	}
	switch a.Do {
	case Start:
		if p.running != NoJob {
			t.Fatalf("%v starts beside %v: never two jobs at once", a.Job, p.running)
		}
		if p.inCall && !p.set.ForcedIsDeadline {
			t.Fatalf("%v starts in a call", a.Job)
		}
		if p.inCall && p.now < a.Due+p.set.Forced {
			t.Fatalf("%v starts in a call before its deadline", a.Job)
		}
		if !p.online {
			t.Fatalf("%v starts without an address", a.Job)
		}
		if a.Job == Resync && !p.set.Provision {
			t.Fatal("a resync starts with Provision Enable off")
		}
		if a.Due > p.now {
			t.Fatalf("%v starts at %v, before it is due at %v", a.Job, p.now, a.Due)
		}
		p.running = a.Job
	case Commit:
		if !p.arrived || p.inCall || a.Job != p.running {
			t.Fatalf("commit of %v: running %v, arrived %v, in a call %v", a.Job, p.running, p.arrived, p.inCall)
		}
	case Restart:
		p.lose()
	}
}

// lose forgets what a device without power forgets.
func (p *phone) lose() {
	p.on, p.online, p.inCall, p.running, p.arrived = false, false, false, NoJob, false
}

func (p *phone) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"boot": func(t *rapid.T) {
			p.lose()
			p.set = drawSettings(t)
			p.on = true
			p.step(t, Input{Kind: Boot, Settings: p.set.settings(), Cause: rapid.SampledFrom([]Cause{PowerOn, Person, FactoryReset, Config, Firmware}).Draw(t, "cause")})
		},
		"online": func(t *rapid.T) {
			p.online = p.on
			p.step(t, Input{Kind: Online, Wanted: [2]bool{1: rapid.Bool().Draw(t, "upgrade")}})
		},
		"offline": func(t *rapid.T) {
			p.online = false
			p.step(t, Input{Kind: Offline})
		},
		"call": func(t *rapid.T) {
			p.inCall = p.on
			p.step(t, Input{Kind: LineBusy})
		},
		"hang up": func(t *rapid.T) {
			p.inCall = false
			p.step(t, Input{Kind: LinesIdle})
		},
		"ask": func(t *rapid.T) {
			p.step(t, Input{Kind: Trigger, Job: Resync, Cause: rapid.SampledFrom([]Cause{Person, Notify}).Draw(t, "cause")})
		},
		"end of job": func(t *rapid.T) {
			if p.running == NoJob || p.arrived {
				t.Skip("nothing runs")
			}
			in := Input{Kind: Done, Job: p.running, Outcome: rapid.SampledFrom(Outcomes()).Draw(t, "outcome")}
			in.Final = in.Outcome == HTTPSUpgrade
			if in.Outcome == Applied {
				p.arrived = true
			} else {
				p.running = NoJob
			}
			p.step(t, in)
			p.somethingIsDue(t, in)
		},
		"stray end of job": func(t *rapid.T) {
			before := p.m
			p.step(t, Input{Kind: Done, Job: 3 - p.running, Outcome: Timeout})
			if p.running != NoJob && p.m != before {
				t.Fatalf("the end of a job that does not run changed %+v to %+v", before, p.m)
			}
		},
		"power cut": func(t *rapid.T) {
			p.lose()
			p.step(t, Input{Kind: PowerOff})
			if p.m != (Machine{}) {
				t.Fatalf("the machine remembers %+v without power", p.m)
			}
		},
		"early tick": func(t *rapid.T) {
			d := p.m.Deadline()
			p.now += rapid.Custom(func(t *rapid.T) time.Duration {
				return time.Duration(rapid.Int64Range(0, int64(min(d-p.now, time.Hour))).Draw(t, "ns"))
			}).Draw(t, "wait")
			if p.now < d {
				p.tickChangesNothing(t)
				return
			}
			p.step(t, Input{Kind: Tick})
		},
		"deadline": func(t *rapid.T) {
			if d := p.m.Deadline(); d != Never {
				p.now = max(p.now, d)
			}
			p.step(t, Input{Kind: Tick})
			p.tickChangesNothing(t)
		},
		"late tick": func(t *rapid.T) {
			p.now += 24 * time.Hour
			p.step(t, Input{Kind: Tick})
			p.tickChangesNothing(t)
		},
		"": func(t *rapid.T) {
			if d := p.m.Deadline(); d <= p.now && p.now > 0 {
				t.Fatalf("the deadline %v has passed at %v: a caller would spin", d, p.now)
			}
		},
	}
}

// tickChangesNothing holds for a tick before the deadline and for a second
// tick at it.
func (p *phone) tickChangesNothing(t *rapid.T) {
	before := p.m
	if acts := p.m.Step(&Input{Kind: Tick, Now: p.now}, nil); len(acts) > 0 {
		t.Fatalf("an early or repeated tick at %v did %+v", p.now, acts)
	}
	if p.m != before {
		t.Fatalf("an early or repeated tick changed %+v to %+v", before, p.m)
	}
}

// somethingIsDue holds after every outcome unless the settings say never.
func (p *phone) somethingIsDue(t *rapid.T, in Input) {
	if !p.on || p.arrived || p.running != NoJob || p.m.Status().At != Never {
		return
	}
	_, periodic := p.set.Periodic.At(0, 0)
	_, retry := p.set.ErrorRetry.At(0, 0)
	_, upgradeRetry := p.set.UpgradeRetry.At(0, 0)
	switch {
	case in.Job == Resync && in.Outcome.Success() && periodic,
		in.Job == Resync && !in.Outcome.Success() && !in.Final && (retry || periodic),
		in.Job == Upgrade && !in.Outcome.Success() && !in.Final && (upgradeRetry || p.set.AfterUpgrade && p.set.Provision):
		t.Fatalf("nothing is due after %v: %v", in.Job, in.Outcome)
	}
}

func drawSettings(t *rapid.T) options {
	delays := rapid.Custom(func(t *rapid.T) Delays {
		if rapid.Bool().Draw(t, "off") {
			return Every(0)
		}
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Wait {
			return Wait{
				Base:   time.Duration(rapid.IntRange(1, 7200).Draw(t, "base")) * time.Second,
				Spread: time.Duration(rapid.IntRange(0, 600).Draw(t, "spread")) * time.Second,
			}
		}), 1, 3).Draw(t, "delays")
	})
	seconds := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 14400).Draw(t, "seconds")) * time.Second
	})
	return options{
		Provision:        rapid.IntRange(0, 4).Draw(t, "provision") > 0,
		OnReset:          rapid.Bool().Draw(t, "on reset"),
		RandomDelay:      seconds.Draw(t, "random"),
		Periodic:         delays.Draw(t, "periodic"),
		ErrorRetry:       delays.Draw(t, "retry"),
		Forced:           seconds.Draw(t, "forced"),
		AfterUpgrade:     rapid.Bool().Draw(t, "after upgrade"),
		Upgrade:          rapid.Bool().Draw(t, "upgrade"),
		UpgradeRetry:     delays.Draw(t, "upgrade retry"),
		ForcedIsDeadline: rapid.Bool().Draw(t, "quirk"),
	}
}

// TestMachineKeepsItsPromises walks a machine through random days.
func TestMachineKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &phone{}
		t.Repeat(p.actions())
	})
}

func TestStepAllocatesNothing(t *testing.T) {
	given := defaults()
	set := given.settings()
	acts := make([]Action, 0, 4)
	if n := testing.AllocsPerRun(100, func() { day(set, acts) }); n > 0 {
		t.Errorf("a day allocates %v times, want none", n)
	}
}

// day boots a machine and lets it resync once an hour, 26 steps in all.
func day(set *Settings, acts []Action) Machine {
	var m Machine
	m.Step(&Input{Kind: Boot, Settings: set, Cause: PowerOn}, acts)
	m.Step(&Input{Kind: Online, Rand: 1 << 62}, acts)
	for range 12 {
		now := m.Deadline()
		m.Step(&Input{Kind: Tick, Now: now}, acts)
		m.Step(&Input{Kind: Done, Now: now, Job: Resync, Outcome: Unchanged}, acts)
	}
	return m
}

func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	given := defaults()
	set := given.settings()
	acts := make([]Action, 0, 4)
	steps := 0
	for b.Loop() {
		day(set, acts)
		steps += 26
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
}
