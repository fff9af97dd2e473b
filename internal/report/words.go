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

// Answer gives the results of the run in sentences, the most telling first.
// What does not apply is left out.
func Answer(s *tally.Summary) []string {
	said := []string{sayReady(s), sayPeak(s), sayFailures(s), sayLatency(s), sayTries(s), sayEnough(s), sayGateway(s)}
	for i := range s.Waves {
		said = append(said, sayEchoes(&s.Waves[i]))
	}
	if len(s.Bans) <= mostBans {
		for i := range s.Bans {
			said = append(said, sayBan(s, &s.Bans[i]))
		}
	}
	said = append(said, sayBans(s), sayMisses(s), sayUnserved(s))
	return slices.DeleteFunc(said, func(text string) bool { return text == "" })
}

// Verdict says whether the run counts, and whether it passed.
func (r *Results) Verdict() (word, text string) {
	s := r.Summary
	switch {
	case !s.Validity.Valid:
		return "invalid", "The load generator was saturated: " + strings.Join(s.Validity.Reasons, "; ") + "."
	case r.Failed():
		return "failed", r.broken()
	case r.byDefault() && s.Thresholds[0].Known:
		return "passed", "The run is valid: " + s.Thresholds[0].Expression + "."
	case len(s.Thresholds) > 0 && !r.byDefault():
		return "passed", "The run is valid, and " + Plural(len(s.Thresholds), "threshold") + " held."
	}
	return "valid", "The load generator was not saturated."
}

func (r *Results) broken() string {
	s := r.Summary
	if r.byDefault() {
		return fmt.Sprintf("The run is valid, and fails: found %s. A run without thresholds passes if %s.", s.Thresholds[0].Value, s.Thresholds[0].Expression)
	}
	var texts []string
	for _, t := range s.Thresholds {
		if t.Failed {
			texts = append(texts, fmt.Sprintf("%s (found %s)", t.Expression, t.Value))
		}
	}
	return fmt.Sprintf("The run is valid, and fails by %d of %s: %s.", len(texts), Plural(len(s.Thresholds), "threshold"), strings.Join(texts, ", "))
}

// mainWave returns the wave that a report begins with: the first return of power,
// else the first end of an outage, else the start.
func mainWave(s *tally.Summary) *tally.Wave {
	for _, kind := range []tally.MarkKind{tally.PowerBack, tally.OutageEnd} {
		for i := range s.Waves {
			if s.Waves[i].Kind == kind && s.Waves[i].Devices > 0 {
				return &s.Waves[i]
			}
		}
	}
	return &s.Waves[0]
}

// since says what a wave followed.
func since(s *tally.Summary, w *tally.Wave) string {
	at := Clock(time.Duration(w.At))
	switch w.Kind {
	case tally.PowerBack:
		return "the power came back at " + at
	case tally.OutageEnd:
		return "the outage ended at " + at
	}
	return "the start"
}

func sayReady(s *tally.Summary) string {
	w, p := mainWave(s), s.Provisioned
	devices, from := Plural(w.Devices, "device"), since(s, w)
	end := fmt.Sprintf("At the end %s of %s were provisioned (%s).", Count(p.Count), Plural(p.Devices, "device"), Percent(p.Share))
	switch {
	case p.Devices == 0:
		return ""
	case w.T100 != nil && p.Count == p.Devices:
		return fmt.Sprintf("99 %% of %s were provisioned %s after %s, all of them after %s.", devices, after(w.T99), from, after(w.T100))
	case w.T99 != nil:
		return fmt.Sprintf("99 %% of %s were provisioned %s after %s. %s", devices, after(w.T99), from, end)
	case w.Ready == 0 && p.Count == 0:
		return fmt.Sprintf("None of %s was provisioned.", devices)
	}
	return fmt.Sprintf("%s of %s were provisioned after %s. %s", Count(w.Ready), devices, from, end)
}

func sayPeak(s *tally.Summary) string {
	p := s.Peaks[0]
	if p.Count == 0 {
		return "No resync started."
	}
	return fmt.Sprintf("At the peak, at %s, %s started within one second, %s times the mean of the run.",
		Clock(time.Duration(p.At)), Plural(p.Count, "resync"), digits(p.ToMean))
}

func sayFailures(s *tally.Summary) string {
	var texts []string
	for _, j := range s.Jobs {
		switch {
		case j.Ended == 0:
		case j.Failures == 0:
			texts = append(texts, fmt.Sprintf("None of %s failed.", Plural(j.Ended, j.Job.String())))
		default:
			texts = append(texts, fmt.Sprintf("%s of %s failed (%s): %s.",
				Count(j.Failures), Plural(j.Ended, j.Job.String()), Percent(j.Share), endings(&s.Counts.Outcomes, j.Job)))
		}
	}
	if n := s.Counts.Outcomes[resync.Resync][resync.Unversioned]; n > 0 {
		texts = append(texts, fmt.Sprintf("%s fetched a file without a version, of which nothing is applied.", Plural(n, "resync")))
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
	return fmt.Sprintf("The latency of resyncs was up to %s for half of them, %s for 95 %%, %s for 99 %%, and %s at most.",
		Lasting(time.Duration(t.P50)), Lasting(time.Duration(t.P95)), Lasting(time.Duration(t.P99)), Lasting(time.Duration(t.Max)))
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
		Plural(all, "read request"), Count(c.Answered[0]), Percent(float64(c.Answered[0])/float64(all)),
		Count(c.Answered[1]), Count(later), Count(c.Unanswered), Plural(c.Repeats, "repeated request"))
	if c.Wasted > 0 {
		text += fmt.Sprintf(" %s failed after %s bytes had arrived.", Plural(c.Wasted, "transfer"), Count(c.WastedBytes))
	}
	return text
}

