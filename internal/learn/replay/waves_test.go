//go:build linux

package replay

import (
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/learn"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// cut is a day with a power cut. Phones come back from it when none of them is due, as a
// boot then cannot be told from a poll, and the log goes on for longer than they were away,
// after which those that do not poll are seen not to.
var cut = day{phones: 200, lasts: 145 * time.Second, more: `
phases: [{over: 12s}]
events:
  - {at: 25s, power-cut: {for: 35s}}
`}

// down is a day with an outage. It ends early, when phones have come back.
var down = day{phones: 40, lasts: 4 * time.Minute, more: "phases: [{over: 5s}]"}

const (
	sevenVendors = "{vendor: yealink, product: T46S, weight: 3}, {vendor: grandstream, product: GXP2170, weight: 2}, {vendor: fanvil, product: X4, weight: 2}, " +
		"{vendor: flyingvoice, product: IP542N, weight: 6}, {vendor: cisco-spa, product: SPA504G, weight: 2}, {vendor: snom, product: D785}, {vendor: polycom, product: VVX_500}"
	cutSettings = "Resync_Periodic: 34, Resync_Random_Delay: 0, Resync_Error_Retry_Delay: 1, Profile_Rule: /$MA.cfg, settings_refresh_timer: 34, DBID_RESYNC_RANDOM_DELAY: 20"

	pollVendors     = "{vendor: cisco-spa, product: SPA504G}, {vendor: snom, product: D785}, {vendor: flyingvoice, product: IP542N}"
	tftpPollVendors = "{vendor: cisco-spa, product: SPA504G}, {vendor: snom, product: D785}"
	tftpSettings    = "Resync_Periodic: 30, Resync_Random_Delay: 0, Profile_Rule: /$MA.cfg, settings_refresh_timer: 30"
	downSettings    = "Resync_Periodic: 30, Resync_Random_Delay: 0, Resync_Error_Retry_Delay: 5, settings_refresh_timer: 30, DBID_RESYNC_PERIODIC: 30, DBID_RESYNC_RANDOM_DELAY: 0, DBID_RESYNC_ERROR_RETRY_DELAY: 5"
)

// with returns a server with another fleet.
func (s server) with(fleet, set string, robbed map[string]int) server {
	s.fleet, s.set, s.robbed = fleet, set, robbed
	return s
}

// stories are what happens on the wall clock.
var stories = map[string]struct {
	server
	day
	sink  func(*storyRun) journal.Sink // what makes it happen
	check func(*storyRun, *testing.T, *learn.Findings)
}{
	"nginx, a power cut and bans": {servers["nginx"].with(sevenVendors, cutSettings, map[string]int{"yealink": 1, "cisco-spa": 2}), cut, banning, (*storyRun).cut},
	"nginx, an outage":            {servers["nginx"].with(pollVendors, downSettings, nil), down, stopping, (*storyRun).outage},
	"apache, an outage":           {servers["apache"].with(pollVendors, downSettings, nil), down, stopping, (*storyRun).outage},
	"dnsmasq, an outage":          {servers["dnsmasq"].with(tftpPollVendors, tftpSettings, nil), down, stopping, (*storyRun).outage},
	"tftpd-hpa, an outage":        {servers["tftpd-hpa"].with(tftpPollVendors, tftpSettings, nil), down, stopping, (*storyRun).outage},
}

// storyRun is a story that goes on.
type storyRun struct {
	*asking
	t       *testing.T
	name    string
	act     func(func()) // has the test's goroutine do something with the server
	drain   chan struct{}
	journal journal.Memory
	result  *fleet.Result
}

// Power cuts, outages and bans on the wall clock are found in the logs of real servers,
// when the fleet's own journal says that they were, and the plan of what was learnt has
// the wave of the log.
func TestWavesOfServers(t *testing.T) {
	t.Parallel()
	acts, ended, all := make(chan func()), make(chan *storyRun, len(stories)), make(chan struct{})
	defer close(all)
	act := func(f func()) {
		select {
		case acts <- f:
		case <-all:
		}
	}
	running := 0
	for name, s := range stories {
		program := ""
		t.Run(name+" can be", func(t *testing.T) {
			if s.tftp {
				peer.NeedRoot(t, "phones ask port 69")
			}
			program = s.find(t)
		})
		if program == "" {
			continue
		}
		run := &storyRun{asking: s.prepare(t, program, s.day), t: t, name: name, act: act, drain: make(chan struct{})}
		sink := s.sink(run)
		running++
		go func() {
			run.result, run.err = fleet.Run(t.Context(), run.scenario, fleet.RunOptions{
				Network: run.network, Drain: run.drain, Options: fleet.Options{Journal: journal.Tee(&run.journal, sink)},
			})
			ended <- run
		}()
	}
	var runs []*storyRun
	for len(runs) < running {
		select {
		case f := <-acts:
			f()
		case run := <-ended:
			runs = append(runs, run)
		}
	}
	for _, run := range runs {
		t.Run(run.name, func(t *testing.T) {
			if run.err != nil {
				t.Fatal(run.err)
			}
			f := learntFrom(t, filepath.Join(run.dir, "log"), run.format)
			run.recognised(t, f)
			stories[run.name].check(run, t, f)
		})
	}
}

// each is a sink that is a function.
type each func(r *fleet.Record)

func (e each) Add(r *fleet.Record) error { e(r); return nil }

// asked reports whether a record is of a request that was made, and the status of its
// answer; 0: there was none.
func asked(r *fleet.Record) (answer int, ok bool) {
	switch r.Kind {
	case device.Transferred, device.ResyncDone:
		return status(r), r.URL != ""
	}
	return 0, false
}

// vain is how long a request that was answered at once did not take. One over TFTP that took
// longer was repeated until the server was there again.
const vain = 5 * time.Second

const (
	mostMisses = 22 // more than two boots of a Polycom phone have
	banFor     = 8 * time.Second
)

// banning bans for a while who has missed too many files, as fail2ban does with nginx's
// list of those that it denies.
func banning(s *storyRun) journal.Sink {
	misses, denied := map[int32]int{}, map[netip.Addr]bool{}
	reload := func(address netip.Addr, deny bool) {
		s.act(func() {
			denied[address] = deny
			var list []byte
			for address, deny := range denied {
				if deny {
					list = fmt.Appendf(list, "deny %s;\n", address)
				}
			}
			peer.Publish(s.t, s.dir, map[string][]byte{"deny": list})
			s.program.Signal(s.t, syscall.SIGHUP)
		})
	}
	return each(func(r *fleet.Record) {
		if status, ok := asked(r); !ok || status != 404 {
			return
		}
		if misses[r.Number]++; misses[r.Number] == mostMisses {
			misses[r.Number] = 0
			address, _ := s.network.pool.For(int(r.Number), false)
			go func() {
				reload(address, true)
				time.AfterFunc(banFor, func() { reload(address, false) })
			}()
		}
	})
}

// stopping stops the server when every phone has come four times, after which learn is
// sure of their periods, and starts it again when as much time has passed as makes an
// outage. The run ends when phones have come back.
func stopping(s *storyRun) journal.Sink {
	const sure, away, some = 4, 33 * time.Second, 8
	times, ready, again := map[int32]int{}, 0, map[int32]bool{}
	var back atomic.Bool
	return each(func(r *fleet.Record) {
		if r.Kind != device.ResyncDone || !r.Outcome.Success() {
			return
		}
		if times[r.Number]++; times[r.Number] == sure {
			if ready++; ready == s.devices.Len() {
				go s.act(func() {
					s.program.Stop(s.t)
					time.AfterFunc(away, func() {
						s.act(func() { s.program = s.start(); back.Store(true) })
					})
				})
			}
		}
		if back.Load() && !again[r.Number] {
			if again[r.Number] = true; len(again) == some {
				close(s.drain)
			}
		}
	})
}

// within10s reports whether two instants are at most ten seconds apart.
func within10s(a, b time.Time) bool { return a.Sub(b).Abs() <= 10*time.Second }

// causesOf counts the answered resyncs of the journal: those of boots but the first ones,
// and those of the schedule.
func (s *storyRun) causesOf() (boots, polls int) {
	cause, times := map[int32]resync.Cause{}, map[int32]int{}
	for i := range s.journal.Records {
		r := &s.journal.Records[i]
		if r.Kind == device.ResyncStart {
			if cause[r.Number] = r.Cause; r.Cause == resync.AtBoot {
				times[r.Number]++
			}
		}
		if status, ok := asked(r); !ok || status == 0 {
			continue
		}
		switch {
		case r.Took > vain: // it was due in the outage
		case cause[r.Number] == resync.Periodic:
			polls++
		case cause[r.Number] == resync.AtBoot && times[r.Number] > 1:
			boots++
		}
		delete(cause, r.Number)
	}
	return boots, polls
}

// causesFit holds boots and polls against the journal.
func (s *storyRun) causesFit(t *testing.T, f *learn.Findings) {
	boots, polls := 0, 0
	for _, v := range f.Vendors {
		boots, polls = boots+v.Boots, polls+v.Polls
	}
	wantBoots, wantPolls := s.causesOf()
	if wrong := math.Abs(float64(boots-wantBoots)) + math.Abs(float64(polls-wantPolls)); wrong > 0.05*float64(wantBoots+wantPolls) {
		t.Errorf("found %d boots and %d polls, want %d and %d", boots, polls, wantBoots, wantPolls)
	}
}

// outage holds the outage that was found against the journal's first request without an
// answer, and the first with one after it.
func (s *storyRun) outage(t *testing.T, f *learn.Findings) {
	var from, until time.Time
	for i := range s.journal.Records {
		r := &s.journal.Records[i]
		switch status, ok := asked(r); {
		case !ok:
		case (status == 0 || r.Took > vain) && from.IsZero():
			if from = r.Wall.Add(-r.Took); status != 0 {
				until = r.Wall
			}
		case status != 0 && !from.IsZero() && until.IsZero():
			until = r.Wall
		}
	}
	if from.IsZero() || until.IsZero() {
		t.Fatalf("the server was not down: %v, %v", from, until)
	}
	s.periods(t, f, 30, "cisco-spa", "snom", "flyingvoice")
	s.causesFit(t, f)
	if len(f.Outages) != 1 || f.Outages[0].Kind != learn.ServerDown || !within10s(f.Outages[0].From, from) || !within10s(f.Outages[0].Until, until) {
		t.Errorf("found %+v, want one of the server from %v until %v", f.Outages, from, until)
	}
	for _, w := range f.Waves {
		if w.Kind != learn.ServerDown {
			t.Errorf("%d phones are said to come back from a %s", w.Phones, w.Kind)
		}
	}
}

// cut holds the power cut and the bans that were found against the journal.
func (s *storyRun) cut(t *testing.T, f *learn.Findings) {
	s.periods(t, f, 34, "cisco-spa", "snom")
	s.causesFit(t, f)
	s.wave(t, f)
	s.bans(t, f)
	// Phones that were late came in another order than a plan's.
	if late := s.result.Tally.Totals().Times("lag").Quantile(0.99); late > 100*time.Millisecond {
		t.Skipf("the plan is not compared: this machine was busy, and phones were %v late", late)
	}
	(&played{found: f, rounded: 1}).model(t)
}

// wave holds the wave after the power cut against the journal.
func (s *storyRun) wave(t *testing.T, f *learn.Findings) {
	if len(f.Waves) != 1 {
		t.Fatalf("%d waves are found, want one", len(f.Waves))
	}
	times := map[int32]int{}
	var begins, backs []time.Time
	waiting := map[int32]bool{}
	for i := range s.journal.Records {
		r := &s.journal.Records[i]
		if r.Kind == device.Booted {
			times[r.Number]++
		}
		if times[r.Number] < 2 {
			continue
		}
		switch {
		case r.Kind == device.ResyncStart && r.Cause == resync.AtBoot:
			begins, waiting[r.Number] = append(begins, r.Wall), true
		case r.Kind == device.ResyncDone && waiting[r.Number] && r.Outcome.Success():
			backs = append(backs, r.Wall)
			delete(waiting, r.Number)
		}
	}
	slices.SortFunc(begins, time.Time.Compare)
	slices.SortFunc(backs, time.Time.Compare)
	peak := 0
	for i, j := 0, 0; j < len(begins); j++ {
		for begins[j].Sub(begins[i]) >= 10*time.Second {
			i++
		}
		peak = max(peak, j-i+1)
	}
	off := s.journal.Records[0].Wall.Add(s.scenario.Events[0].At - s.journal.Records[0].T)
	w := &f.Waves[0]
	if w.Kind != learn.PowerCut || !within10s(w.At, begins[0]) || !within10s(w.Cut, off) || few(w.Phones-len(begins), len(begins)) > 0.05 || few(w.Peak10-peak, peak) > 0.15 {
		t.Errorf("found a %s from %v until %v, of %d phones, %d in ten seconds; want from %v until %v, %d and %d", w.Kind, w.Cut, w.At, w.Phones, w.Peak10, off, begins[0], len(begins), peak)
	}
	const second = 1 // of the log's times
	back := backs[9*len(begins)/10].Sub(begins[0]).Seconds()
	if math.Abs(float64(w.Back90)-back) > 0.15*back+second {
		t.Errorf("90 %% are back after %v s, want %.1f", w.Back90, back)
	}
	for _, v := range f.Vendors {
		if v.Name == "flyingvoice" && math.Abs(float64(v.Delay)-20) > 0.15*20+second {
			t.Errorf("random delay %v, want 20 s", v.Delay)
		}
	}
}

// bans holds the bans against the journal: in which order phones were refused, how often
// they had missed a file before, and until when.
func (s *storyRun) bans(t *testing.T, f *learn.Findings) {
	type ban struct {
		misses, refused int
		from, until     time.Time
	}
	latest := map[int32]*ban{}
	var want []*ban
	for i := range s.journal.Records {
		r := &s.journal.Records[i]
		status, ok := asked(r)
		if !ok || status == 0 {
			continue
		}
		b := latest[r.Number]
		if b == nil || status != 403 && !b.from.IsZero() {
			if b != nil {
				b.until = r.Wall
			}
			b = &ban{}
			latest[r.Number] = b
		}
		switch status {
		case 403:
			if b.refused++; b.refused == 1 {
				b.from = r.Wall
			}
			if b.refused == 3 { // what makes it a ban
				want = append(want, b)
			}
		case 404:
			b.misses++
		}
	}
	if len(want) < s.robbed["cisco-spa"] || len(f.Bans) != len(want) {
		t.Fatalf("found %d bans, want %d, and one at least of each phone without a file", len(f.Bans), len(want))
	}
	for i, b := range f.Bans {
		w := want[i]
		until := b.From.Add(b.Lasted.Duration())
		if b.Lasted == 0 { // the log ends with it
			until = time.Time{}
		}
		if b.Status != 403 || b.Misses != w.misses || !within10s(b.From, w.from) || !within10s(until, w.until) {
			t.Errorf("found %+v, want %d misses and from %v until %v", b, w.misses, w.from, w.until)
		}
	}
}
