package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"provsim/internal/tally"
	"provsim/resync"
)

// Table is rows under a head, the first column of which is text and the others
// numbers. Text and page show the same tables.
type Table struct {
	Title string
	Head  []string
	Rows  [][]string
}

func (t *Table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

// Tables returns the tables that have rows, the one of bans excepted.
func Tables(s *tally.Summary) []Table {
	made := []Table{timeTable(s), outcomeTable(s), peakTable(s), waveTable(s)}
	for i := range s.Waves {
		made = append(made, echoTable(&s.Waves[i]))
	}
	return filled(append(made, triesTable(s), modelTable(s)))
}

// filled leaves out the tables without rows.
func filled(tables []Table) []Table {
	return slices.DeleteFunc(tables, func(t Table) bool { return len(t.Rows) == 0 })
}

// timeTitles are the times that reports show.
var timeTitles = map[string]string{
	"latency": "resync, from when it was due",
	"service": "resync, from its start",
	"upgrade": "upgrade, from when it was due",
	"dhcp":    "boot to lease",
	"lag":     "behind schedule",
}

func timeTable(s *tally.Summary) Table {
	t := Table{Title: "Times", Head: []string{"", "p50", "p90", "p99", "p99.9", "max"}}
	for _, m := range s.Times {
		title, ok := timeTitles[m.Name]
		if !ok || m.Name == "lag" && s.Virtual {
			continue
		}
		cells := []string{title}
		for _, d := range []tally.Seconds{m.P50, m.P90, m.P99, m.P999, m.Max} {
			cells = append(cells, Lasting(time.Duration(d)))
		}
		t.row(cells...)
	}
	return t
}

func outcomeTable(s *tally.Summary) Table {
	t := Table{Title: "How jobs ended", Head: []string{"", "count", "share"}}
	for _, j := range s.Jobs {
		for _, outcome := range resync.Outcomes() {
			if n := s.Counts.Outcomes[j.Job][outcome]; n > 0 {
				t.row(j.Job.String()+" "+outcome.String(), Count(n), Percent(float64(n)/float64(j.Ended)))
			}
		}
	}
	return t
}

func peakTable(s *tally.Summary) Table {
	t := Table{Title: "Peaks", Head: []string{"most resyncs started within", "count", "a second", "to mean", "at"}}
	for _, p := range s.Peaks {
		if p.Count > 0 {
			t.row(Lasting(time.Duration(p.Window)), Count(p.Count), digits(p.Rate), digits(p.ToMean), Clock(time.Duration(p.At)))
		}
	}
	return t
}

func waveTable(s *tally.Summary) Table {
	t := Table{Title: "Until devices are provisioned", Head: []string{"after", "devices", "50 %", "90 %", "99 %", "all"}}
	for _, w := range s.Waves {
		if w.Devices > 0 {
			t.row(w.Name, Count(w.Devices), after(w.T50), after(w.T90), after(w.T99), after(w.T100))
		}
	}
	return t
}

func echoTable(w *tally.Wave) Table {
	t := Table{Title: fmt.Sprintf("Echoes of %q", w.Name), Head: []string{"", "from", "in 1 s", "in 10 s", "mean a second", "height"}}
	if len(w.Echoes) < 2 {
		return t
	}
	for _, e := range w.Echoes {
		name := fmt.Sprintf("echo %d", e.Number)
		if e.Number == 0 {
			name = "the wave"
		}
		t.row(name, Clock(time.Duration(e.At)), Count(e.Peak1s), Count(e.Peak10s), digits(e.Mean), Percent(e.Height))
	}
	return t
}

func triesTable(s *tally.Summary) Table {
	t := Table{Title: "Read requests", Head: []string{"", "count"}}
	c := s.Counts
	for i, n := range c.Answered {
		if n > 0 {
			t.row(fmt.Sprintf("answered at try %d", i+1), Count(n))
		}
	}
	if c.Unanswered > 0 {
		t.row("never answered", Count(c.Unanswered))
	}
	if len(t.Rows) > 0 {
		t.row("repeated", Count(c.Repeats))
		t.row("failed after bytes had arrived", Count(c.Wasted))
	}
	return t
}

func modelTable(s *tally.Summary) Table {
	t := Table{Title: "The modelled server", Head: []string{"", "count"}}
	m := s.Counts.Model
	if m == nil {
		return t
	}
	t.row("workers", Count(m.Workers))
	t.row("served", Count(m.Served))
	t.row("refused", Count(m.Refused))
	t.row("dropped, the buffer being full", Count(m.Dropped))
	t.row("given up by the client", Count(m.TimedOut))
	t.row("answers in vain", Count(m.Wasted))
	t.row("longest queue", Count(m.PeakQueue))
	if d := time.Duration(s.Counts.Duration); d > 0 && m.Workers > 0 {
		t.row("workers busy", Percent(time.Duration(m.Busy).Seconds()/d.Seconds()/float64(m.Workers)))
	}
	return t
}

func banTable(s *tally.Summary) Table {
	t := Table{Title: "Bans", Head: []string{"source address", "from", "until", "how", "resyncs"}}
	for _, b := range s.Bans {
		until := "the end"
		if b.Until > 0 {
			until = Clock(time.Duration(b.Until))
		}
		t.row(cmp.Or(b.Address, fmt.Sprintf("site %d", b.Site)), Clock(time.Duration(b.At)), until, b.How, Count(b.Count))
	}
	return t
}
