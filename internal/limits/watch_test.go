package limits_test

import (
	"strings"
	"testing"
	"time"

	"provsim/internal/limits"
)

// fake is a machine whose readings a test sets.
type fake struct{ limits.Readings }

func (f *fake) Read() limits.Readings { return f.Readings }

func roomy() limits.Readings {
	return limits.Readings{
		Descriptors: 100, DescriptorLimit: 1000, Ports: 100, PortLimit: 28000,
		Memory: 100 << 20, MemoryLimit: 1000 << 20, CPUs: 2,
	}
}

func TestVerdicts(t *testing.T) {
	lags := func(late time.Duration, times int) func(*limits.Watch, *fake) {
		return func(w *limits.Watch, _ *fake) {
			for i := range 1000 {
				due := time.Duration(i) * time.Second
				if i < times {
					w.Started(due, due+late)
				} else {
					w.Started(due, due)
				}
			}
		}
	}
	busy := func(cores float64, seconds int) func(*limits.Watch, *fake) {
		return func(w *limits.Watch, f *fake) {
			for i := range seconds + 1 {
				f.CPU = time.Duration(cores * float64(i) * float64(time.Second))
				w.Sample(time.Duration(i) * time.Second)
			}
		}
	}
	reads := func(change func(*limits.Readings)) func(*limits.Watch, *fake) {
		return func(w *limits.Watch, f *fake) {
			w.Sample(0)
			change(&f.Readings)
			w.Sample(time.Second)
			f.Readings = roomy() // what was, counts
			w.Sample(2 * time.Second)
		}
	}
	for _, c := range []struct {
		rule    string
		play    func(*limits.Watch, *fake)
		reason  string // "": the run is valid
		warning string
	}{
		{"nothing happens", func(*limits.Watch, *fake) {}, "", ""},
		{"all in time", lags(0, 1000), "", ""},
		{"a little late", lags(40*time.Millisecond, 1000), "", ""},
		{"early", lags(-time.Second, 1000), "", ""},
		{"a hundredth late", lags(60*time.Millisecond, 11), "one start in a hundred was 6", ""},
		{"fewer than that", lags(60*time.Millisecond, 9), "", ""},
		{"one very late", lags(2*time.Second, 1), "a device was 2", ""},
		{"one later than can be told", lags(2*time.Hour, 1), "a device was 1h", ""},
		{"all boot at once", func(w *limits.Watch, _ *fake) {
			for i := range 1000 {
				w.Woke(0, time.Duration(i)*time.Millisecond)
				w.Started(time.Minute, time.Minute)
			}
		}, "", ""},
		{"all boot at once, which takes too long", func(w *limits.Watch, _ *fake) { w.Woke(0, 2*time.Second) }, "a device was 2s behind", ""},
		{"a lack", func(w *limits.Watch, _ *fake) { w.Lacked("too many open files") }, "too many open files: raise the limit", ""},
		{"both processors", busy(1.98, 12), "99 % of 2 processors for 10s", ""},
		{"not for long", busy(1.98, 9), "", ""},
		{"most of both processors", busy(1.7, 12), "", "85 % of 2 processors"},
		{"one of them", busy(1, 100), "", ""},
		{"both after a long rest", func(w *limits.Watch, f *fake) {
			w.Sample(0)
			for i := range 12 {
				f.CPU = time.Duration(i) * 2 * time.Second
				w.Sample(time.Hour + time.Duration(i)*time.Second)
			}
		}, "100 % of 2 processors", ""},
		{"memory used up", reads(func(r *limits.Readings) { r.Memory = 990 << 20 }), "99 % of the memory (990 of 1000 MB)", ""},
		{"memory nearly used up", reads(func(r *limits.Readings) { r.Memory = 900 << 20 }), "", "90 % of the memory"},
		{"the limit came down", reads(func(r *limits.Readings) { r.MemoryLimit = 101 << 20 }), "99 % of the memory (100 of 101 MB)", ""},
		{"descriptors", reads(func(r *limits.Readings) { r.Descriptors = 900 }), "", "90 % of the descriptors (900 of 1000)"},
		{"ports", reads(func(r *limits.Readings) { r.Ports = 27000 }), "", "96 % of the local ports (27000 of 28000) were in use: give more source addresses"},
		{"nothing is known", reads(func(r *limits.Readings) { *r = limits.Readings{Descriptors: 1 << 40} }), "", ""},
	} {
		f := &fake{roomy()}
		w := limits.New(limits.DefaultThresholds(), f)
		c.play(w, f)
		v := w.Validity()
		if v.Valid != (c.reason == "") || v.Valid != (len(v.Reasons) == 0) || !strings.Contains(strings.Join(v.Reasons, "\n"), c.reason) {
			t.Errorf("%s: valid %v, reasons %q, want %q", c.rule, v.Valid, v.Reasons, c.reason)
		}
		if got := strings.Join(v.Warnings, "\n"); (got == "") != (c.warning == "") || !strings.Contains(got, c.warning) {
			t.Errorf("%s: warnings %q, want %q", c.rule, v.Warnings, c.warning)
		}
	}
}

func TestThresholdsAreTheUsers(t *testing.T) {
	f := &fake{roomy()}
	w := limits.New(limits.Thresholds{Lacks: 1}, f)
	w.Started(0, time.Minute)
	w.Lacked("no port")
	f.Memory = f.MemoryLimit
	w.Sample(time.Second)
	if v := w.Validity(); !v.Valid || v.Warnings != nil || v.LagMax < 59*time.Second || v.Lacks != 1 {
		t.Errorf("verdict %+v, want a valid one without warnings, with a lag of a minute and one lack", v)
	}
	w.Lacked("no port")
	if w.Validity().Valid {
		t.Error("valid with two lacks, want one at most")
	}
}

// Of a few starts one in a hundred is the slowest, which has a limit of its own.
func TestFewLateStarts(t *testing.T) {
	const few = 100
	w := limits.New(limits.DefaultThresholds(), &fake{roomy()})
	for i := range few {
		if v := w.Validity(); !v.Valid {
			t.Fatalf("after %d starts that were 100 ms late: %q", i, v.Reasons)
		}
		w.Started(0, 100*time.Millisecond)
	}
	if v := w.Validity(); v.Valid {
		t.Errorf("%d starts that were 100 ms late are valid", few)
	}
}
