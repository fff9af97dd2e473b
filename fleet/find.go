package fleet

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/internal/nearest"
	"provsim/internal/tally"
	"provsim/profile"
)

// Quantity is what [Find] searches for.
type Quantity string

// The quantities.
const (
	RandomDelay Quantity = "random-delay" // the smallest Resync Random Delay, on all devices
	Devices     Quantity = "devices"      // the largest number of devices
	Workers     Quantity = "workers"      // the smallest number of workers of the HTTP server
)

// quantity is what there is to know of one.
type quantity struct {
	Quantity
	label, unit string
	step        int  // values are multiples of it
	largest     bool // the largest value is wanted, else the smallest
	low, high   int  // where to look unless told otherwise
	own         func(*Scenario) int
	set         func(*Scenario, int)
}

var quantities = []quantity{
	{RandomDelay, "Resync Random Delay", " s", 1, false, 0, 86_400, randomDelay, setRandomDelay},
	{Devices, "number of devices", "", 1, true, 1, MaxDevices, func(s *Scenario) int { return s.Filled().Devices }, func(s *Scenario, v int) { s.Devices = v }},
	{Workers, "number of HTTP workers", "", 1, false, 1, 1024, func(s *Scenario) int { return s.Model().HTTP.Workers }, func(s *Scenario, v int) {
		if s.Server.IsZero() {
			s.Server = DefaultServer()
		}
		s.Server.HTTP.Workers = v
	}},
}

// Label returns the quantity in words, such as "Resync Random Delay".
func (q Quantity) Label() string { return q.find().label }

// Value returns a value with its unit, such as "40 s".
func (q Quantity) Value(v int) string { return strconv.Itoa(v) + q.find().unit }

func (q Quantity) find() quantity {
	for _, known := range quantities {
		if known.Quantity == q {
			return known
		}
	}
	return quantity{label: string(q)}
}

// spread is the setting that the search for a random delay moves.
type spread struct {
	profile.Parameter
	unit int // seconds
}

// spreadOf returns the setting of the one vendor of a scenario whose phones have one.
func spreadOf(s *Scenario) (found spread, err error) {
	filled := s.Filled()
	var names, without []string
	for _, vendor := range filled.Population.Vendors() {
		p, ok := vendor.Parameters.Find(vendor.RandomDelay)
		if !ok {
			without = append(without, vendor.Vendor)
			continue
		}
		found = spread{p, int(vendor.RandomDelayUnit / time.Second)}
		names = append(names, vendor.Vendor)
	}
	switch {
	case len(names) == 0:
		return found, fmt.Errorf("phones of %s do not wait at boot, and have no setting for it, so there is no random delay to find; devices and workers can be searched for", strings.Join(without, " and "))
	case len(names) > 1:
		return found, fmt.Errorf("the phones of %s each have a random delay of their own, want a fleet with the phones of one of them", strings.Join(names, " and "))
	}
	return found, nil
}

// randomDelay returns the delay of the settings with the most weight, in seconds.
func randomDelay(s *Scenario) int {
	mixes := s.Filled().Population.Settings
	most := slices.MaxFunc(mixes, func(a, b SettingsMix) int { return cmp.Compare(a.Weight, b.Weight) })
	p, _ := spreadOf(s)
	delay, _ := strconv.Atoi(cmp.Or(most.Set[p.Web], most.Set[p.Name], p.Default))
	return delay * p.unit
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
		p, _ := spreadOf(s)
		delete(set, p.Name)
		set[p.Web] = strconv.Itoa(v / p.unit)
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
	Low, High int // the range, both included; both 0: the quantity's own, a random delay up to the run's length
	Runs      int // the most plans; 0 is 40
	// Progress is called after each plan.
	Progress func(Trial)
}

// Trial is one plan of a search: its value and its result.
type Trial struct {
	Value   int
	Kept    bool           // all thresholds, and of a random delay that the server was not overloaded
	Results []tally.Result // of each threshold, in the scenario's order
	Advice  *tally.Advice  // not nil: the server was overloaded
	Totals  *tally.Totals
	Server  Stats
}

// Found is the result of a search.
type Found struct {
	Quantity Quantity
	Largest  bool // the largest value was wanted, else the smallest
	Kept     bool // a value keeps the thresholds
	Value    int  // the wanted one, where Kept
	// Exact reports whether the next value was tried too and does not keep the
	// thresholds, or lies outside the range.
	Exact     bool
	Step      int     // how far values are apart; 1 unless the phones' delay has a larger unit
	Low, High int     // the range
	Trials    []Trial // the evidence, in the order of their values
}

const usualRuns = 40

