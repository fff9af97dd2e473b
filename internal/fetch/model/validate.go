package model

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limits of what can be configured. They keep memory bounded and sums of
// durations away from their end.
const (
	longest  = 24 * time.Hour // one service, wait or transfer
	farthest = time.Minute    // a round trip
	year     = 365 * longest

	mostSize    = 1 << 40 // bytes
	mostWorkers = 1_000_000
	mostWaiting = 1 << 24
	mostValues  = 1_000_000
)

// A FieldError says which field of a configuration is wrong.
type FieldError struct {
	Field string // as in YAML, "http.resync.mean"
	Found string
	Want  string
}

// Error names the field, what it holds and what it may hold.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s is %s, want %s", e.Field, e.Found, e.Want)
}

// Validate returns nil, or a *FieldError for each field that is out of its
// range, joined by errors.Join.
func (c Config) Validate() error {
	var f faults
	f.span("round-trip", c.RoundTrip, 0, farthest)
	f.http(&c.HTTP)
	f.tftp(&c.TFTP)
	f.ban(&c.Ban)
	f.outages(c.Outages)
	return errors.Join(f...)
}

// Validate returns nil, or a *FieldError for each field that is out of its
// range, joined by errors.Join. Arrive trusts that it has been called.
func (p Path) Validate() error {
	var f faults
	f.share("loss", p.Loss)
	f.span("delay", p.Delay, 0, farthest)
	f.rate("rate", p.Rate)
	return errors.Join(f...)
}

type faults []error

func (f *faults) add(field string, found any, want string, args ...any) {
	*f = append(*f, &FieldError{field, fmt.Sprint(found), fmt.Sprintf(want, args...)})
}

func (f *faults) http(h *HTTP) {
	f.count("http.workers", h.Workers, 1, mostWorkers)
	f.dist("http.resync", &h.Resync)
	f.dist("http.upgrade", &h.Upgrade)
	f.dist("http.tls", &h.TLS)
	f.rate("http.rate", h.Rate)
	f.count("http.queue", h.Queue, 0, mostWaiting)
	oneOf(f, "http.full", h.Full, Silence, Reset, Forbidden, TooManyRequests, Unavailable)
	f.share("http.refuse", h.Refuse)
	f.span("http.wait-limit", h.WaitLimit, 0, longest)
	f.span("http.service-limit", h.ServiceLimit, 0, longest)
}

func (f *faults) tftp(t *TFTP) {
	f.count("tftp.buffer", t.Buffer, 1, mostWaiting)
	f.dist("tftp.accept", &t.Accept)
	f.count("tftp.transfers", t.Transfers, 0, mostWorkers)
	f.span("tftp.block", t.Block, 0, longest)
	if n := len(t.Waits); n < 1 || n > 32 {
		f.add("tftp.waits", fmt.Sprintf("a list of %d", n), "1 to 32 durations")
		return
	}
	for i, wait := range t.Waits {
		f.span(fmt.Sprintf("tftp.waits[%d]", i), wait, time.Millisecond, time.Hour)
	}
}

func (f *faults) ban(b *Ban) {
	f.count("ban.after", b.After, 0, 1_000_000_000)
	if b.After == 0 {
		return
	}
	f.span("ban.window", b.Window, 1, 10*year)
	f.span("ban.for", b.For, 0, 10*year)
	oneOf(f, "ban.answer", b.Answer, Silence, Reset, Forbidden, TooManyRequests, Unavailable)
}

func (f *faults) outages(all []Outage) {
	for i, o := range all {
		field := fmt.Sprintf("outages[%d].", i)
		f.span(field+"from", o.From, 0, 100*year)
		f.span(field+"till", o.Till, o.From+1, 100*year)
		oneOf(f, field+"kind", o.Kind, Gone, Stopped, Erring, Slow)
		if o.Kind == Slow && !(o.Factor > 0 && o.Factor <= 1e6) {
			f.add(field+"factor", o.Factor, "over 0 to 1000000")
		}
		if o.Kind != Slow && o.Factor != 0 {
			f.add(field+"factor", o.Factor, "none where the kind is not %q", Slow)
		}
	}
	sorted := inOrder(all)
	for i := 1; i < len(sorted); i++ {
		if before := sorted[i-1]; sorted[i].From < before.Till {
			f.add("outages", fmt.Sprintf("one from %v to %v and one from %v", before.From, before.Till, sorted[i].From), "outages that do not overlap")
		}
	}
}

func (f *faults) dist(field string, d *Dist) {
	rest := *d
	rest.Shape = ""
	switch d.Shape {
	case "":
	case Constant, Exponential:
		f.span(field+".mean", d.Mean, 0, longest)
		rest.Mean = 0
	case Uniform:
		f.span(field+".min", d.Min, 0, longest)
		f.span(field+".max", d.Max, d.Min, longest)
		rest.Min, rest.Max = 0, 0
	case LogNormal:
		f.span(field+".median", d.Median, 1, longest)
		f.span(field+".p99", d.P99, d.Median, longest)
		rest.Median, rest.P99 = 0, 0
	case Empirical:
		f.values(field+".values", d.Values)
		rest.Values = nil
	default:
		oneOf(f, field+".shape", d.Shape, Constant, Uniform, Exponential, LogNormal, Empirical)
		return
	}
	f.unused(field, d.Shape, &rest)
}

// unused finds fields that have a value which the shape does not use.
func (f *faults) unused(field string, shape Shape, rest *Dist) {
	for _, d := range []struct {
		name string
		set  bool
	}{
		{"mean", rest.Mean != 0}, {"min", rest.Min != 0}, {"max", rest.Max != 0},
		{"median", rest.Median != 0}, {"p99", rest.P99 != 0}, {"values", len(rest.Values) > 0},
	} {
		if d.set {
			f.add(field+"."+d.name, "set", "a shape that uses it, not %q", shape)
		}
	}
}

func (f *faults) values(field string, values []time.Duration) {
	if n := len(values); n < 1 || n > mostValues {
		f.add(field, fmt.Sprintf("a list of %d", n), "1 to %d durations", mostValues)
		return
	}
	if low, high := slices.Min(values), slices.Max(values); low < 0 || high > longest {
		f.add(field, fmt.Sprintf("a list from %v to %v", low, high), "0s to %v", longest)
	}
}

func (f *faults) count(field string, n, least, most int) {
	if n < least || n > most {
		f.add(field, n, "%d to %d", least, most)
	}
}

func (f *faults) span(field string, d, least, most time.Duration) {
	if d < least || d > most {
		f.add(field, d, "%v to %v", least, most)
	}
}

func (f *faults) rate(field string, n int64) {
	if n < 0 {
		f.add(field, n, "0 bytes per second or more")
	}
}

// share is written so that NaN is outside.
func (f *faults) share(field string, x float64) {
	if !(x >= 0 && x <= 1) {
		f.add(field, x, "0 to 1")
	}
}

func oneOf[T ~string](f *faults, field string, word T, words ...T) {
	if !slices.Contains(words, word) {
		f.add(field, fmt.Sprintf("%q", word), "one of %q", words)
	}
}
