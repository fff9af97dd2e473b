package report

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"provsim/internal/tally"
)

// writeHistograms writes the histograms in HdrHistogram's log format, one
// interval each, which is the whole run.
func (r *Results) writeHistograms(w io.Writer) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	start := int64(0)
	if !r.Summary.Started.IsZero() {
		start = r.Summary.Started.UnixMilli()
	}
	log.SetBaseTime(start)
	err := errors.Join(
		log.OutputComment("[Logged with provsim "+r.Summary.Version+" by github.com/HdrHistogram/hdrhistogram-go]"),
		log.OutputLogFormatVersion(), log.OutputStartTime(start), log.OutputBaseTime(start), log.OutputLegend(),
	)
	for name, h := range r.Summary.Counts.Histograms() {
		hdr := h.HDR()
		hdr.SetTag(name)
		hdr.SetStartTimeMs(start)
		hdr.SetEndTimeMs(start + time.Duration(r.Summary.Counts.Duration).Milliseconds())
		err = errors.Join(err, log.OutputIntervalPackedHistogram(hdr))
	}
	return err
}

// readHistograms puts the histograms of a log in their places.
func readHistograms(log io.Reader, t *tally.Totals) error {
	reader := hdrhistogram.NewHistogramLogReader(log)
	for n := 1; ; n++ {
		hdr, err := reader.NextIntervalHistogram()
		switch {
		case err != nil:
			return fmt.Errorf("interval %d: %w", n, err)
		case hdr == nil:
			return nil
		}
		if err := t.SetHistogram(hdr.Tag(), hdr); err != nil {
			return fmt.Errorf("interval %d: %w", n, err)
		}
	}
}
