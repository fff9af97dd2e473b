package fleet

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A day of phones that resync each hour and were all switched on at once.
func BenchmarkPlanDay(b *testing.B) {
	for _, devices := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			skipMillion(b, devices)
			s := &Scenario{
				Devices: devices, Duration: 24 * time.Hour,
				Population: Population{ProfileRule: "http://192.0.2.1/$MA.conf", Version: "1"},
				Server:     DefaultServer(),
			}
			s.Server.HTTP.Workers, s.Server.HTTP.Queue = 64, 1<<20
			b.ReportAllocs()
			events := 0.0
			for b.Loop() {
				r, err := Plan(b.Context(), s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				events = float64(2 * r.Server.Requests) // a start and an end
			}
			b.ReportMetric(events, "events")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys>>20), "MB-sys")
		})
	}
}

// A day of phones of five vendors and nine products (the population of mixed-office),
// which ask a web server.
func BenchmarkPlanMixedDay(b *testing.B) {
	for _, devices := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
			skipMillion(b, devices)
			example, _ := FindExample("mixed-office")
			s, err := ParseScenario(example.Name, example.Text)
			if err != nil {
				b.Fatal(err)
			}
			s.Devices, s.Events, s.Population.Option66 = devices, nil, "http://192.0.2.1/phones"
			s.Server.HTTP.Workers, s.Server.HTTP.Queue = 64, 1<<20
			defer debug.SetGCPercent(debug.SetGCPercent(40)) // as the command does
			transfers := 0.0
			for b.Loop() {
				r, err := Plan(b.Context(), s, Options{})
				if err != nil {
					b.Fatal(err)
				}
				transfers = float64(r.Server.Requests)
			}
			b.ReportMetric(transfers, "transfers")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/transfers, "ns/transfer")
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.Sys>>20), "MB-sys")
		})
	}
}

// skipMillion leaves out what takes minutes where benchmarks only have to work.
func skipMillion(b *testing.B, devices int) {
	if testing.Short() && devices >= 1_000_000 {
		b.Skip("skipped: it is short")
	}
}