func sayEnough(s *tally.Summary) string {
	a := s.Advice
	if a == nil {
		return ""
	}
	text := fmt.Sprintf("The server was overloaded: %s. It served up to %s resyncs a second. ", a.Why, digits(a.Served))
	delay := "random delay of at most " + Lasting(time.Duration(a.Delay))
	if a.Requests == 0 {
		return text + "A " + delay + " would have been enough."
	}
	return text + fmt.Sprintf("A receive buffer for %s (%s bytes on Linux), or a %s, would have been enough.", Plural(a.Requests, "request"), Count(a.Bytes), delay)
}

// sayGateway says what the events of a gateway have cost: files that came late, and
// phones that were lost to it.
func sayGateway(s *tally.Summary) string {
	g := s.Counts.Gateway
	if g == nil {
		return ""
	}
	text := "Every phone's files were there before it asked."
	if g.Early > 0 {
		text = Plural(g.Early, "boot") + " asked before the Activator had published the files."
	}
	if g.Late != nil {
		text += fmt.Sprintf(" Files came up to %s late for half of those that came, %s for 99 %%, and %s at most.",
			Lasting(time.Duration(g.Late.P50)), Lasting(time.Duration(g.Late.P99)), Lasting(time.Duration(g.Late.Max)))
	}
	if lost := s.Counts.Outcomes[resync.Resync][resync.NoMaster]; lost > 0 {
		text += fmt.Sprintf(" %s ended without a master file.", Plural(lost, "boot"))
	}
	if g.Dropped+g.Lost > 0 {
		text += fmt.Sprintf(" The gateway dropped %s because its queue was full, and %s were lost on their way.", Plural(g.Dropped, "event"), Count(g.Lost))
	}
	return text
}

func sentenceCase(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func sayEchoes(w *tally.Wave) string {
	if len(w.Echoes) < 2 || w.Echoes[1].Height == 0 { // nothing came back yet
		return ""
	}
	last := w.Echoes[len(w.Echoes)-1]
	text := fmt.Sprintf("The wave of %q came back %s, every %s: the first echo was %s as high, the last %s",
		w.Name, Plural(len(w.Echoes)-1, "time"), Lasting(time.Duration(w.Period)), Percent(w.Echoes[1].Height), Percent(last.Height))
	switch {
	case w.Decay == 0:
		return text + "."
	case w.Decay > 0.98:
		return text + ": it does not decay."
	}
	return text + fmt.Sprintf(": each is %s of the one before.", Percent(w.Decay))
}

// sayBan says how a ban is known: a modelled server knows the addresses that it bans. A
// real server shows a ban by serving other addresses meanwhile.
func sayBan(s *tally.Summary, b *tally.Ban) string {
	who := b.Address
	if !strings.HasPrefix(who, "site ") {
		who = "source address " + who
	}
	text := fmt.Sprintf("The %s was banned at %s%s: %s ended in %s",
		who, Clock(time.Duration(b.At)), meanwhile(s), Plural(b.Count, "resync"), how(b.How))
	if b.Until == 0 {
		return text + ", up to the end."
	}
	return text + fmt.Sprintf(", until about %s.", Clock(time.Duration(b.Until)))
}

func meanwhile(s *tally.Summary) string {
	if s.Virtual {
		return ""
	}
	return " while others were served"
}

// sayBans sums up many bans, and says which vendors were cut off first.
func sayBans(s *tally.Summary) string {
	text := ""
	if n := len(s.Bans); n > mostBans {
		text = Count(n) + " times a source address was banned" + meanwhile(s) + "."
	}
	var list []string
	for _, c := range s.CutOffs {
		list = append(list, fmt.Sprintf("%s at %s (%s of %s)", vendorWords(c.Vendor), Clock(time.Duration(c.First)), Count(c.Banned), Plural(c.Addresses, "address")))
	}
	if len(list) > 0 {
		text += " In the order in which they were cut off: " + strings.Join(list, ", ") + "."
	}
	return strings.TrimSpace(text)
}

// vendorWords names a vendor, or those of an address with phones of several.
func vendorWords(vendor string) string {
	if vendor == tally.SeveralVendors {
		return "several vendors together"
	}
	return vendor
}

// tellingMisses is from which share of what a server answers a vendor on expected misses
// are worth a sentence.
const tellingMisses = 0.2

// sayMisses names the vendors whose phones rightly miss much of what they ask for, and
// what that means for a limit on misses.
func sayMisses(s *tally.Summary) string {
	var list []string
	for _, v := range s.Counts.Vendors() {
		answered := float64(v.Requests - v.Failed)
		if v.Missed == 0 || float64(v.Missed) < tellingMisses*answered {
			continue
		}
		text := Percent(float64(v.Missed)/answered) + " of what " + v.Vendor + " phones are answered"
		if v.Failed == 0 && v.Boots > 0 {
			text += " (" + digits(float64(v.Missed)/float64(v.Boots)) + " a boot)"
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return ""
	}
	text := "Expected misses are " + strings.Join(list, ", ") + ": a limit that counts misses has to allow them for all phones behind an address."
	if len(s.CutOffs) > 0 {
		text += " Raise the limit, or do not count these names."
	}
	return text
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
	const shown = 5
	switch n := len(s.Unserved); {
	case n == 0:
		return ""
	case n > shown:
		return fmt.Sprintf("%s were never served, among them %s.", Plural(n, "site"), strings.Join(s.Unserved[:shown], ", "))
	default:
		return fmt.Sprintf("Never served: %s.", strings.Join(s.Unserved, ", "))
	}
}
