package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/fetch/model"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"
)

func parse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := ParseScenario("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inventoryOf(t *testing.T, s *Scenario) *Inventory {
	t.Helper()
	v, err := NewInventory(s, Shard{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func plan(t *testing.T, s *Scenario, o Options) *Result {
	t.Helper()
	r, err := Plan(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// small returns an example with fewer devices.
func small(t *testing.T, name string, devices int) *Scenario {
	t.Helper()
	e, ok := FindExample(name)
	if !ok {
		t.Fatalf("no example %s", name)
	}
	s := parse(t, string(e.Text))
	s.Devices = devices
	return s
}

// summary is all that is counted in a run, in its written form: curves,
// histograms and sites included.
func summary(t *testing.T, totals *tally.Totals) string {
	t.Helper()
	var b bytes.Buffer
	if err := errors.Join(totals.WriteCurves(&b), totals.WriteSites(&b)); err != nil {
		t.Fatal(err)
	}
	for name, h := range totals.Histograms() {
		b.WriteString(name + "\n")
		h.HDR().ForEachBucket(func(value, count int64) bool {
			fmt.Fprintf(&b, "%d: %d\n", value, count)
			return true
		})
	}
	for job, outcomes := range totals.Outcomes {
		for outcome, count := range outcomes {
			if count > 0 {
				b.WriteString(cmp.Diff(nil, []any{resync.Job(job).String(), resync.Outcome(outcome).String(), count}))
			}
		}
	}
	b.WriteString(cmp.Diff(nil, []any{totals.Devices, totals.Boots, totals.Bytes, totals.Answered, totals.Repeats, totals.Wasted, totals.Model}))
	return b.String()
}

// Shards of every size, put together, give the unsharded run: devices compete
// for the server in all of them.
func TestShardsMergeToTheWhole(t *testing.T) {
	for _, name := range []string{"power-cut", "steady-day", "server-outage"} {
		s := small(t, name, 300)
		s.Server.TFTP.Buffer, s.Server.HTTP.Workers = 8, 1 // there is something to compete for
		s.Server.TFTP.Accept, s.Server.HTTP.Resync = model.Fixed(60*time.Millisecond), model.Fixed(time.Second)
		whole := summary(t, plan(t, s, Options{}).Tally.Totals())
		for _, count := range []int{2, 3} {
			var merged *tally.Totals
			for i := range count {
				r := plan(t, s, Options{Shard: Shard{Index: i, Count: count}})
				if merged == nil {
					merged = r.Tally.Totals()
					continue
				}
				if err := merged.Merge(r.Tally.Totals()); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(whole, summary(t, merged)); diff != "" {
				t.Errorf("%s in %d shards (-whole +merged):\n%.2000s", name, count, diff)
			}
		}
	}
}

// A device alone has the records that it has among all, byte for byte.
func TestOnlyReplaysOneDevice(t *testing.T) {
	for _, name := range []string{"steady-day", "rolling-upgrade", "power-cut"} {
		s := small(t, name, 300)
		const which = 217
		var all, alone bytes.Buffer
		mac := device.MAC{0x00, 0x21, 0xf2, 0, 0, which}
		one := which
		plan(t, s, Options{Journal: only{mac, journal.NewJSON(&all)}})
		r := plan(t, s, Options{Only: &one, Journal: journal.NewJSON(&alone)})
		if all.Len() == 0 || !bytes.Equal(all.Bytes(), alone.Bytes()) {
			t.Errorf("%s: %d bytes of records among all, %d alone; want the same", name, all.Len(), alone.Len())
		}
		if r.Devices != 1 || r.Tally.Totals().Devices != 1 {
			t.Errorf("%s: %d devices are recorded, want 1", name, r.Devices)
		}
	}
}

// only passes the records of one device on.
type only struct {
	mac device.MAC
	Sink
}

func (o only) Add(r *Record) error {
	if r.Device != o.mac {
		return nil
	}
	return o.Sink.Add(r)
}

// The same seed gives the same bytes, another seed others.
func TestSeedDecides(t *testing.T) {
	s := small(t, "steady-day", 50)
	s.Duration = 13 * time.Hour
	records := func(seed uint64) []byte {
		var b bytes.Buffer
		c := *s
		c.Seed = seed
		plan(t, &c, Options{Journal: journal.NewJSON(&b)})
		return b.Bytes()
	}
	first := records(1)
	if !bytes.Equal(first, records(1)) {
		t.Error("the same seed gives other records")
	}
	if bytes.Equal(first, records(2)) {
		t.Error("another seed gives the same records")
	}
}

// It decides what devices draw, and what the server does.
func TestSeedIsEverybodys(t *testing.T) {
	for what, s := range map[string]Scenario{
		"random delay": {Population: Population{Version: "1"}},
		"service time": {Population: Population{
			Version: "1", ProfileRule: "http://192.0.2.1/x", Settings: []SettingsMix{{Set: map[string]string{"Resync Random Delay": "0"}}},
		}},
	} {
		s.Devices, s.Duration, s.Server = 3, 10*time.Minute, DefaultServer()
		if what == "service time" {
			s.Server.HTTP.Resync = model.Dist{Shape: model.Exponential, Mean: time.Second}
		}
		other := s
		other.Seed = 1
		var first, second bytes.Buffer
		plan(t, &s, Options{Journal: journal.NewJSON(&first)})
		plan(t, &other, Options{Journal: journal.NewJSON(&second)})
		if bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("the %s is the same with another seed", what)
		}
	}
}

// Progress is called in the run's time, and what it sees grows.
func TestProgress(t *testing.T) {
	s := small(t, "bad-key", 20)
	var at []time.Duration
	ended := uint64(0)
	plan(t, s, Options{Every: time.Hour, Progress: func(p Progress) {
		at = append(at, p.Now)
		if now := p.Tally.Snapshot(p.Now).Ended; now <= ended || p.Until != s.Duration || p.Devices != 20 {
			t.Errorf("at %v: %d ended after %d, until %v, %d devices", p.Now, now, ended, p.Until, p.Devices)
		}
	}})
	if diff := cmp.Diff([]time.Duration{time.Hour, 2 * time.Hour}, at); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// An interrupted plan returns the result so far.
func TestPlanIsInterrupted(t *testing.T) {
	s := small(t, "steady-day", 100)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Plan(ctx, s, Options{Every: 3 * time.Hour, Progress: func(p Progress) {
		if p.Now == 6*time.Hour {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || r == nil || r.Until < 6*time.Hour || r.Until > 7*time.Hour || r.Tally.Totals().Boots == 0 {
		t.Errorf("found %v and %+v, want the context's error and the result of about 6 hours", err, r)
	}
}

// What cannot be run is refused before anything runs.
func TestPlanRefuses(t *testing.T) {
	one := 50
	for why, c := range map[string]struct {
		s *Scenario
		o Options
	}{
		"a scenario that is not valid": {&Scenario{Devices: -1}, Options{}},
		"a shard that is not there":    {&Scenario{}, Options{Shard: Shard{Index: 4, Count: 4}}},
		"more shards than devices":     {&Scenario{Devices: 3}, Options{Shard: Shard{Index: 0, Count: 4}}},
		"a device that is not there":   {&Scenario{Devices: 50}, Options{Only: &one}},
		"progress all the time":        {&Scenario{}, Options{Progress: func(Progress) {}}},
	} {
		if r, err := Plan(t.Context(), c.s, c.o); err == nil || r != nil {
			t.Errorf("%s: found %v and no error", why, r)
		}
	}
}

// largeFleet is a number of devices for which a plan sorts them by their turns.
const largeFleet = 1<<14 + 1000

// In a large fleet the order of the devices makes no difference.
func TestLargeFleet(t *testing.T) {
	s := small(t, "steady-day", largeFleet)
	s.Duration, s.Events, s.Server.HTTP.Workers = 2*time.Hour, []Event{{At: time.Hour, PowerCut: &PowerCut{Part: Part{Devices: 0.5, Site: "office"}, For: time.Minute}}}, 1
	one := 12345
	mac := device.MAC{0x00, 0x21, 0xf2, 0, byte(one >> 8), byte(one & 255)}
	var all, alone bytes.Buffer
	whole := plan(t, s, Options{Journal: only{mac, journal.NewJSON(&all)}})
	plan(t, s, Options{Only: &one, Journal: journal.NewJSON(&alone)})
	if all.Len() == 0 || !bytes.Equal(all.Bytes(), alone.Bytes()) {
		t.Errorf("%d bytes of records among all, %d alone; want the same", all.Len(), alone.Len())
	}
	merged := plan(t, s, Options{Shard: Shard{Index: 0, Count: 2}}).Tally.Totals()
	if err := merged.Merge(plan(t, s, Options{Shard: Shard{Index: 1, Count: 2}}).Tally.Totals()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(summary(t, whole.Tally.Totals()), summary(t, merged)); diff != "" {
		t.Errorf("in two shards (-whole +merged):\n%.2000s", diff)
	}
}
