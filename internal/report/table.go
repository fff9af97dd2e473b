package report

import (
	"fmt"
	"time"

	"provsim/internal/tally"
	"provsim/resync"
)

// table is rows under a head, the first column of which is text and the others
// numbers. Text and page show the same tables.
type table struct {
	Title string
	Head  []string
	Rows  [][]string
}

func (t *table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

// tables returns the tables that have rows.
func tables(s *tally.Summary) (all []table) {
	made := []table{timeTable(s), outcomeTable(s), peakTable(s), waveTable(s)}
	for i := range s.Waves {
		made = append(made, echoTable(&s.Waves[i]))
	}
	for _, t := range append(made, triesTable(s), modelTable(s), banTable(s)) {
		if len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// timeTitles are the times that reports show.
var timeTitles = map[string]string{
	"latency": "resync, from when it was due",
	"service": "resync, from its start",
	"upgrade": "upgrade, from when it was due",
	"dhcp":    "boot to lease",
	"lag":     "behind schedule",
}

func timeTable(s *tally.Summary) table {
	t := table{Title: "Times", Head: []string{"", "p50", "p90", "p99", "p99.9", "max"}}
	for _, m := range s.Times {
		title, ok := timeTitles[m.Name]
		if !ok || m.Name == "lag" && s.Virtual {
			continue
		}
		cells := []string{title}
		for _, d := range []tally.Seconds{m.P50, m.P90, m.P99, m.P999, m.Max} {
			cells = append(cells, lasting(time.Duration(d)))
		}
		t.row(cells...)
	}
	return t
}

func outcomeTable(s *tally.Summary) table {
	t := table{Title: "How jobs ended", Head: []string{"", "count", "share"}}
	for _, j := range s.Jobs {
		for _, outcome := range resync.Outcomes() {
			if n := s.Counts.Outcomes[j.Job][outcome]; n > 0 {
				t.row(j.Job.String()+" "+outcome.String(), count(n), percent(float64(n)/float64(j.Ended)))
			}
		}
	}
	return t
}

func peakTable(s *tally.Summary) table {
	t := table{Title: "Peaks", Head: []string{"most resyncs started within", "count", "a second", "to mean", "at"}}
	for _, p := range s.Peaks {
		if p.Count > 0 {
			t.row(lasting(time.Duration(p.Window)), count(p.Count), digits(p.Rate), digits(p.ToMean), clock(time.Duration(p.At)))
		}
	}
	return t
}

func waveTable(s *tally.Summary) table {
	t := table{Title: "Until devices are provisioned", Head: []string{"after", "devices", "50 %", "90 %", "99 %", "all"}}
	for _, w := range s.Waves {
		if w.Devices > 0 {
			t.row(w.Name, count(w.Devices), after(w.T50), after(w.T90), after(w.T99), after(w.T100))
		}
	}
	return t
}

func echoTable(w *tally.Wave) table {
	t := table{Title: fmt.Sprintf("Echoes of %q", w.Name), Head: []string{"", "from", "in 1 s", "in 10 s", "mean a second", "height"}}
	if len(w.Echoes) < 2 {
		return t
	}
	for _, e := range w.Echoes {
		name := fmt.Sprintf("echo %d", e.Number)
		if e.Number == 0 {
			name = "the wave"
		}
		t.row(name, clock(time.Duration(e.At)), count(e.Peak1s), count(e.Peak10s), digits(e.Mean), percent(e.Height))
	}
	return t
}

func triesTable(s *tally.Summary) table {
	t := table{Title: "Read requests", Head: []string{"", "count"}}
	c := s.Counts
	for i, n := range c.Answered {
		if n > 0 {
			t.row(fmt.Sprintf("answered at try %d", i+1), count(n))
		}
	}
	if c.Unanswered > 0 {
		t.row("never answered", count(c.Unanswered))
	}
	if len(t.Rows) > 0 {
		t.row("repeated", count(c.Repeats))
		t.row("failed after bytes had arrived", count(c.Wasted))
	}
	return t
}

func modelTable(s *tally.Summary) table {
	t := table{Title: "The modelled server", Head: []string{"", "count"}}
	m := s.Counts.Model
	if m == nil {
		return t
	}
	t.row("workers", count(m.Workers))
	t.row("served", count(m.Served))
	t.row("refused", count(m.Refused))
	t.row("dropped, the buffer being full", count(m.Dropped))
	t.row("given up by the client", count(m.TimedOut))
	t.row("answers in vain", count(m.Wasted))
	t.row("longest queue", count(m.PeakQueue))
	if d := time.Duration(s.Counts.Duration); d > 0 && m.Workers > 0 {
		t.row("workers busy", percent(time.Duration(m.Busy).Seconds()/d.Seconds()/float64(m.Workers)))
	}
	return t
}

func banTable(s *tally.Summary) table {
	t := table{Title: "Bans", Head: []string{"source address", "from", "until", "how", "resyncs"}}
	for _, b := range s.Bans {
		until := "the end"
		if b.Until > 0 {
			until = clock(time.Duration(b.Until))
		}
		t.row(b.Address, clock(time.Duration(b.At)), until, b.How, count(b.Count))
	}
	return t
}
