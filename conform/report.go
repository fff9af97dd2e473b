package conform

import (
	"time"

	"provsim/conform/check"
)

// A Result is one check and its finding.
type Result struct {
	Check check.Check
	check.Finding
	Began time.Duration // since the examination began
	Took  time.Duration
	// Vendor is the one as whose phones the server was asked, in a report of several.
	Vendor string
	// Known says that the same failure is in the baseline: it does not count.
	Known bool
}

// A Report is the result of an examination.
type Report struct {
	Target  check.Target
	Began   time.Time
	Took    time.Duration
	Results []Result // in the order of the catalogue, one vendor after the other
	// Vendors are those of the phones, in a report of several.
	Vendors []Vendor
	// Servers are those that have named themselves, of those that there is
	// advice for.
	Servers []check.Server
	// Interrupted says that the context ended before all checks had.
	Interrupted bool
}

// A Vendor is one of several of whose phones a setup was asked about.
type Vendor struct {
	Name   string `json:"vendor"`
	Phones int    `json:"phones"`
}

// Name returns the check's ID, and before it the vendor in a report of several.
func (r *Result) Name() string {
	if r.Vendor == "" {
		return r.Check.ID
	}
	return r.Vendor + " " + r.Check.ID
}

// Count returns how many results have a verdict.
func (r *Report) Count(v check.Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// Known returns how many failures are in the baseline.
func (r *Report) Known() int {
	n := 0
	for _, result := range r.Results {
		if result.Known {
			n++
		}
	}
	return n
}

// OK reports whether nothing new was found wrong: no check of level must or
// should has failed, none could not be carried out, and none was left out.
func (r *Report) OK() bool {
	for _, result := range r.Results {
		if result.Bad() {
			return false
		}
	}
	return !r.Interrupted
}

// Bad reports whether a result makes a setup one with faults.
func (r *Result) Bad() bool {
	return r.Verdict == check.Errored || r.Verdict == check.Failed && r.Check.Level > check.Info && !r.Known
}
