package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"time"

	"provsim/internal/tally"
)

//go:embed page.html
var pageText string

//go:embed style.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what the template shows.
type page struct {
	Summary  *tally.Summary
	Style    template.CSS
	Headline string
	Word     string // of the verdict, and its class in the style sheet
	Verdict  string
	Cards    []card
	Answer   []string
	Against  *Table // the earlier run, if there is one
	Figures  []pageFigure
	Tables   []Table
	About    []fact
}

// card is a number that stands out.
type card struct {
	Title, Value, Note string
	Bad                bool
}

type pageFigure struct {
	Title, Caption string
	Key            []pageKey
	Wide, Narrow   template.HTML
}

type pageKey struct {
	Colour template.CSS
	Label  string
}

type fact struct{ Name, Value string }

// HTML writes the report as one page that needs nothing from elsewhere, and no
// script.
func (r *Results) HTML(w io.Writer) error {
	s := r.Summary
	p := page{
		Summary: s, Style: template.CSS(pageStyle), Headline: sentenceCase(conditions(s)),
		Cards: cards(s), Answer: Answer(s), Tables: filled(append(Tables(s), banTable(s))), About: about(s),
	}
	p.Word, p.Verdict = r.Verdict()
	if r.Against != nil {
		t := r.Against.table()
		p.Against = &t
	}
	for _, f := range r.plots() {
		p.Figures = append(p.Figures, f.page())
	}
	for i := range p.Answer {
		p.Answer[i] = glued(p.Answer[i])
	}
	return pageTemplate.Execute(w, p)
}

// unit is a number's unit, from which a browser may not part it.
var unit = regexp.MustCompile(`([0-9]) (%|µs|ms|s\b|min|h\b)`)

func glued(text string) string { return unit.ReplaceAllString(text, "$1\u00a0$2") }

func (f *figure) page() pageFigure {
	p := pageFigure{Title: f.title, Caption: f.caption, Wide: f.inline(false), Narrow: f.inline(true)}
	for _, e := range f.key {
		p.Key = append(p.Key, pageKey{template.CSS("background: var(" + e.tint.variable + ")"), e.label})
	}
	return p
}

// cards are the four numbers that an operator asks for first.
func cards(s *tally.Summary) []card {
	wave, ready := s.Waves[0], s.Provisioned
	until := card{Title: "Until 99 % are provisioned", Value: after(wave.T99), Note: "half of them after " + after(wave.T50), Bad: wave.T99 == nil}
	peak := card{Title: "Peak in one second", Value: Count(s.Peaks[0].Count), Note: digits(s.Peaks[0].ToMean) + " times the mean"}
	failed := card{Title: "Resyncs that failed", Value: "none", Note: "no resync ended"}
	for _, j := range s.Jobs[:min(1, len(s.Jobs))] {
		failed.Note = fmt.Sprintf("%s of %s", Count(j.Failures), Count(j.Ended))
		if j.Failures > 0 {
			failed.Value, failed.Bad = Percent(j.Share), true
		}
	}
	end := card{Title: "Provisioned at the end", Value: Percent(ready.Share), Note: fmt.Sprintf("%s of %s", Count(ready.Count), plural(ready.Devices, "device")), Bad: ready.Count < ready.Devices}
	return []card{until, end, peak, failed}
}

// about says under what conditions the run took place.
func about(s *tally.Summary) []fact {
	m := s.Machine
	machine := fmt.Sprintf("%s %s, %s", m.OS, m.Arch, plural(m.CPUs, "CPU"))
	if m.CPU != "" {
		machine += ", " + m.CPU
	}
	if m.Memory > 0 {
		machine += fmt.Sprintf(", %.1f GiB", float64(m.Memory)/(1<<30))
	}
	facts := []fact{
		{"Scenario", s.Scenario}, {"Digest", s.Digest}, {"Seed", fmt.Sprint(s.Seed)},
		{"Lasted", Lasting(time.Duration(s.Counts.Duration))},
	}
	if !s.Started.IsZero() {
		facts = append(facts, fact{"Started", s.Started.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if s.Shards > 1 {
		facts = append(facts, fact{"Shard", fmt.Sprintf("%d of %d, counted from 0", s.Shard, s.Shards)})
	}
	return append(facts, fact{"Machine", machine}, fact{"Program", fmt.Sprintf("provsim %s, %s", s.Version, m.Go)})
}
