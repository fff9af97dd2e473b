package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"sync"
	"time"

	"provsim/internal/chart"
	"provsim/internal/tally"
)

//go:embed page.html
var pageText string

//go:embed style.css
var pageStyle string

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })

// page is what the template shows.
type page struct {
	Document
	Style      template.CSS
	Target     string
	Thresholds []tally.Result
	Rules      string // their title
	Word       string // of the verdict, and its class in the style sheet
	Verdict    string
	Cards      []card
	Against    *Table // the earlier run, if there is one
}

// card is a number that stands out.
type card struct {
	Title, Value, Note string
	Bad                bool
}

// HTML writes the report as one page that needs nothing from elsewhere, and no
// script.
func (r *Results) HTML(w io.Writer) error {
	s := r.Summary
	p := page{
		Document: Document{
			Title: pageTitle(s), Headline: sentenceCase(conditions(s)),
			Tells: "What happened", Answer: Answer(s), Figures: r.figures(), Tables: counted(s), Of: "this run", About: about(s),
		},
		Target: s.Target, Thresholds: s.Thresholds, Rules: r.rulesTitle(), Cards: cards(s),
	}
	p.Word, p.Verdict = r.Verdict()
	if r.Against != nil {
		t := r.Against.table()
		p.Against = &t
	}
	return p.write(w)
}

func (p *page) write(w io.Writer) error {
	p.Style = template.CSS(pageStyle + chart.Style())
	for i := range p.Answer {
		p.Answer[i] = glued(p.Answer[i])
	}
	return pageTemplate().Execute(w, p)
}

func pageTitle(s *tally.Summary) string {
	return cmp.Or(s.Scenario, "A run of "+Plural(s.Counts.Devices, "device"))
}

// unit is a number's unit, from which a browser may not part it.
var unit = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([0-9]) (%|µs|ms|s\b|min|h\b)`)
})

func glued(text string) string { return unit().ReplaceAllString(text, "$1\u00a0$2") }

// cards are the four numbers that an operator asks for first.
func cards(s *tally.Summary) []card {
	wave, ready := mainWave(s), s.Provisioned
	until := card{Title: "Time to provision 99 %", Value: after(wave.T99), Note: "50 %: " + after(wave.T50) + ", after " + since(s, wave), Bad: wave.T99 == nil}
	peak := card{Title: "Peak in one second", Value: Count(s.Peaks[0].Count), Note: digits(s.Peaks[0].ToMean) + " times the mean"}
	failed := card{Title: "Resyncs that failed", Value: "none", Note: "no resync ended"}
	for _, j := range s.Jobs[:min(1, len(s.Jobs))] {
		failed.Note = fmt.Sprintf("%s of %s", Count(j.Failures), Count(j.Ended))
		if j.Failures > 0 {
			failed.Value, failed.Bad = Percent(j.Share), true
		}
	}
	end := card{Title: "Provisioned at the end", Value: Percent(ready.Share), Note: fmt.Sprintf("%s of %s", Count(ready.Count), Plural(ready.Devices, "device")), Bad: ready.Count < ready.Devices}
	return []card{until, end, peak, failed}
}

// about says under what conditions the run took place.
func about(s *tally.Summary) []Fact {
	m := s.Machine
	machine := fmt.Sprintf("%s %s, %s", m.OS, m.Arch, Plural(m.CPUs, "CPU"))
	if m.CPU != "" {
		machine += ", " + m.CPU
	}
	if m.Memory > 0 {
		machine += fmt.Sprintf(", %.1f GiB", float64(m.Memory)/(1<<30))
	}
	facts := []Fact{
		{"Scenario", s.Scenario}, {"Digest", s.Digest}, {"Seed", fmt.Sprint(s.Seed)},
		{"Lasted", Lasting(time.Duration(s.Counts.Duration))},
	}
	if !s.Started.IsZero() {
		facts = append(facts, Fact{"Started", s.Started.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if s.Shards > 1 {
		facts = append(facts, Fact{"Shard", fmt.Sprintf("%d of %d, counted from 0", s.Shard, s.Shards)})
	}
	return append(facts, Fact{"Machine", machine}, Fact{"Program", fmt.Sprintf("provsim %s, %s", s.Version, m.Go)})
}
