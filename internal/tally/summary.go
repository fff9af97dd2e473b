package tally

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"provsim/resync"
)

// Format is the version of [Summary]. A change that a reader has to know of
// changes it.
const Format = 1

// Run says what a run was.
type Run struct {
	Scenario string    `json:"scenario"`
	Digest   string    `json:"digest"` // of the scenario as it was run
	Seed     uint64    `json:"seed"`
	Shard    int       `json:"shard"`            // from 0
	Shards   int       `json:"shards"`           // 1 where the run is whole, or put together again
	Virtual  bool      `json:"virtual"`          // in virtual time, against a modelled server
	Started  time.Time `json:"started,omitzero"` // zero in virtual time
	Version  string    `json:"version"`          // of provsim
	Machine  Host      `json:"machine"`
	Target   string    `json:"target,omitempty"` // the server, without user and password
	// Invalid says why this machine, and not the server, was the limit.
	Invalid []string `json:"invalid,omitempty"`
}

// Host is what a run ran on.
type Host struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPU    string `json:"cpu,omitempty"` // its model, where it is known
	CPUs   int    `json:"cpus"`
	Memory uint64 `json:"memory,omitempty"` // bytes, where it is known
	Go     string `json:"go"`
}

// Summary is what there is to know of a run, and the content of summary.json.
// Run and Counts are inputs and counts; everything else is computed from them.
type Summary struct {
	Format int `json:"format"`
	Run
	Validity    Validity  `json:"validity"`
	Thresholds  []Result  `json:"thresholds"`
	Provisioned Readiness `json:"provisioned"`
	Jobs        []Job     `json:"jobs"`
	Peaks       []Peak    `json:"peaks"`
	Waves       []Wave    `json:"waves"`
	Times       []Times   `json:"times"`
	Bans        []Ban     `json:"bans"`
	CutOffs     []CutOff  `json:"cut_off,omitempty"` // the bans by vendor, in a fleet of several
	Unserved    []string  `json:"unserved_sites"`    // their names, with failures and no success
	Advice      *Advice   `json:"advice,omitempty"`
	Counts      *Totals   `json:"counts"`
}

// Validity says whether the run tells something about the server.
type Validity struct {
	Valid   bool     `json:"valid"`
	Reasons []string `json:"reasons"` // why not
}

// Readiness says how many devices were provisioned at the end of the run: the latest
// job since their power came succeeded, and they have a configuration.
type Readiness struct {
	Devices int     `json:"devices"`
	Count   int     `json:"count"`
	Share   float64 `json:"share"`
}

// Job sums up the jobs of one kind.
type Job struct {
	Job      resync.Job `json:"job"`
	Started  uint64     `json:"started,omitempty"` // of resyncs only
	Ended    uint64     `json:"ended"`
	Failures uint64     `json:"failures"`
	Share    float64    `json:"share"` // of failures among those that ended
}

// Wave sums up what followed a mark. A share of the devices that was never
// ready has no time.
type Wave struct {
	Mark
	Devices int      `json:"devices"`
	Ready   uint64   `json:"ready"`
	T50     *Seconds `json:"t50"` // after the mark
	T90     *Seconds `json:"t90"`
	T99     *Seconds `json:"t99"`
	T100    *Seconds `json:"t100"`
	Echoes  []Echo   `json:"echoes,omitempty"`
	Decay   float64  `json:"decay,omitempty"` // of the height in one period; 1: none
}

// Times sums up a histogram. Durations are exact to three digits.
type Times struct {
	Name  string  `json:"name"` // as in histograms.hlog, or a measure's
	Count uint64  `json:"count"`
	P50   Seconds `json:"p50"`
	P90   Seconds `json:"p90"`
	P95   Seconds `json:"p95"`
	P99   Seconds `json:"p99"`
	P999  Seconds `json:"p999"`
	Max   Seconds `json:"max"`
	Mean  Seconds `json:"mean"`
}

