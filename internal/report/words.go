package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"provsim/internal/tally"
	"provsim/resync"
)

// Answer says in sentences what the run has come to, the most telling first.
// What does not apply is left out.
func Answer(s *tally.Summary) []string {
	said := []string{sayReady(s), sayPeak(s), sayFailures(s), sayLatency(s), sayTries(s), sayEnough(s)}
	for i := range s.Waves {
		said = append(said, sayEchoes(&s.Waves[i]))
	}
	for i := range s.Bans {
		said = append(said, sayBan(&s.Bans[i]))
	}
	said = append(said, sayUnserved(s))
	return slices.DeleteFunc(said, func(text string) bool { return text == "" })
}

// Verdict says whether the run counts, and whether it passed.
func (r *Results) Verdict() (word, text string) {
	s := r.Summary
	switch {
	case !s.Validity.Valid:
		return "invalid", "This machine, and not the server, was the limit: " + strings.Join(s.Validity.Reasons, "; ") + "."
	case r.Failed():
		return "failed", broken(s)
	case len(s.Thresholds) > 0:
		return "passed", "The run is valid, and " + plural(len(s.Thresholds), "threshold") + " held."
	}
	return "valid", "Nothing on the machine that ran it was the limit."
}

func broken(s *tally.Summary) string {
	var texts []string
	for _, t := range s.Thresholds {
		if t.Failed {
			texts = append(texts, fmt.Sprintf("%s (found %s)", t.Expression, t.Value))
		}
	}
	return fmt.Sprintf("The run is valid, and fails by %d of %s: %s.", len(texts), plural(len(s.Thresholds), "threshold"), strings.Join(texts, ", "))
}

func sayReady(s *tally.Summary) string {
	w, p := s.Waves[0], s.Provisioned
	end := fmt.Sprintf("%s of %s had been provisioned since power came (%s).", Count(p.Count), plural(p.Devices, "device"), Percent(p.Share))
	switch {
	case p.Devices == 0:
		return ""
	case w.T100 != nil:
		return fmt.Sprintf("99 %% of %s were provisioned %s after the start, all of them after %s.", plural(w.Devices, "device"), after(w.T99), after(w.T100))
	case w.T99 != nil:
		return fmt.Sprintf("99 %% of %s were provisioned %s after the start; at the end %s", plural(w.Devices, "device"), after(w.T99), end)
	}
	return "99 % of the devices were never provisioned; at the end " + end
}

func sayPeak(s *tally.Summary) string {
	p := s.Peaks[0]
	if p.Count == 0 {
		return "No resync started."
	}
	return fmt.Sprintf("At the peak, at %s, %s started within one second, %s times the mean of the run.",
		Clock(time.Duration(p.At)), plural(p.Count, "resync"), digits(p.ToMean))
}

func sayFailures(s *tally.Summary) string {
	var texts []string
	for _, j := range s.Jobs {
		switch {
		case j.Ended == 0:
		case j.Failures == 0:
			texts = append(texts, fmt.Sprintf("None of %s failed.", plural(j.Ended, j.Job.String())))
		default:
			texts = append(texts, fmt.Sprintf("%s of %s failed (%s): %s.",
				Count(j.Failures), plural(j.Ended, j.Job.String()), Percent(j.Share), endings(&s.Counts.Outcomes, j.Job)))
		}
	}
	return strings.Join(texts, " ")
}

// endings lists the failures of a job, the most frequent first.
func endings(o *tally.Outcomes, job resync.Job) string {
	var failures []resync.Outcome
	for _, outcome := range resync.Outcomes() {
		if !outcome.Success() && o[job][outcome] > 0 {
			failures = append(failures, outcome)
		}
	}
	slices.SortStableFunc(failures, func(a, b resync.Outcome) int { return cmp.Compare(o[job][b], o[job][a]) })
	texts := make([]string, len(failures))
	for i, f := range failures {
		texts[i] = Count(o[job][f]) + " " + f.String()
	}
	return strings.Join(texts, ", ")
}

