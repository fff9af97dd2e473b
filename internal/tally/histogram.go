package tally

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The buckets of all histograms: three digits from a microsecond on, up to a
// week. They are equal, so that merging is exact.
const (
	finest  = int64(time.Microsecond)
	longest = int64(7 * 24 * time.Hour)
	digits  = 3
)

// Histogram counts durations in nanoseconds, exact to three digits. The zero
// Histogram is empty. It takes some bytes for each bucket that is not empty, as a long
// run has one for each wave.
type Histogram struct {
	hdr *hdrhistogram.PackedHistogram
}

// Record counts one duration. What is under 0 counts as 0, and what is over a
// week as a week.
func (h *Histogram) Record(d time.Duration) {
	if h.hdr == nil {
		h.hdr = newHDR()
	}
	// No value between the limits is refused.
	_ = h.hdr.RecordValue(min(max(int64(d), 0), longest))
}

func newHDR() *hdrhistogram.PackedHistogram { return hdrhistogram.NewPacked(finest, longest, digits) }

// Merge adds the counts of o.
func (h *Histogram) Merge(o *Histogram) {
	if o.hdr == nil {
		return
	}
	if h.hdr == nil {
		h.hdr = newHDR()
	}
	h.hdr.Merge(o.hdr)
}

// Count returns the number of durations.
func (h *Histogram) Count() uint64 {
	if h.hdr == nil {
		return 0
	}
	return uint64(h.hdr.TotalCount())
}

// Quantile returns the duration that the share q of all, from 0 to 1, do not
// exceed, rounded up to its bucket, and 0 for an empty histogram.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.hdr == nil {
		return 0
	}
	return microseconds(h.hdr.ValueAtPercentile(100 * q))
}

// microseconds returns a value of a histogram. Its first bucket, which is that
// of no time at all, is under a microsecond wide.
func microseconds(ns int64) time.Duration {
	if ns < finest {
		return 0
	}
	return time.Duration(ns)
}

// Max returns the longest duration, rounded up to its bucket.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return microseconds(h.hdr.Max())
}

// Mean returns the mean duration, or 0.
func (h *Histogram) Mean() time.Duration {
	if h.hdr == nil {
		return 0
	}
	return microseconds(int64(h.hdr.Mean()))
}

// HDR returns the histogram for an encoder, or nil where it is empty.
func (h *Histogram) HDR() *hdrhistogram.PackedHistogram { return h.hdr }

// adopt takes over a histogram that a decoder has made.
func (h *Histogram) adopt(hdr *hdrhistogram.Histogram) error {
	fresh := hdrhistogram.New(finest, longest, digits)
	if dropped := fresh.Merge(hdr); dropped > 0 || !fresh.Equals(hdr) {
		return fmt.Errorf("found a histogram from %d to %d with %d digits, want %d to %d with %d",
			hdr.LowestTrackableValue(), hdr.HighestTrackableValue(), hdr.SignificantFigures(), finest, longest, digits)
	}
	h.hdr = newHDR()
	h.hdr.MergeFrom(hdr)
	return nil
}
