package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"provsim/internal/chart"
	"provsim/internal/limits"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// Report is the result of a run, for people and for programs (WT-FLT-2, WT-FLT-4).
type Report struct {
	Name string `json:"name"`
	*Figures
	Local        int           `json:"local"` // attempts that failed for lack of something on this machine
	ConnectP50   time.Duration `json:"connect_p50_ns"`
	ConnectP99   time.Duration `json:"connect_p99_ns"`
	RoundTripP50 time.Duration `json:"round_trip_p50_ns"`
	RoundTripP99 time.Duration `json:"round_trip_p99_ns"`

	// Of real tunnels only.
	Counts      *link.Counts `json:"counts,omitempty"`
	Spoofed     int64        `json:"spoofed"`
	Memory      uint64       `json:"memory,omitempty"` // bytes in use, of this process
	Goroutines  int          `json:"goroutines,omitempty"`
	Descriptors uint64       `json:"descriptors,omitempty"`
	Invalid     []string     `json:"invalid,omitempty"`
}

// NewReport returns the report of a run that has ended. The overlay is nil where it
// was in virtual time.
func NewReport(name string, f *Figures, n *Overlay) *Report {
	f.Finish()
	r := &Report{
		Name: name, Figures: f, Local: f.Outcomes[tunnel.Local], ConnectP50: f.Connect(0.5), ConnectP99: f.Connect(0.99),
		RoundTripP50: f.RoundTrip(0.5), RoundTripP99: f.RoundTrip(0.99),
	}
	if n != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		counts, spoofed := n.Totals()
		r.Counts, r.Spoofed, r.Memory, r.Goroutines = &counts, spoofed, m.HeapInuse+m.StackInuse, runtime.NumGoroutine()
		r.Descriptors = limits.ThisMachine(1).Read().Descriptors
	}
	return r
}

// row is a line of the report: a name and what is to be said.
type row struct{ Name, Text string }

func short(d time.Duration) string {
	if d < 0 {
		return "not reached"
	}
	return d.Round(max(time.Microsecond, time.Duration(float64(d)/1000).Truncate(time.Microsecond))).String()
}

// rows says the figures in words.
func (r *Report) rows() []row {
	list := []row{
		{"devices", fmt.Sprintf("%d, of which %d had a tunnel at the end", r.Devices, r.Open)},
		{"connects", fmt.Sprintf("%d of %d tries, at most %d in a second; TLS %d full, %d resumed", r.Opens, r.Tries, r.Peak, r.TLSFull, r.Resumed)},
		{"connect time", fmt.Sprintf("p50 %s, p99 %s", short(r.ConnectP50), short(r.ConnectP99))},
	}
	if r.RoundTripP50 > 0 {
		list = append(list, row{"ping", fmt.Sprintf("p50 %s, p99 %s", short(r.RoundTripP50), short(r.RoundTripP99))})
	}
	list = append(list, row{"ends", joined(r.Outcomes, func(o tunnel.Outcome) string { return string(o) })})
	if len(r.Statuses) > 0 {
		list = append(list, row{"refusals", joined(r.Statuses, strconv.Itoa)})
	}
	if len(r.Codes) > 0 {
		list = append(list, row{"close codes", joined(r.Codes, strconv.Itoa)})
	}
	for _, s := range r.Storms {
		list = append(list, row{"storm", fmt.Sprintf(
			"at %s, %d devices, down %s; then 50%% were back after %s, 90%% %s, 99%% %s, 100%% %s; at most %d a second, %.1f tries a device",
			short(s.At), s.Devices, short(s.Down), short(s.Back[0]), short(s.Back[1]), short(s.Back[2]), short(s.Back[3]), s.Peak, float64(s.Tries)/float64(s.Devices))})
	}
	for _, s := range r.Services {
		if s.Count > 0 {
			list = append(list, row{s.Name, fmt.Sprintf("%d, %d bytes, %d failed", s.Count, s.Bytes, s.Failed)})
		}
	}
	if c := r.Counts; c != nil {
		list = append(list,
			row{"messages", fmt.Sprintf("in %d with %d bytes, out %d with %d bytes", c.MessagesIn, c.BytesIn, c.MessagesOut, c.BytesOut)},
			row{"lost", fmt.Sprintf("%d dropped, %d broken, %d IPv6, %d too large, %d not for the device or not of the server", c.Dropped, c.Broken+c.Unknown, c.IPv6, c.TooLarge, r.Spoofed)},
			row{"this process", fmt.Sprintf("%d KiB, %d goroutines, %d descriptors", r.Memory>>10, r.Goroutines, r.Descriptors)})
	}
	return list
}

func joined[K cmp.Ordered](counts map[K]int, text func(K) string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", text(k), counts[k]))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	for _, line := range r.rows() {
		if _, err := fmt.Fprintf(w, "%-14s %s\n", line.Name, line.Text); err != nil {
			return err
		}
	}
	return nil
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// charts are tunnels over time, and connects a second.
func (r *Report) charts() []chart.Chart {
	end := float64(max(1, len(r.Seconds)))
	var marks []chart.Mark
	x := chart.Times(end, func(d time.Duration) string { return d.String() })
	for _, m := range r.Marks {
		marks = append(marks, chart.Mark{X: m.At.Seconds() / x.End, Name: m.Name})
	}
	curve := func(id, title string, colour chart.Colour, value func(Second) int) chart.Chart {
		highest := 0
		for _, s := range r.Seconds {
			highest = max(highest, value(s))
		}
		y := chart.Counts(highest, strconv.Itoa)
		var points []chart.Point
		for i, s := range r.Seconds {
			points = append(points, chart.Point{X: float64(i) / x.End, Y: float64(value(s)) / y.End})
		}
		c := chart.Chart{ID: id, Title: title, Says: title, X: x, Y: y, Marks: marks}
		if len(points) > 0 {
			c.Layers = []chart.Layer{{Colour: colour, Fill: true, Points: chart.Steps(points, end/x.End)}}
		}
		return c
	}
	return []chart.Chart{
		curve("tunnels", "Open tunnels", chart.Green, func(s Second) int { return s.Open }),
		curve("connects", "Connects a second", chart.Blue, func(s Second) int { return s.Opens }),
		curve("tries", "Tries a second", chart.Amber, func(s Second) int { return s.Tries }),
	}
}

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Name}}: provsim tunnels</title>
<style>:root{color-scheme:light dark;--ink:light-dark(#16211e,#e6ecea);--soft:light-dark(#51605b,#a7b4af);--line:light-dark(#c9d2ce,#34413d)}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);max-width:60rem;margin:2rem auto;padding:0 1rem}td{padding:.2rem 1rem .2rem 0;vertical-align:top}
{{.Style}}</style></head><body><main><h1>{{.Name}}</h1>
{{range .Invalid}}<p><b>INVALID:</b> {{.}}</p>{{end}}
<table>{{range .Rows}}<tr><td>{{.Name}}</td><td>{{.Text}}</td></tr>{{end}}</table>
{{range .Charts}}<section><h2>{{.Title}}</h2>{{.HTML}}</section>{{end}}
</main></body></html>
`))
})

// HTML writes the report as a page.
func (r *Report) HTML(w io.Writer) error {
	return page().Execute(w, struct {
		Name    string
		Style   template.CSS
		Invalid []string
		Rows    []row
		Charts  []chart.Chart
	}{r.Name, template.CSS(chart.Style()), r.Invalid, r.rows(), r.charts()})
}

// Write writes summary.json and report.html into a folder, which it makes.
func (r *Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{"summary.json": r.JSON, "report.html": r.HTML} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		err = write(f)
		if failed := f.Close(); err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
