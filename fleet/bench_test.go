package fleet

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// A day of phones that resync each hour and were all switched on at once.
func BenchmarkPlanDay(b *testing.B) {
	for _, devices := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) {
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
