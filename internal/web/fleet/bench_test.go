package fleet

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/report"
	"provsim/internal/web/app"
)

// large is a plan of the given number of devices, with its dashboard.
func large(b *testing.B, devices int) (*Page, *fleet.Result) {
	b.Helper()
	s, err := fleet.ParseScenario("town.yaml", fmt.Appendf(nil, "{name: town, devices: %d, duration: 1h, sites: [{name: office, devices: 100}], phases: [{over: 30m}]}", devices))
	if err != nil {
		b.Fatal(err)
	}
	inventory, err := fleet.NewInventory(s, fleet.Shard{})
	if err != nil {
		b.Fatal(err)
	}
	page, err := New(config("town", inventory))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(page.Close)
	r, err := fleet.Plan(b.Context(), s, fleet.Options{Journal: page})
	if err != nil {
		b.Fatal(err)
	}
	page.Show(report.New(r.Run(), r.Tally.Totals(), nil), r.Tally)
	return page, r
}

// BenchmarkAdd is what each record costs a run.
func BenchmarkAdd(b *testing.B) {
	s, err := fleet.NewInventory(&fleet.Scenario{Devices: 100_000}, fleet.Shard{})
	if err != nil {
		b.Fatal(err)
	}
	p := &Page{}
	p.devices.Store(&recorded{s, newRecordRing(s.Len())})
	r := journal.Record{}
	r.URL = "http://192.0.2.1/0021f2000000.cfg"
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		r.Device = s.MAC(n % 100_000)
		if err := p.Add(&r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLook is what a look costs: the copy, which the run waits for, and the
// rest, which it does not.
func BenchmarkLook(b *testing.B) {
	for _, devices := range []int{10_000, 100_000} {
		page, r := large(b, devices)
		b.Run(fmt.Sprintf("copy/devices=%d", devices), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Tally.Copy()
			}
		})
		b.Run(fmt.Sprintf("view/devices=%d", devices), func(b *testing.B) {
			now := fleet.Progress{Now: time.Hour, Until: time.Hour, Devices: devices, Tally: r.Tally.Copy()}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := page.compute(now, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen answers requests for pages of 100,000 devices.
func BenchmarkOpen(b *testing.B) {
	page, _ := large(b, 100_000)
	for path, handle := range map[string]app.Handler{
		"/overview": page.overviewPage, "/devices": page.devicesPage, "/devices?q=ff0": page.devicesPage,
		"/devices?state=idle&page=1999": page.devicesPage,
	} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := handle(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