// Summary sums up a run that has ended.
func (t *Totals) Summary(r Run, thresholds []Threshold) *Summary {
	s := &Summary{
		Format: Format, Run: r, Validity: t.validity(r), Thresholds: []Result{}, Provisioned: t.provisioned(),
		Jobs: []Job{}, Times: []Times{}, Bans: append([]Ban{}, t.Bans()...), Unserved: t.sites.unserved(), Advice: t.Advice(), Counts: t,
	}
	s.CutOffs = t.CutOffs(s.Bans)
	if len(thresholds) == 0 {
		thresholds = []Threshold{DefaultRule()}
	}
	for _, th := range thresholds {
		s.Thresholds = append(s.Thresholds, th.Check(t))
	}
	for _, job := range []resync.Job{resync.Resync, resync.Upgrade, resync.KeepAlive} {
		if j := t.job(job); j.Ended+j.Started > 0 {
			s.Jobs = append(s.Jobs, j)
		}
	}
	for _, w := range windows {
		s.Peaks = append(s.Peaks, t.Peak(w))
	}
	for i := range t.Waves {
		s.Waves = append(s.Waves, t.wave(i))
	}
	for _, name := range timeNames {
		if h := t.Times(name); h.Count() > 0 {
			s.Times = append(s.Times, TimesOf(name, h))
		}
	}
	for name, h := range t.Histograms() {
		if !slices.Contains(timeNames, name) {
			s.Times = append(s.Times, TimesOf(name, h))
		}
	}
	return s
}

// validity puts together what the run found and what the counts say.
func (t *Totals) validity(r Run) Validity {
	v := Validity{Reasons: append([]string{}, r.Invalid...)}
	if t.Local > 0 {
		v.Reasons = append(v.Reasons, fmt.Sprintf("transfers that failed because this machine had no descriptor, port or memory left: %d", t.Local))
	}
	v.Valid = len(v.Reasons) == 0
	return v
}

func (t *Totals) provisioned() Readiness {
	p := Readiness{Devices: t.Devices}
	for i := range t.seconds {
		p.Count += int(t.seconds[i].provisioned)
	}
	p.Share = share(uint64(p.Count), uint64(t.Devices))
	return p
}

func (t *Totals) job(job resync.Job) Job {
	j := Job{Job: job}
	j.Ended, j.Failures = t.Outcomes.Ended(job)
	j.Share = share(j.Failures, j.Ended)
	if job == resync.Resync {
		for i := range t.seconds {
			j.Started += uint64(t.seconds[i].starts)
		}
	}
	return j
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func (t *Totals) wave(i int) Wave {
	w := Wave{Mark: t.Waves[i].Mark, Devices: t.Waves[i].Devices, Ready: t.Waves[i].ready.Count()}
	for share, at := range map[float64]**Seconds{0.50: &w.T50, 0.90: &w.T90, 0.99: &w.T99, 1: &w.T100} {
		if d, ok := t.ReadyAfter(i, share); ok {
			*at = (*Seconds)(&d)
		}
	}
	w.Echoes, w.Decay = t.echoes(i)
	return w
}

// TimesOf sums up a histogram under a name.
func TimesOf(name string, h *Histogram) Times {
	return Times{
		Name: name, Count: h.Count(),
		P50: Seconds(h.Quantile(0.50)), P90: Seconds(h.Quantile(0.90)), P95: Seconds(h.Quantile(0.95)), P99: Seconds(h.Quantile(0.99)),
		P999: Seconds(h.Quantile(0.999)), Max: Seconds(h.Max()), Mean: Seconds(h.Mean()),
	}
}

// unserved lists the sites that failed and never succeeded.
func (s *sites) unserved() []string {
	all := []string{}
	for i := range s.site {
		if s.site[i].ok == 0 && s.site[i].failed > 0 {
			all = append(all, s.name(i))
		}
	}
	return all
}

// name returns a site's source address, or its number where it has none of its own.
func (s *sites) name(site int) string { return cmp.Or(s.addresses[site], fmt.Sprintf("site %d", site)) }