// Find searches for the smallest or the largest value of a quantity with which
// plans of the scenario keep its thresholds. It begins with the scenario's own
// value, doubles or halves it until some values keep the thresholds and others do
// not, and then halves the range between these. That is right if more of the
// quantity makes things only better, or only worse; the trials show where it would
// be otherwise.
//
// A random delay with which the server is overloaded does not count, even if the
// thresholds hold: the report would advise a longer one.
func Find(ctx context.Context, s *Scenario, q Quantity, o FindOptions) (*Found, error) {
	f, err := newSearch(s, q, o)
	if err != nil {
		return nil, err
	}
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(f.trials, func(a, b Trial) int { return a.Value - b.Value })
	return &Found{
		Quantity: q, Largest: f.largest, Kept: f.kept, Value: f.good,
		Exact: f.kept && (f.good == f.hardEnd() || f.broken && f.distance() <= f.step),
		Step:  f.step, Low: f.Low, High: f.High, Trials: f.trials,
	}, nil
}

// search is a search under way. Values are easy towards one end of the range, where
// the thresholds hold if they hold anywhere, and hard towards the other. The wanted
// value is the hardest that keeps the thresholds.
type search struct {
	quantity
	FindOptions
	scenario   *Scenario
	thresholds []tally.Threshold
	trials     []Trial

	kept   bool
	good   int // where kept: the hardest value that is known to keep the thresholds
	broken bool
	bad    int // where broken: the easiest value that is harder than good and known to break them
}

func newSearch(s *Scenario, q Quantity, o FindOptions) (*search, error) {
	i := slices.IndexFunc(quantities, func(known quantity) bool { return known.Quantity == q })
	if i < 0 {
		_, err := ParseQuantity(string(q))
		return nil, err
	}
	f := &search{quantity: quantities[i], FindOptions: o, scenario: s}
	if q == RandomDelay {
		moved, err := spreadOf(s)
		if err != nil {
			return nil, err
		}
		f.step = moved.unit
	}
	if o.Low == 0 && o.High == 0 {
		f.Low, f.High = f.low, f.high
		if q == RandomDelay {
			f.High = min(f.High, int(s.Filled().Duration/time.Second))
		}
	}
	f.Low, f.High = f.whole(f.Low+f.step-1), f.whole(f.High)
	f.Runs = cmp.Or(o.Runs, usualRuns)
	switch {
	case f.Low < f.low || f.Low > f.High:
		return nil, fmt.Errorf("found a range from %d to %d of %s, want one from %d on", f.Low, f.High, q, f.low)
	case f.Runs < 2:
		return nil, fmt.Errorf("found %d runs, want at least 2", f.Runs)
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

// whole rounds a value down to a multiple of the step.
func (f *search) whole(v int) int { return v - v%f.step }

func (f *search) easyEnd() int {
	if f.largest {
		return f.Low
	}
	return f.High
}

func (f *search) hardEnd() int {
	if f.largest {
		return f.High
	}
	return f.Low
}

// towards returns the next value to try on the way to an end of the range: twice
// the value, or half of it.
func (f *search) towards(end, v int) int {
	if end > v {
		return min(end, max(2*v, f.step))
	}
	return max(end, f.whole(v/2))
}

// distance returns how far the known good and bad values are apart.
func (f *search) distance() int { return max(f.good-f.bad, f.bad-f.good) }

func (f *search) run(ctx context.Context) error {
	own := min(max(f.own(f.scenario), f.Low), f.High)
	if err := f.try(ctx, own); err != nil {
		return err
	}
	// First easier values, then harder ones, because a random delay may be too long
	// for the run.
	for _, end := range []int{f.easyEnd(), f.hardEnd()} {
		for v := own; !f.kept && v != end && len(f.trials) < f.Runs; {
			v = f.towards(end, v)
			if err := f.try(ctx, v); err != nil {
				return err
			}
		}
	}
	for v := f.good; f.kept && !f.broken && v != f.hardEnd() && len(f.trials) < f.Runs; {
		v = f.towards(f.hardEnd(), v)
		if err := f.try(ctx, v); err != nil {
			return err
		}
	}
	for f.kept && f.broken && f.distance() > f.step && len(f.trials) < f.Runs {
		if err := f.try(ctx, f.whole(f.bad+(f.good-f.bad)/2)); err != nil {
			return err
		}
	}
	return nil
}

// try plans the scenario with a value.
func (f *search) try(ctx context.Context, value int) error {
	s := *f.scenario
	p := Trial{Value: value, Kept: true}
	f.set(&s, value)
	result, err := Plan(ctx, &s, Options{})
	if err != nil {
		return fmt.Errorf("%s %d: %w", f.Quantity, value, err)
	}
	p.Totals, p.Server = result.Tally.Totals(), result.Server
	for _, t := range f.thresholds {
		v := t.Check(p.Totals)
		p.Kept = p.Kept && v.Known && !v.Failed
		p.Results = append(p.Results, v)
	}
	if p.Advice = p.Totals.Advice(); p.Advice != nil && f.Quantity == RandomDelay {
		p.Kept = false
	}
	f.trials = append(f.trials, p)
	switch {
	case p.Kept:
		f.kept, f.good = true, value
		f.broken = f.broken && f.harder(f.bad, value)
	case !f.broken || f.harder(f.bad, value):
		f.broken, f.bad = true, value
	}
	if f.Progress != nil {
		f.Progress(p)
	}
	return nil
}

// harder reports whether a value is harder than another.
func (f *search) harder(value, than int) bool { return (value > than) == f.largest && value != than }
