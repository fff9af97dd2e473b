package limits

import (
	"fmt"
	"time"
)

// Validity says whether a run measured the server.
type Validity struct {
	Valid    bool     `json:"valid"`
	Reasons  []string `json:"reasons,omitempty"`  // why it did not, and what to do
	Warnings []string `json:"warnings,omitempty"` // what came close

	LagP50 time.Duration `json:"lag_p50_ns"` // of the starts, behind the schedule
	LagP99 time.Duration `json:"lag_p99_ns"`
	LagMax time.Duration `json:"lag_max_ns"` // of all that devices did
	Lacks  int           `json:"lacks"`      // failures for lack of something

	Descriptors float64 `json:"descriptors"` // the highest share of the limit, like the ones below
	Ports       float64 `json:"ports"`
	Memory      float64 `json:"memory"`
	CPU         float64 `json:"cpu"`
}

// Validity judges what has been seen so far.
func (w *Watch) Validity() Validity {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.peak.readings
	v := Validity{
		LagP50: time.Duration(w.lag.ValueAtQuantile(50)) * time.Microsecond,
		LagP99: time.Duration(w.lag.ValueAtQuantile(99)) * time.Microsecond,
		LagMax: max(w.latest, time.Duration(w.lag.Max())*time.Microsecond),
		Lacks:  w.lacks, CPU: w.peak.cpu,
		Descriptors: share(p.Descriptors, p.DescriptorLimit),
		Ports:       share(p.Ports, p.PortLimit),
		Memory:      share(p.Memory, p.MemoryLimit),
	}
	v.judgeLag(w.thresholds, w.lag.TotalCount())
	v.judgeLacks(w.thresholds, w.lacked)
	v.judgeShares(w.thresholds, p)
	v.Valid = len(v.Reasons) == 0
	return v
}

const lessLoad = "use fewer devices, a lower rate, or several machines by --shard"

// fewStarts is up to how many starts one in a hundred says nothing.
const fewStarts = 100

func (v *Validity) judgeLag(t Thresholds, starts int64) {
	switch {
	case starts >= fewStarts && t.LagP99 > 0 && v.LagP99 > t.LagP99:
		v.invalid("one start in a hundred was %v or more behind the schedule, want at most %v: %s", round(v.LagP99), t.LagP99, lessLoad)
	case t.LagMax > 0 && v.LagMax > t.LagMax:
		v.invalid("a device was %v behind the schedule, want at most %v: %s", round(v.LagMax), t.LagMax, lessLoad)
	}
}

func (v *Validity) judgeLacks(t Thresholds, note string) {
	if v.Lacks > t.Lacks {
		v.invalid("%d transfers failed for lack of something on this machine, the last one: %s: raise the limit (ulimit -n), "+
			"give more source addresses by --source-ips, or set a limit on connections", v.Lacks, note)
	}
}

func (v *Validity) judgeShares(t Thresholds, p Readings) {
	for _, s := range []struct {
		share, most float64
		what, cure  string
	}{
		{v.Memory, t.Memory, fmt.Sprintf("of the memory (%d of %d MB)", p.Memory>>20, p.MemoryLimit>>20), "use fewer devices, or give the process more"},
		{v.CPU, t.CPU, fmt.Sprintf("of %.3g processors for %v", p.CPUs, t.Window), lessLoad + "; the server belongs on another machine"},
		{v.Descriptors, 0, fmt.Sprintf("of the descriptors (%d of %d)", p.Descriptors, p.DescriptorLimit), "raise the limit (ulimit -n)"},
		{v.Ports, 0, fmt.Sprintf("of the local ports (%d of %d)", p.Ports, p.PortLimit), "give more source addresses by --source-ips"},
	} {
		switch {
		case s.most > 0 && s.share > s.most:
			v.invalid("this process used %.0f %% %s: %s", 100*s.share, s.what, s.cure)
		case t.Near > 0 && s.share > t.Near:
			v.Warnings = append(v.Warnings, fmt.Sprintf("%.0f %% %s were in use: %s", 100*s.share, s.what, s.cure))
		}
	}
}

func (v *Validity) invalid(format string, args ...any) {
	v.Reasons = append(v.Reasons, fmt.Sprintf(format, args...))
}

// round leaves three digits, which is what the lags are known to.
func round(d time.Duration) time.Duration {
	for unit := time.Duration(1); ; unit *= 10 {
		if d/unit < 1000 {
			return d.Round(unit)
		}
	}
}
