package tally

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"provsim/device"
	"provsim/resync"
)

// Histograms yields the histograms that are not empty, by their names:
//
//	latency.JOB.OUTCOME  from the instant at which the job was due to its end
//	service.JOB.OUTCOME  from its start to its end
//	transfer.CLASS       a transfer, from its request to its reply
//	dhcp                 from boot to lease
//	lag                  from the instant at which a job was due to its record
//	ready.N              from the mark numbered N until a device is ready
//	provision.N          from a device's power until it is ready, of the product numbered N
func (t *Totals) Histograms() iter.Seq2[string, *Histogram] {
	return func(yield func(string, *Histogram) bool) {
		for _, name := range t.names() {
			h, err := t.histogram(name)
			if err == nil && h.Count() > 0 && !yield(name, h) {
				return
			}
		}
	}
}

// SetHistogram puts a histogram that was read from a file in its place. Its
// error says that the name is unknown, or that its buckets are not ours.
func (t *Totals) SetHistogram(name string, hdr *hdrhistogram.Histogram) error {
	h, err := t.histogram(name)
	if err != nil {
		return err
	}
	if err := h.adopt(hdr); err != nil {
		return fmt.Errorf("histogram %q: %w", name, err)
	}
	return nil
}

// names lists the names of all histograms that there may be.
func (t *Totals) names() []string {
	names := []string{"dhcp", "lag"}
	for _, job := range []resync.Job{resync.Resync, resync.Upgrade, resync.KeepAlive} {
		for outcome := range resync.Outcome(numOutcomes) {
			names = append(names, fmt.Sprintf("latency.%v.%v", job, outcome), fmt.Sprintf("service.%v.%v", job, outcome))
		}
	}
	for _, class := range device.Classes() {
		names = append(names, "transfer."+class.String())
	}
	for i := range t.Waves {
		names = append(names, "ready."+strconv.Itoa(i))
	}
	for i := range t.Products {
		names = append(names, "provision."+strconv.Itoa(i))
	}
	return names
}

// histogram finds a histogram by its name.
func (t *Totals) histogram(name string) (*Histogram, error) {
	kind, rest, _ := strings.Cut(name, ".")
	switch kind {
	case "dhcp":
		return &t.dhcp, nil
	case "lag":
		return &t.lag, nil
	case "transfer":
		var class device.Class
		if err := class.UnmarshalText([]byte(rest)); err != nil {
			return nil, fmt.Errorf("histogram %q: %w", name, err)
		}
		return &t.transfer[class], nil
	case "ready":
		if i, err := strconv.Atoi(rest); err == nil && i >= 0 && i < len(t.Waves) {
			return &t.Waves[i].ready, nil
		}
		return nil, fmt.Errorf("histogram %q: want ready.0 to ready.%d", name, len(t.Waves)-1)
	case "provision":
		if i, err := strconv.Atoi(rest); err == nil && i >= 0 && i < len(t.Products) {
			return &t.Products[i].provision, nil
		}
		return nil, fmt.Errorf("histogram %q: found %d products", name, len(t.Products))
	}
	var job resync.Job
	var outcome resync.Outcome
	word, ending, _ := strings.Cut(rest, ".")
	if job.UnmarshalText([]byte(word)) != nil || outcome.UnmarshalText([]byte(ending)) != nil {
		return nil, fmt.Errorf("histogram %q: want a job and an outcome after %q", name, kind)
	}
	switch kind {
	case "latency":
		return &t.latency[job][outcome], nil
	case "service":
		return &t.service[job][outcome], nil
	}
	return nil, fmt.Errorf("histogram %q: want latency, service, transfer, dhcp, lag, ready or provision", name)
}

// all merges histograms.
func all(outcomes []Histogram) *Histogram {
	var sum Histogram
	for i := range outcomes {
		sum.Merge(&outcomes[i])
	}
	return &sum
}
