package model

import (
	"testing"
	"time"
)

func BenchmarkArrive(b *testing.B) {
	cfg := Default()
	log := Default()
	log.HTTP.Resync = Dist{Shape: LogNormal, Median: 30 * time.Microsecond, P99: time.Millisecond}
	log.HTTP.Workers, log.HTTP.Queue = 64, 100_000
	for _, bench := range []struct {
		name, scheme string
		cfg          Config
		every        time.Duration
	}{
		{"http calm", "http", cfg, 100 * time.Microsecond},
		{"http full", "http", cfg, time.Microsecond},
		{"https calm", "https", cfg, time.Millisecond},
		{"http lognormal 64 busy", "http", log, time.Microsecond},
		{"tftp calm", "tftp", cfg, 100 * time.Microsecond},
		{"tftp full", "tftp", cfg, time.Microsecond},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := mustNew(b, bench.cfg)
			r := config
			r.Scheme = bench.scheme
			now := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				now += bench.every
				r.Device++
				r.Progress = Progress{}
				s.Arrive(now, &r)
			}
		})
	}
}
