package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"provsim/internal/oneline"
	"provsim/internal/tally"
	"provsim/resync"
)

// Table is rows under a head. The first column is text, and the others are numbers
// unless Text says that they are text too. Text and page show the same tables.
type Table struct {
	Title string
	Text  bool
	Head  []string
	Rows  [][]string
}

func (t *Table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

// Tables returns the tables that have rows, the one of bans excepted.
func Tables(s *tally.Summary) []Table {
	made := []Table{timeTable(s), requestTable(s), vendorTable(s), productTable(s), outcomeTable(s), exampleTable(s), peakTable(s), waveTable(s)}
	for i := range s.Waves {
		made = append(made, echoTable(&s.Waves[i]))
	}
	return filled(append(made, triesTable(s), modelTable(s), gatewayTable(s)))
}

// filled leaves out the tables without rows.
func filled(tables []Table) []Table {
	return slices.DeleteFunc(tables, func(t Table) bool { return len(t.Rows) == 0 })
}

// timeTitles are the times that reports show.
var timeTitles = map[string]string{
	"latency": "resync latency",
	"service": "resync service time",
	"upgrade": "upgrade latency",
	"dhcp":    "boot to lease",
	"lag":     "behind schedule",
}

func timeTable(s *tally.Summary) Table {
	t := Table{Title: "Latency and service time", Head: []string{"", "p50", "p90", "p95", "p99", "p99.9", "max"}}
	for _, m := range s.Times {
		title, ok := timeTitles[m.Name]
		if !ok || m.Name == "lag" && s.Virtual {
			continue
		}
		cells := []string{title}
		for _, d := range []tally.Seconds{m.P50, m.P90, m.P95, m.P99, m.P999, m.Max} {
			cells = append(cells, Lasting(time.Duration(d)))
		}
		t.row(cells...)
	}
	return t
}

// requestTable shows the transfers by what they are for.
func requestTable(s *tally.Summary) Table {
	t := Table{Title: "Requests", Head: []string{"class", "count", "missed as expected", "failed", "bytes", "p50", "p95", "p99"}}
	for _, r := range s.Counts.Requests() {
		m, _ := times(s, "transfer."+r.Class.String())
		t.row(r.Class.String(), Count(r.Count), Count(r.Missed), Count(r.Failed), Count(r.Bytes),
			Lasting(time.Duration(m.P50)), Lasting(time.Duration(m.P95)), Lasting(time.Duration(m.P99)))
	}
	return t
}

// vendorTable shows the devices of a fleet of several vendors.
func vendorTable(s *tally.Summary) Table {
	list := s.Counts.Vendors()
	if len(list) < 2 {
		return Table{}
	}
	return perKind("Vendors", "vendor", list, func(v *tally.Product) string { return v.Vendor })
}

// productTable shows them by product, where there are more products than vendors.
func productTable(s *tally.Summary) Table {
	if len(s.Counts.Vendors()) == len(s.Counts.Products) {
		return Table{}
	}
	return perKind("Products", "product", s.Counts.Products, func(p *tally.Product) string { return p.Vendor + " " + oneline.Clean(p.Product) })
}

// perKind shows products or vendors with the times from a device's power until it was
// provisioned first.
func perKind(title, first string, list []tally.Product, name func(*tally.Product) string) Table {
	t := Table{Title: title, Head: []string{first, "devices", "provisioned", "half in", "99 % in", "requests", "expected misses", "failed"}}
	for i := range list {
		p := &list[i]
		if p.Devices == 0 {
			continue
		}
		half, most := "never", "never"
		if h := p.Provision(); h.Count() > 0 {
			half, most = Lasting(h.Quantile(0.50)), Lasting(h.Quantile(0.99))
		}
		t.row(name(p), Count(p.Devices), Count(p.Provisioned), half, most, Count(p.Requests), Count(p.Missed), Count(p.Failed))
	}
	return t
}

func outcomeTable(s *tally.Summary) Table {
	t := Table{Title: "Outcomes", Head: []string{"", "count", "share"}}
	for _, j := range s.Jobs {
		for _, outcome := range resync.Outcomes() {
			if n := s.Counts.Outcomes[j.Job][outcome]; n > 0 {
				t.row(j.Job.String()+" "+outcome.String(), Count(n), Percent(float64(n)/float64(j.Ended)))
			}
		}
	}
	return t
}

// exampleTable shows devices and URLs to look at after a failure.
func exampleTable(s *tally.Summary) Table {
	t := Table{Title: "Examples of jobs that applied nothing", Text: true, Head: []string{"outcome", "device", "at", "URL and reason"}}
	for _, j := range s.Jobs {
		for _, list := range s.Counts.Examples[j.Job] {
			for _, e := range list {
				what := oneline.Clean(strings.Join(slices.DeleteFunc([]string{e.URL, e.Reason}, func(text string) bool { return text == "" }), ": "))
				t.row(e.Job.String()+" "+e.Outcome.String(), e.Device.String(), Clock(time.Duration(e.At)), what)
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
	t := Table{Title: "Time to provision", Head: []string{"after", "devices", "50 %", "90 %", "99 %", "all"}}
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
	t.row("dropped because the buffer was full", Count(m.Dropped))
	t.row("given up by the client", Count(m.TimedOut))
	t.row("answers after the client had given up", Count(m.Wasted))
	t.row("longest queue", Count(m.PeakQueue))
	if d := time.Duration(s.Counts.Duration); d > 0 && m.Workers > 0 {
		t.row("workers busy", Percent(time.Duration(m.Busy).Seconds()/d.Seconds()/float64(m.Workers)))
	}
	return t
}

func gatewayTable(s *tally.Summary) Table {
	t := Table{Title: "The gateway and its Activator", Head: []string{"", "count"}}
	g := s.Counts.Gateway
	if g == nil {
		return t
	}
	t.row("leases given and renewed", Count(g.Leases))
	t.row("events that arrived", Count(g.Events))
	t.row("events dropped because the queue was full", Count(g.Dropped))
	t.row("events lost on their way", Count(g.Lost))
	t.row("trees published", Count(g.Published))
	t.row("boots that asked before their tree was there", Count(g.Early))
	t.row("boots of these whose tree never came", Count(g.Never))
	t.row("boots and polls without a master file", Count(s.Counts.Outcomes[resync.Resync][resync.NoMaster]))
	return t
}

func banTable(s *tally.Summary) Table {
	t := Table{Title: "Bans", Head: []string{"source address or site", "from", "until", "how", "resyncs"}}
	for _, b := range s.Bans[:min(len(s.Bans), mostBans)] {
		until := "the end"
		if b.Until > 0 {
			until = Clock(time.Duration(b.Until))
		}
		t.row(b.Address, Clock(time.Duration(b.At)), until, b.How, Count(b.Count))
	}
	if more := len(s.Bans) - mostBans; more > 0 {
		t.row(fmt.Sprintf("and %s more", Count(more)), "", "", "", "")
	}
	return t
}

// mostBans is how many bans a report shows one by one.
const mostBans = 10

// cutTable shows the vendors in the order in which they were cut off.
func cutTable(s *tally.Summary) Table {
	t := Table{Title: "Bans by vendor", Head: []string{"devices of", "addresses", "banned", "share", "first at"}}
	for _, c := range s.CutOffs {
		t.row(vendorWords(c.Vendor), Count(c.Addresses), Count(c.Banned), Percent(float64(c.Banned)/float64(c.Addresses)), Clock(time.Duration(c.First)))
	}
	return t
}
