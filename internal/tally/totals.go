package tally

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// maxTries is the largest number of tries that has a count of its own.
const maxTries = 16

// Totals are what a run has counted. The members that are exported, and their
// names in JSON, are the scalar ones; summary.json has them under "counts".
type Totals struct {
	Devices  int      `json:"devices"`
	Duration Seconds  `json:"duration"` // how long the run lasted
	Boots    uint64   `json:"boots"`
	Outcomes Outcomes `json:"outcomes"` // by job and outcome
	Bytes    uint64   `json:"bytes"`    // of bodies that arrived, those of failed jobs included
	// Failing is the number of devices whose last resync or last upgrade since their
	// power came failed, at the end of the run.
	Failing  int      `json:"failing"`
	Examples Examples `json:"examples"` // of jobs that applied nothing
	// Local counts the failures that were this machine's, which Outcomes hold too.
	Local uint64 `json:"local"`

	// Answered counts the transfers that the server answered at the first try, at
	// the second, and so on; the last entry holds all that took longer. Only
	// transports that repeat a request themselves (TFTP) are counted.
	Answered   [maxTries]uint64 `json:"answered"`
	Unanswered uint64           `json:"unanswered"` // transfers given up without an answer
	Repeats    uint64           `json:"repeats"`    // requests beyond the first of a transfer
	// Wasted counts the transfers that failed after bytes had arrived, and
	// WastedBytes those bytes.
	Wasted      uint64 `json:"wasted"`
	WastedBytes uint64 `json:"wasted_bytes"`

	// Transfers counts them by class and outcome: those that end a job, and those with
	// which it goes on.
	Transfers byClass `json:"transfers"`
	// Products sums up the devices by vendor and product, where there are several.
	Products []Product `json:"products,omitempty"`

	Waves []wave          `json:"waves"`
	Model *ModelledServer `json:"model,omitempty"` // what a modelled server has counted

	Gateway *Gateway `json:"gateway,omitempty"`

	planned  time.Duration // Config.Duration
	seconds  []second
	latency  [numJobs][numOutcomes]Histogram
	service  [numJobs][numOutcomes]Histogram
	transfer [numClasses]Histogram
	dhcp     Histogram
	lag      Histogram
	sites    sites
}

func newTotals(c Config) Totals {
	t := Totals{Devices: c.Devices, Products: productsOf(c), planned: min(c.Duration, MaxDuration), sites: newSites(c)}
	t.Waves = []wave{{Mark: Mark{Kind: Start, Name: "start"}, Devices: c.Devices}}
	t.reach(int(t.planned/time.Second) + 1)
	return t
}

// end cuts the curves, or makes them longer, to the end of the run.
func (t *Totals) end(at time.Duration) {
	t.Duration = Seconds(at)
	n := int(at/time.Second) + 1
	t.reach(n)
	t.seconds = t.seconds[:n]
}

// count notes a job that has ended.
func (t *Totals) count(r *journal.Record, latency time.Duration) {
	job := resync.Resync
	switch r.Kind {
	case device.UpgradeDone:
		job = resync.Upgrade
	case device.KeepAliveDone:
		job = resync.KeepAlive
	}
	t.Outcomes[job][r.Outcome]++
	if tellsOf(r.Outcome) {
		t.Examples.note(job, r)
	}
	bytes := uint64(max(r.Bytes, 0))
	t.Bytes += bytes
	if bytes > 0 && !r.Outcome.Success() {
		t.Wasted++
		t.WastedBytes += bytes
	}
	if r.Tries > 0 {
		t.tried(r, bytes)
	}
	if r.Local {
		t.Local++
		return
	}
	t.latency[job][r.Outcome].Record(latency)
	t.service[job][r.Outcome].Record(r.Took)
}

func (t *Totals) tried(r *journal.Record, bytes uint64) {
	t.Repeats += uint64(r.Tries - 1)
	if r.Outcome == resync.Timeout && bytes == 0 {
		t.Unanswered++
		return
	}
	t.Answered[min(r.Tries, maxTries)-1]++
}

// ErrOtherRun says that totals are not those of two shards of one run.
var ErrOtherRun = errors.New("the shards are not of one run")

// Merge adds the totals of another shard. Its error is of [ErrOtherRun], and
// leaves t as it was.
func (t *Totals) Merge(o *Totals) error {
	if err := t.checkMerge(o); err != nil {
		return err
	}
	t.Devices += o.Devices
	t.Duration = max(t.Duration, o.Duration)
	t.Boots += o.Boots
	t.Outcomes.merge(&o.Outcomes)
	t.Transfers.merge(&o.Transfers)
	for i := range t.Products {
		t.Products[i].merge(&o.Products[i])
	}
	t.Bytes += o.Bytes
	t.Local += o.Local
	t.Failing += o.Failing
	t.Examples.merge(&o.Examples)
	for i := range t.Answered {
		t.Answered[i] += o.Answered[i]
	}
	t.Unanswered += o.Unanswered
	t.Repeats += o.Repeats
	t.Wasted += o.Wasted
	t.WastedBytes += o.WastedBytes
	t.Model = mergeModels(t.Model, o.Model)
	t.Gateway = cmp.Or(t.Gateway, o.Gateway)
	t.reach(len(o.seconds))
	for i := range o.seconds {
		t.seconds[i].merge(&o.seconds[i])
	}
	for name, h := range o.Histograms() {
		mine, err := t.histogram(name)
		if err != nil {
			return err
		}
		mine.Merge(h)
	}
	for i := range t.Waves {
		t.Waves[i].Devices += o.Waves[i].Devices
	}
	t.sites.merge(&o.sites)
	return nil
}

func (t *Totals) checkMerge(o *Totals) error {
	if len(t.Waves) != len(o.Waves) {
		return fmt.Errorf("%w: found %d marks in one and %d in the other", ErrOtherRun, len(t.Waves), len(o.Waves))
	}
	for i := range t.Waves {
		if a, b := t.Waves[i].Mark, o.Waves[i].Mark; a != b {
			return fmt.Errorf("%w: mark %d is %q at %v in one and %q at %v in the other", ErrOtherRun, i, a.Name, a.At, b.Name, b.At)
		}
	}
	if !sameProducts(t.Products, o.Products) {
		return fmt.Errorf("%w: found %d products in one and %d in the other, or other ones", ErrOtherRun, len(t.Products), len(o.Products))
	}
	return t.sites.checkMerge(&o.sites)
}
