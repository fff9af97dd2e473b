package fleet

import (
	"slices"
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
	before := slices.IndexFunc(found.Probes, func(p Probe) bool { return p.Value == found.Value-1 })
	at := slices.IndexFunc(found.Probes, func(p Probe) bool { return p.Value == found.Value })
	if before < 0 || at < 0 || found.Probes[before].Kept || !found.Probes[at].Kept {
		t.Errorf("the evidence is %+v, want %d without success and %d with it", found.Probes, found.Value-1, found.Value)
	}
	if !slices.IsSortedFunc(found.Probes, func(a, b Probe) int { return a.Value - b.Value }) || len(found.Probes[at].Verdicts) != 1 {
		t.Error("the probes are not in order, or have no verdicts")
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

// Where no value will do the search says so after one plan; where runs are few it
// says that the answer is not exact.
func TestFindHasItsLimits(t *testing.T) {
	s := burst()
	s.Thresholds = []string{"failed >= 0"}
	found, err := Find(t.Context(), s, RandomDelay, FindOptions{High: 100})
	if err != nil || found.Kept || len(found.Probes) != 1 || found.Probes[0].Value != 100 {
		t.Errorf("found %+v, %v; want nothing, after a look at the longest delay", found, err)
	}
	probes := 0
	found, err = Find(t.Context(), burst(), RandomDelay, FindOptions{High: 3000, Runs: 4, Progress: func(Probe) { probes++ }})
	if err != nil || !found.Kept || found.Exact || len(found.Probes) != 4 || probes != 4 {
		t.Errorf("found %+v, %v in %d probes; want some value, not exact, after 4", found, err, probes)
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