func sayLatency(s *tally.Summary) string {
	t, ok := times(s, "latency")
	if !ok {
		return ""
	}
	return fmt.Sprintf("Half of the resyncs ended within %s of when they were due, 99 %% within %s, the slowest after %s.",
		Lasting(time.Duration(t.P50)), Lasting(time.Duration(t.P99)), Lasting(time.Duration(t.Max)))
}

// times finds what is known of a measure.
func times(s *tally.Summary, name string) (tally.Times, bool) {
	for _, t := range s.Times {
		if t.Name == name {
			return t, true
		}
	}
	return tally.Times{}, false
}

func sayTries(s *tally.Summary) string {
	c := s.Counts
	var later uint64
	for _, n := range c.Answered[2:] {
		later += n
	}
	all := c.Answered[0] + c.Answered[1] + later + c.Unanswered
	if all == 0 {
		return ""
	}
	text := fmt.Sprintf("Of %s the server answered %s at the first try (%s), %s at the second, %s later and %s never; %s.",
		plural(all, "read request"), Count(c.Answered[0]), Percent(float64(c.Answered[0])/float64(all)),
		Count(c.Answered[1]), Count(later), Count(c.Unanswered), plural(c.Repeats, "repeated request"))
	if c.Wasted > 0 {
		text += fmt.Sprintf(" %s failed after %s bytes had arrived.", plural(c.Wasted, "transfer"), Count(c.WastedBytes))
	}
	return text
}

func sayEnough(s *tally.Summary) string {
	a := s.Advice
	if a == nil {
		return ""
	}
	text := fmt.Sprintf("The server fell behind: %s. It served up to %s resyncs a second. ", a.Why, digits(a.Served))
	delay := fmt.Sprintf("a Resync Random Delay of %s", Lasting(time.Duration(a.Delay)))
	if a.Requests == 0 {
		return text + sentenceCase(delay) + " would have been enough."
	}
	about := "about "
	if a.Exact {
		about = ""
	}
	return text + fmt.Sprintf("A receive buffer for %s%s (%s bytes on Linux), or %s, would have been enough.",
		about, plural(a.Requests, "request"), Count(a.Bytes), delay)
}

func sentenceCase(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func sayEchoes(w *tally.Wave) string {
	if len(w.Echoes) < 2 {
		return ""
	}
	last := w.Echoes[len(w.Echoes)-1]
	text := fmt.Sprintf("The wave of %q came back %s, every %s: the first echo was %s as high, the last %s",
		w.Name, plural(len(w.Echoes)-1, "time"), Lasting(time.Duration(w.Period)), Percent(w.Echoes[1].Height), Percent(last.Height))
	switch {
	case w.Decay == 0:
		return text + "."
	case w.Decay > 0.98:
		return text + ": it does not decay."
	}
	return text + fmt.Sprintf(": each is %s of the one before.", Percent(w.Decay))
}

func sayBan(b *tally.Ban) string {
	text := fmt.Sprintf("The source address %s was banned at %s while others were served: %s ended in %s",
		b.Address, Clock(time.Duration(b.At)), plural(b.Count, "resync"), how(b.How))
	if b.Until == 0 {
		return text + ", up to the end."
	}
	return text + fmt.Sprintf(", until about %s.", Clock(time.Duration(b.Until)))
}

// how says what a ban looked like to the devices.
func how(word string) string {
	switch word {
	case "403", "429":
		return "HTTP " + word
	case "reset":
		return "connections that were refused or cut off"
	}
	return "silence"
}

func sayUnserved(s *tally.Summary) string {
	switch n := len(s.Unserved); {
	case n == 0:
		return ""
	case n > 5:
		return fmt.Sprintf("%s were never served, among them %s.", plural(n, "source address"), strings.Join(s.Unserved[:5], ", "))
	default:
		return fmt.Sprintf("Never served: the source addresses %s.", strings.Join(s.Unserved, ", "))
	}
}
