package fleet

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// burst is a fleet that boots at once in front of a small receive buffer.
func burst() *Scenario {
	s := &Scenario{Devices: 600, Duration: 10 * time.Minute, Server: DefaultServer(), Thresholds: []string{"max(fetch) > 900ms"}}
	s.Server.TFTP.Buffer = 32
	s.Server.TFTP.Accept.Mean = 10 * time.Millisecond // 100 a second
	return s
}

// The smallest delay is found, by evidence: it keeps the thresholds, and a
// second less does not.
func TestFindRandomDelay(t *testing.T) {
	found, err := Find(t.Context(), burst(), RandomDelay, FindOptions{High: 300})
	if err != nil {
		t.Fatal(err)
	}
	if !found.Kept || !found.Exact || found.Value < 5 || found.Value > 20 {
		t.Fatalf("found %d (kept %v, exact %v), want about the 6 s that 600 requests take", found.Value, found.Kept, found.Exact)
	}
	before := slices.IndexFunc(found.Trials, func(p Trial) bool { return p.Value == found.Value-1 })
	at := slices.IndexFunc(found.Trials, func(p Trial) bool { return p.Value == found.Value })
	if before < 0 || at < 0 || found.Trials[before].Kept || !found.Trials[at].Kept {
		t.Errorf("the evidence is %+v, want %d without success and %d with it", found.Trials, found.Value-1, found.Value)
	}
	if !slices.IsSortedFunc(found.Trials, func(a, b Trial) int { return a.Value - b.Value }) || len(found.Trials[at].Results) != 1 {
		t.Error("the trials are not in order, or have no results")
	}
}

// Phones whose setting has a larger unit are searched in steps of it, and those that
// have no such setting are refused by name (SPA-TRG).
func TestFindRandomDelayOfOtherVendors(t *testing.T) {
	s := burst()
	s.Population.Vendor = "cisco-spa"
	s.Population.Settings = []SettingsMix{{Set: map[string]string{"Resync Random Delay": "4"}}}
	found, err := Find(t.Context(), s, RandomDelay, FindOptions{Low: 5, High: 310})
	if err != nil {
		t.Fatal(err)
	}
	if !found.Kept || !found.Exact || found.Value != 20 || found.Low != 20 || found.High != 300 {
		t.Errorf("found %d of %d to %d (kept %v, exact %v), want the first step of 20 s", found.Value, found.Low, found.High, found.Kept, found.Exact)
	}
	for _, p := range found.Trials {
		if p.Value%20 != 0 {
			t.Errorf("tried %d s, want steps of 20 s", p.Value)
		}
	}
	for vendors, want := range map[string]string{
		"yealink": "phones of Yealink do not wait", "yealink snom": "phones of Yealink and Snom do not wait",
		"flyingvoice cisco-spa": "Flying Voice and Cisco SPA each have",
	} {
		s := burst()
		for vendor := range strings.FieldsSeq(vendors) {
			s.Population.Products = append(s.Population.Products, Product{Vendor: vendor, Weight: 1})
		}
		if _, err := Find(t.Context(), s, RandomDelay, FindOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", vendors, err, want)
		}
	}
}

func TestFindDevicesAndWorkers(t *testing.T) {
	s := burst()
	found, err := Find(t.Context(), s, Devices, FindOptions{Low: 1, High: 2000})
	if err != nil || !found.Kept || !found.Exact || !found.Largest || found.Value < 600 {
		t.Errorf("devices: %+v, %v", found, err)
	}
	s = &Scenario{
		Devices: 300, Duration: 5 * time.Minute, Server: DefaultServer(), Thresholds: []string{"p99(fetch) > 500ms"},
		Population: Population{ProfileRule: "http://192.0.2.1/x", Settings: []SettingsMix{{Set: map[string]string{"Resync Random Delay": "10"}}}},
	}
	s.Server.HTTP.Resync.Mean = 200 * time.Millisecond // 30 a second need 6 workers
	found, err = Find(t.Context(), s, Workers, FindOptions{})
	if err != nil || !found.Kept || !found.Exact || found.Value < 6 || found.Value > 12 {
		t.Errorf("workers: %+v, %v", found, err)
	}
	if s.Server.HTTP.Workers != 2 {
		t.Errorf("the scenario has %d workers after the search, want it unchanged", s.Server.HTTP.Workers)
	}
}

// Without a range a delay is searched from the scenario's own on and inside the
// run's length: a power cut ends ninety minutes before its run does.
func TestFindBeginsWithTheScenario(t *testing.T) {
	s := small(t, "power-cut", 2000)
	var tried []int
	found, err := Find(t.Context(), s, RandomDelay, FindOptions{Progress: func(p Trial) { tried = append(tried, p.Value) }})
	if err != nil || !found.Kept || !found.Exact || found.High != 3*60*60 {
		t.Fatalf("found %+v, %v, want a value of 0 to 10800", found, err)
	}
	if tried[0] != 40 || slices.Max(tried) != 40 {
		t.Errorf("tried %v, want the scenario's own 40 s first, which is enough, and no longer one", tried)
	}
	// What the search calls enough the report does not call too short.
	setRandomDelay(s, found.Value)
	if advice := plan(t, s, Options{}).Tally.Totals().Advice(); advice != nil {
		t.Errorf("with a delay of %d s the report advises %+v", found.Value, advice)
	}
	if at := slices.IndexFunc(found.Trials, func(p Trial) bool { return p.Value == found.Value-1 }); found.Value == 0 || at < 0 || found.Trials[at].Advice == nil {
		t.Errorf("found %d s, want the evidence that a second less overloads the server", found.Value)
	}
	setRandomDelay(s, 3*60*60) // too long for the run
	if again, err := Find(t.Context(), s, RandomDelay, FindOptions{}); err != nil || again.Value != found.Value {
		t.Errorf("begun with a delay as long as the run: %+v, %v, want %d s", again, err, found.Value)
	}
	if got := RandomDelay.Label() + " " + RandomDelay.Value(7); got != "Resync Random Delay 7 s" {
		t.Errorf("7 is %s", got)
	}
}

// Where no value keeps the thresholds the search has tried both directions; where
// runs are few it says that the answer is not exact.
func TestFindHasItsLimits(t *testing.T) {
	s := burst()
	s.Thresholds = []string{"failed >= 0"}
	found, err := Find(t.Context(), s, RandomDelay, FindOptions{High: 100})
	if err != nil || found.Kept || found.Trials[0].Value != 0 || found.Trials[len(found.Trials)-1].Value != 100 {
		t.Errorf("found %+v, %v; want nothing, after a look at both ends", found, err)
	}
	trials := 0
	found, err = Find(t.Context(), burst(), RandomDelay, FindOptions{High: 3000, Runs: 4, Progress: func(Trial) { trials++ }})
	if err != nil || !found.Kept || found.Exact || len(found.Trials) != 4 || trials != 4 {
		t.Errorf("found %+v, %v in %d trials; want some value, not exact, after 4", found, err, trials)
	}
	for why, c := range map[string]struct {
		q Quantity
		s *Scenario
		o FindOptions
	}{
		"no thresholds": {RandomDelay, &Scenario{}, FindOptions{}},
		"no such thing": {"workerz", burst(), FindOptions{}},
		"no range":      {Devices, burst(), FindOptions{Low: 0, High: 9}},
		"too few runs":  {Devices, burst(), FindOptions{Runs: 1}},
	} {
		if _, err := Find(t.Context(), c.s, c.q, c.o); err == nil {
			t.Errorf("%s: found no error", why)
		}
	}
}
