package result

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"provsim/internal/chart"
	"provsim/internal/learn"
	"provsim/internal/oneline"
	"provsim/internal/report"
)

// Document returns the findings for people.
func Document(f *learn.Findings) report.Document {
	d := report.Document{
		Title: "Findings", Tells: "What the logs say", Of: "the logs",
		Headline: fmt.Sprintf("%s from %s until %s (UTC)", report.Plural(f.Phones, "phone"), clock(f.From), clock(f.Until)),
		Answer:   sentences(f),
		Tables:   []report.Table{productTable(f), doingTable(f), waveTable(f), outageTable(f), banTable(f), campaignTable(f), nameTable(f), timeTable(f), loadTable(f), siteTable(f), strangerTable(f), logTable(f)},
	}
	d.About = []report.Fact{{Name: "Requests of phones", Value: report.Count(int(f.Counts.Requests))}, {Name: "Requests of others", Value: report.Count(int(f.Counts.Strangers))}, {Name: "Leases", Value: report.Count(int(f.Counts.Leases))}}
	for _, figure := range []report.Figure{byHour(f), byDay(f), byVendor(f), misses(f)} {
		if len(figure.Layers) > 0 {
			d.Figures = append(d.Figures, figure)
		}
	}
	const mostWaves = 6
	for i := range f.Waves[:min(mostWaves, len(f.Waves))] {
		d.Figures = append(d.Figures, waveFigure(i, &f.Waves[i]))
	}
	return d
}

// sentences are what an operator asks for first.
func sentences(f *learn.Findings) []string {
	if f.Phones == 0 {
		return []string{"No phone was found: want the access log of the server that phones get their configuration from."}
	}
	list := []string{fmt.Sprintf("%s of %s ask this server.", report.Plural(f.Phones, "phone"), report.Plural(len(f.Vendors), "vendor"))}
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if f.Unnamed > 0 {
		add("%s not say who they are: they are known by the address of their packets alone.", plural(f.Unnamed, "phone does", "phones do"))
	}
	if f.NoFile > 0 {
		add("%s a configuration of its own.", plural(f.NoFile, "phone was never given", "phones were never given"))
	}
	for _, w := range f.Waves {
		if len(list) > 12 {
			break
		}
		add("%s: %s (%s of all) %s; half of them had their configuration after %s, 90 %% after %s, 99 %% after %s. At most %d began within ten seconds.",
			clock(w.At), report.Plural(w.Phones, "phone"), report.Percent(w.Share), cameBack(&w), after(w.Back50), after(w.Back90), after(w.Back99), w.Peak10)
	}
	for _, o := range f.Outages {
		if o.Kind == learn.ServerDown && len(list) < 20 {
			add("The server was down from %s for %s.", clock(o.From), report.Lasting(o.Until.Sub(o.From)))
		}
	}
	if n := len(f.Bans); n > 0 {
		add("%s refused after having been answered: phones behind one address share such a ban.", plural(n, "time an address was", "times an address was"))
	}
	switch s := &f.Server; {
	case s.Workers > 0:
		add("The server was full: from about %.0f requests a second on its answers took longer, at most it gave %d in one second.", s.Queued, s.Peak)
	case f.Counts.Timed == 0:
		add("The logs do not say how long requests took. Add $request_time (nginx) or %%D (Apache) to their format to calibrate the model.")
	default:
		add("The server was never full: at most it answered %d requests in one second.", s.Peak)
	}
	if f.Unserved+f.NoVendor > 0 {
		add("%s in file names are left out: nothing was served to them and no User-Agent speaks for them, or no vendor that is known here owns them.", plural(f.Unserved+f.NoVendor, "hardware address", "hardware addresses"))
	}
	if f.Refused > 0 {
		add("%s of more phones than are remembered were left out: the logs have more addresses than a server has phones.", report.Plural(int(f.Refused), "request"))
	}
	return list
}

// fellSilent reports whether the phones of a wave are behind one address. Then no log tells
// a power cut from a lost line or from a ban that drops packets.
func fellSilent(w *learn.Wave) bool { return w.Kind == learn.PowerCut && w.Addresses == 1 }

// cameBack says from what the phones of a wave came back.
func cameBack(w *learn.Wave) string {
	if fellSilent(w) {
		return "behind one address fell silent together and came back: a power cut, a lost line or a ban that drops packets"
	}
	return "came back after a " + w.Kind
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Count(n) + " " + many
}

func after(s learn.Seconds) string {
	if s < 0 {
		return "never"
	}
	return report.Lasting(s.Duration())
}

// cell is a text from a log in a table: in one line, and not long.
func cell(text string) string {
	const most = 60
	text = oneline.Clean(text)
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

const mostRows = 40

func add(t *report.Table, cells ...string) {
	if len(t.Rows) < mostRows {
		t.Rows = append(t.Rows, cells)
	}
}

func productTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Phones", Text: true, Head: []string{"vendor", "product", "phones", "firmware"}}
	for _, v := range f.Vendors {
		for _, p := range v.Products {
			name := cell(p.Name)
			switch {
			case p.Name == "":
				name = "not said"
			case !p.Known:
				name += " (not known to provsim)"
			}
			versions := slices.SortedFunc(maps.Keys(p.Software), func(a, b string) int {
				return cmp.Or(cmp.Compare(p.Software[b], p.Software[a]), cmp.Compare(a, b))
			})
			for i, version := range versions {
				versions[i] = fmt.Sprintf("%s (%d)", cell(version), p.Software[version])
			}
			add(&t, v.Name, name, report.Count(p.Phones), strings.Join(versions[:min(3, len(versions))], ", "))
		}
	}
	return t
}

func doingTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "What they do", Text: true, Head: []string{"vendor", "periods", "polls", "boots", "retries", "random delay"}}
	for _, v := range f.Vendors {
		var periods []string
		for _, p := range v.Periods[:min(4, len(v.Periods))] {
			periods = append(periods, fmt.Sprintf("%s (%d)", report.Lasting(p.Period.Duration()), p.Phones))
		}
		if v.Daily != nil {
			periods = append(periods, fmt.Sprintf("daily from %s to %s UTC (%d)", report.Clock(v.Daily.From.Duration()), report.Clock(v.Daily.Until.Duration()), v.Daily.Phones))
		}
		if v.NoPeriod > 0 {
			periods = append(periods, fmt.Sprintf("not known (%d)", v.NoPeriod))
		}
		retries, delay := report.Count(v.Retries), "not seen"
		if v.Retries > 0 {
			retries += " after " + report.Lasting(v.Retry.Duration())
		}
		if v.Delay >= 0 {
			delay = report.Lasting(v.Delay.Duration())
		}
		add(&t, v.Name, strings.Join(periods, ", "), report.Count(v.Polls), report.Count(v.Boots), retries, delay)
	}
	return t
}

func waveTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Waves (UTC)", Text: true, Head: []string{"first request", "after", "phones", "in 10 s", "50 %", "90 %", "99 %"}}
	for _, w := range f.Waves {
		kind := w.Kind
		if fellSilent(&w) {
			kind = "silence of one address"
		}
		add(&t, clock(w.At), kind, report.Count(w.Phones), report.Count(w.Peak10), after(w.Back50), after(w.Back90), after(w.Back99))
	}
	return t
}

func outageTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Times without answers (UTC)", Text: true, Head: []string{"from", "until", "what", "phones due", "errors"}}
	for _, o := range f.Outages {
		add(&t, clock(o.From), clock(o.Until), o.Kind, report.Count(o.Due), report.Count(o.Errors))
	}
	return t
}

func banTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Bans (UTC)", Text: true, Head: []string{"from", "lasted", "status", "misses before"}}
	for _, b := range f.Bans {
		lasted := "to the end"
		if b.Lasted > 0 {
			lasted = report.Lasting(b.Lasted.Duration())
		}
		add(&t, clock(b.From), lasted, fmt.Sprint(b.Status), report.Count(b.Misses))
	}
	return t
}

func campaignTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Firmware (UTC)", Text: true, Head: []string{"from", "until", "vendor", "product", "version", "phones"}}
	for _, c := range f.Campaigns {
		add(&t, clock(c.From), clock(c.Until), c.Vendor, cell(c.Product), cell(c.Before)+" to "+cell(c.After), report.Count(c.Phones))
	}
	return t
}

func nameTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Missing files", Text: true, Head: []string{"name", "vendor", "missed", "served", "why"}}
	for _, n := range f.Names {
		if n.Missed > 0 {
			add(&t, cell(n.Name), n.Vendor, report.Count(int(n.Missed)), report.Count(int(n.Served)), n.Kind)
		}
	}
	return t
}

func timeTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Times of requests in quiet seconds", Head: []string{"", "count", "p50", "p90", "p99"}}
	for _, s := range f.Server.Times {
		add(&t, s.Class, report.Count(int(s.Count)), report.Lasting(s.P50.Duration()), report.Lasting(s.P90.Duration()), report.Lasting(s.P99.Duration()))
	}
	return t
}

func loadTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Load", Head: []string{"requests in a second", "seconds", "p50", "failed"}}
	for _, l := range f.Server.Loads {
		add(&t, fmt.Sprintf("%.0f", l.Requests), report.Count(int(l.Seconds)), report.Lasting(l.P50.Duration()), report.Percent(l.Failed))
	}
	return t
}

func siteTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Phones behind one address", Head: []string{"phones", "addresses"}}
	for _, s := range f.Sites {
		if f.Sites[len(f.Sites)-1].Devices > 1 {
			add(&t, report.Count(s.Devices), report.Count(s.Addresses))
		}
	}
	return t
}

func strangerTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Who asks and is no phone", Head: []string{"User-Agent begins with", "requests"}}
	for _, s := range f.Strangers[:min(12, len(f.Strangers))] {
		name := cell(s.Agent)
		if name == "" {
			name = "nothing"
		}
		add(&t, name, report.Count(int(s.Requests)))
	}
	return t
}

