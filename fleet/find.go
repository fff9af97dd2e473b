package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"provsim/internal/nearest"
	"provsim/internal/tally"
)

// Quantity is what [Find] searches for.
type Quantity string

// The quantities. RandomDelay is Resync Random Delay in seconds, on all devices.
const (
	RandomDelay Quantity = "random-delay" // the smallest that keeps the thresholds
	Devices     Quantity = "devices"      // the largest
	Workers     Quantity = "workers"      // the smallest, of the HTTP server
)

// quantity is what there is to know of one.
type quantity struct {
	Quantity
	largest   bool // the largest value is wanted, else the smallest
	low, high int  // where to look unless told otherwise
	set       func(*Scenario, int)
}

var quantities = []quantity{
	{RandomDelay, false, 0, 86_400, setRandomDelay},
	{Devices, true, 1, 1_000_000, func(s *Scenario, v int) { s.Devices = v }},
	{Workers, false, 1, 1024, func(s *Scenario, v int) {
		if s.Server.zero() {
			s.Server = DefaultServer()
		}
		s.Server.HTTP.Workers = v
	}},
}

func setRandomDelay(s *Scenario, v int) {
	mixes := slices.Clone(s.Population.Settings)
	if len(mixes) == 0 {
		mixes = []SettingsMix{{}}
	}
	for i := range mixes {
		set := maps.Clone(mixes[i].Set)
		if set == nil {
			set = map[string]string{}
		}
		delete(set, "DBID_RESYNC_RANDOM_DELAY")
		set["Resync Random Delay"] = strconv.Itoa(v)
		mixes[i].Set = set
	}
	s.Population.Settings = mixes
}

// ParseQuantity reads the name of a quantity.
func ParseQuantity(text string) (Quantity, error) {
	var names []string
	for _, q := range quantities {
		if string(q.Quantity) == text {
			return q.Quantity, nil
		}
		names = append(names, string(q.Quantity))
	}
	if near, ok := nearest.Name(text, names); ok {
		return "", fmt.Errorf("unknown quantity %q, did you mean %q?", text, near)
	}
	return "", fmt.Errorf("unknown quantity %q, want one of %q", text, names)
}

// FindOptions say where to search.
type FindOptions struct {
	Low, High int // the range, both included; both 0: the quantity's own
	Runs      int // the most plans; 0 is 24
	// Progress is called after each plan.
	Progress func(Probe)
}

// Probe is one plan of a search: its value and what it came to.
type Probe struct {
	Value    int
	Kept     bool           // all thresholds
	Verdicts []tally.Result // of each threshold, in the scenario's order
	Totals   *tally.Totals
	Server   Stats
}

// Found is the end of a search.
type Found struct {
	Quantity Quantity
	Largest  bool // the largest value was wanted, else the smallest
	Kept     bool // a value keeps the thresholds
	Value    int  // the wanted one, where Kept
	// Exact reports whether the next value was tried too and does not keep the
	// thresholds, or lies outside the range.
	Exact  bool
	Probes []Probe // the evidence, in the order of their values
}

const usualRuns = 24

// Find searches for the smallest or the largest value of a quantity with which
// plans of the scenario keep its thresholds, by halving. That is right if more
// of the quantity makes things only better, or only worse; both ends of the
// range are tried first, and the probes show where it would be otherwise.
func Find(ctx context.Context, s *Scenario, q Quantity, o FindOptions) (*Found, error) {
	search, err := newSearch(s, q, o)
	if err != nil {
		return nil, err
	}
	if err := search.run(ctx); err != nil {
		return nil, err
	}
	return search.found(), nil
}

// search is a search under way. Values are numbered from the easy end of the
// range, which keeps the thresholds if any does, so that the wanted value is
// the last that keeps them.
type search struct {
	quantity
	FindOptions
	scenario   *Scenario
	thresholds []tally.Threshold
	probes     []Probe
	good, bad  int // the last step that is known to keep them, the first that is not
}

func newSearch(s *Scenario, q Quantity, o FindOptions) (*search, error) {
	i := slices.IndexFunc(quantities, func(known quantity) bool { return known.Quantity == q })
	if i < 0 {
		_, err := ParseQuantity(string(q))
		return nil, err
	}
	f := &search{quantity: quantities[i], FindOptions: o, scenario: s}
	if o.Low == 0 && o.High == 0 {
		f.Low, f.High = f.low, f.high
	}
	f.Runs = or(o.Runs, usualRuns)
	switch {
	case f.Low < f.low || f.Low > f.High:
		return nil, fmt.Errorf("found a range from %d to %d of %s, want one from %d on", f.Low, f.High, q, f.low)
	case f.Runs < 2:
		return nil, fmt.Errorf("found %d runs, want at least 2: both ends of the range are tried", f.Runs)
	case len(s.Thresholds) == 0:
		return nil, fmt.Errorf("the scenario has no thresholds, want those that %s is to keep, such as p99(fetch) > 500ms", q)
	}
	for _, text := range s.Thresholds {
		t, err := tally.ParseThreshold(text)
		if err != nil {
			return nil, err
		}
		f.thresholds = append(f.thresholds, t)
	}
	return f, nil
}

// value returns the value that is so many steps from the easy end.
func (f *search) value(step int) int {
	if f.largest {
		return f.Low + step
	}
	return f.High - step
}

func (f *search) run(ctx context.Context) error {
	last := f.High - f.Low
	f.good, f.bad = -1, last+1
	for _, end := range []int{0, last} {
		if err := f.probe(ctx, end); err != nil {
			return err
		}
		if f.good < 0 || last == 0 {
			return nil // not even the easy end keeps them
		}
	}
	for f.bad-f.good > 1 && len(f.probes) < f.Runs {
		if err := f.probe(ctx, f.good+(f.bad-f.good)/2); err != nil {
			return err
		}
	}
	return nil
}

// probe plans the scenario with the value of a step.
func (f *search) probe(ctx context.Context, step int) error {
	s := *f.scenario
	p := Probe{Value: f.value(step), Kept: true}
	f.set(&s, p.Value)
	result, err := Plan(ctx, &s, Options{})
	if err != nil {
		return fmt.Errorf("%s %d: %w", f.Quantity, p.Value, err)
	}
	p.Totals, p.Server = result.Tally.Totals(), result.Server
	for _, t := range f.thresholds {
		v := t.Check(p.Totals)
		p.Kept = p.Kept && v.Known && !v.Failed
		p.Verdicts = append(p.Verdicts, v)
	}
	f.probes = append(f.probes, p)
	if p.Kept {
		f.good = max(f.good, step)
	} else {
		f.bad = min(f.bad, step)
	}
	if f.Progress != nil {
		f.Progress(p)
	}
	return nil
}

func (f *search) found() *Found {
	slices.SortFunc(f.probes, func(a, b Probe) int { return a.Value - b.Value })
	found := &Found{Quantity: f.Quantity, Largest: f.largest, Kept: f.good >= 0, Exact: f.bad-f.good <= 1, Probes: f.probes}
	if found.Kept {
		found.Value = f.value(f.good)
	}
	return found
}