func logTable(f *learn.Findings) report.Table {
	t := report.Table{Title: "Logs", Text: true, Head: []string{"file", "format", "lines", "entries", "left out"}}
	for _, l := range f.Logs {
		var out []string
		for reason, n := range l.Dropped {
			out = append(out, fmt.Sprintf("%s %s", report.Count(n), reason))
		}
		slices.Sort(out)
		if l.Back > 0 {
			out = append(out, "the clock went back "+report.Plural(int(l.Back), "time"))
		}
		if l.Note != "" {
			out = append(out, cell(l.Note))
		}
		add(&t, cell(l.Name), l.Format, report.Count(int(l.Lines)), report.Count(int(l.Entries)), strings.Join(out, ", "))
	}
	return t
}

// bars draws counts as bars side by side.
func bars(id, title, says string, labels []string, values []int, colour chart.Colour) report.Figure {
	c := chart.Chart{ID: id, Title: title, Says: says, Caption: says, X: chart.Axis{End: float64(len(values)), Labels: labels}}
	if len(values) == 0 || slices.Max(values) == 0 {
		return report.Figure{Chart: c}
	}
	c.Y = chart.Counts(slices.Max(values), report.Count[int])
	for i, n := range values {
		from, to, high := float64(i)/c.X.End, (float64(i)+0.8)/c.X.End, float64(n)/c.Y.End
		c.Layers = append(c.Layers, chart.Layer{Colour: colour, Fill: true, Points: []chart.Point{{X: from, Y: high}, {X: to, Y: high}}})
	}
	return report.Figure{Chart: c}
}

func byHour(f *learn.Findings) report.Figure {
	values := make([]int, 24)
	for _, h := range f.Hours {
		values[h.At.Hour()] += int(h.Runs)
	}
	if len(f.Hours) == 0 {
		values = nil
	}
	var labels []string
	for hour := 0; hour <= 24; hour += 4 {
		labels = append(labels, fmt.Sprintf("%d:00", hour))
	}
	return bars("hours", "Arrivals by hour of the day", "Runs of phones that began in each hour of the day (UTC), over all days.", labels, values, chart.Blue)
}

func byDay(f *learn.Findings) report.Figure {
	var values []int
	var days []time.Time
	for _, h := range f.Hours {
		day := h.At.Truncate(24 * time.Hour)
		for len(days) > 0 && days[len(days)-1].Before(day) && len(days) < 400 {
			days, values = append(days, days[len(days)-1].Add(24*time.Hour)), append(values, 0)
		}
		if len(days) == 0 {
			days, values = append(days, day), append(values, 0)
		}
		values[len(values)-1] += int(h.Runs)
	}
	if len(days) < 2 {
		return report.Figure{}
	}
	labels := []string{days[0].Format("2006-01-02"), days[len(days)-1].Format("2006-01-02")}
	return bars("days", "Arrivals by day", "Runs of phones that began on each day (UTC).", labels, values, chart.Blue)
}

func byVendor(f *learn.Findings) report.Figure {
	var labels []string
	var values []int
	for _, v := range f.Vendors {
		labels, values = append(labels, v.Name), append(values, v.Phones)
	}
	return bars("vendors", "Phones by vendor", "How many phones of each vendor there are.", append(labels, ""), values, chart.Green)
}

func misses(f *learn.Findings) report.Figure {
	kinds := []string{learn.Expected, learn.Never, learn.Real, learn.WrongCase}
	values := make([]int, len(kinds))
	for _, n := range f.Names {
		if i := slices.Index(kinds, n.Kind); i >= 0 {
			values[i] += int(n.Missed)
		}
	}
	return bars("misses", "Requests for files that are missing", "Expected: the vendor's phones ask for it and good servers do not have it.", append(kinds, ""), values, chart.Amber)
}

// waveFigure shows a wave: the phones that began, and those that had a configuration.
func waveFigure(number int, w *learn.Wave) report.Figure {
	end := max(len(w.Begins), len(w.Backs), 10)
	x := chart.Times(float64(end), report.Clock)
	y := chart.Counts(w.Phones, report.Count[int])
	c := chart.Chart{ID: fmt.Sprintf("wave-%d", number+1), Title: "Wave of " + clock(w.At), X: x, Y: y,
		Key: []chart.Key{{Colour: chart.Pale, Label: "have asked"}, {Colour: chart.Green, Label: "have a configuration"}}}
	c.Says = fmt.Sprintf("%s came back; 90 %% of them had a configuration after %s.", report.Plural(w.Phones, "phone"), after(w.Back90))
	c.Caption = c.Says
	c.Layers = []chart.Layer{
		{Colour: chart.Pale, Fill: true, Points: summed(w.Begins, end, x, y.End)},
		{Colour: chart.Green, Points: summed(w.Backs, end, x, y.End)},
	}
	return report.Figure{Chart: c}
}

// summed is a curve of what has come up to each second, as a part of most.
func summed(counts []int, end int, x chart.Axis, most float64) []chart.Point {
	points := []chart.Point{{}}
	sum := 0
	for second, n := range counts {
		sum += n
		points = append(points, chart.Point{X: float64(second+1) / x.End, Y: min(1, float64(sum)/most)})
	}
	return chart.Steps(points, float64(end)/x.End)
}
