package model

import (
	"math"
	"testing"
	"time"

	"provsim/internal/splitmix"
)

// meanWait serves n requests that come at random, on average rate of them a second.
func meanWait(t *testing.T, n int, rate float64, workers int, service Dist) float64 {
	cfg := Default()
	cfg.RoundTrip, cfg.HTTP.Rate = 0, 0
	cfg.HTTP.Workers, cfg.HTTP.Queue, cfg.HTTP.Resync = workers, mostWaiting, service
	s := mustNew(t, cfg)
	now := 0.0
	for i := range n {
		now -= math.Log(unit(splitmix.Mix(uint64(i)+1<<44))) / rate
		s.Arrive(time.Duration(now*float64(time.Second)), &Request{Scheme: "http", Device: uint32(i), Timeout: time.Hour})
	}
	stats := s.Stats(time.Duration(now*float64(time.Second)) + time.Hour)
	if stats.Answered != int64(n) {
		t.Fatalf("%d answered of %d", stats.Answered, n)
	}
	return stats.HTTP.WaitSeconds / float64(stats.HTTP.Served)
}

// Mean waits against closed forms: Pollaczek and Khinchine for one worker, Erlang
// C for several. Times are in units of the mean service.
func TestMeanWait(t *testing.T) {
	const service, n = 0.010, 300_000
	mean := time.Duration(service * float64(time.Second))
	for _, test := range []struct {
		name    string
		workers int
		load    float64 // of each worker
		service Dist
		want    float64
	}{
		{"M/M/1", 1, 0.5, Dist{Shape: Exponential, Mean: mean}, 0.5 / (1 - 0.5)},
		{"M/M/1, busy", 1, 0.8, Dist{Shape: Exponential, Mean: mean}, 0.8 / (1 - 0.8)},
		{"M/D/1", 1, 0.5, Fixed(mean), 0.5 / (2 * (1 - 0.5))},
		{"M/D/1, busy", 1, 0.8, Fixed(mean), 0.8 / (2 * (1 - 0.8))},
		{"M/U/1", 1, 0.7, Dist{Shape: Uniform, Max: 2 * mean}, 0.7 * (1 + 1./3) / (2 * (1 - 0.7))},
		{"M/M/4", 4, 0.7, Dist{Shape: Exponential, Mean: mean}, erlangC(4, 2.8) / (4 * (1 - 0.7))},
		{"M/M/16", 16, 0.8, Dist{Shape: Exponential, Mean: mean}, erlangC(16, 12.8) / (16 * (1 - 0.8))},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := meanWait(t, n, test.load*float64(test.workers)/service, test.workers, test.service) / service
			if math.Abs(got/test.want-1) > 0.03 {
				t.Errorf("mean wait %.4f services, want %.4f", got, test.want)
			}
		})
	}
}

// erlangC is the probability of having to wait, at an offered load in workers.
func erlangC(workers int, offered float64) float64 {
	term, sum := 1.0, 0.0
	for k := range workers {
		sum += term
		term *= offered / float64(k+1)
	}
	term *= float64(workers) / (float64(workers) - offered)
	return term / (sum + term)
}

// Regular arrivals and a constant service: no wait up to full load, and over it
// each request waits longer than the one before by what is missing.
func TestRegularArrivals(t *testing.T) {
	for _, test := range []struct{ every, growth time.Duration }{
		{12 * time.Millisecond, 0}, {10 * time.Millisecond, 0}, {7 * time.Millisecond, 3 * time.Millisecond},
	} {
		cfg := Default()
		cfg.RoundTrip, cfg.HTTP.Rate = 0, 0
		cfg.HTTP.Workers, cfg.HTTP.Queue, cfg.HTTP.Resync = 1, 1000, Fixed(10*time.Millisecond)
		s := mustNew(t, cfg)
		for i := range time.Duration(1000) {
			result := s.Arrive(i*test.every, &Request{Scheme: "http"})
			if want := i*test.growth + 10*time.Millisecond; result.After != want || !result.Done {
				t.Fatalf("every %v, request %d: %+v, want an end after %v", test.every, i, result, want)
			}
		}
	}
}

func TestDistributions(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name             string
		dist             Dist
		mean, variation  float64 // in ms; standard deviation by mean
		shortest, longer time.Duration
	}{
		{"none", Dist{}, 0, 0, 0, 0},
		{"constant", Fixed(5 * ms), 5, 0, 5 * ms, 5 * ms},
		{"uniform", Dist{Shape: Uniform, Min: 2 * ms, Max: 6 * ms}, 4, 4 / math.Sqrt(12) / 4, 2 * ms, 6 * ms},
		{"exponential", Dist{Shape: Exponential, Mean: 5 * ms}, 5, 1, 0, longest},
		// sigma is 1 where the 0.99 quantile is e^2.326 times the median.
		{"lognormal", Dist{Shape: LogNormal, Median: 10 * ms, P99: 102404736 * time.Nanosecond}, 16.487, math.Sqrt(math.E - 1), 0, longest},
		{"empirical", Dist{Shape: Empirical, Values: []time.Duration{ms, 2 * ms, 9 * ms}}, 4, 3.559 / 4, ms, 9 * ms},
	} {
		t.Run(test.name, func(t *testing.T) {
			const n = 400_000
			sum, squares := 0.0, 0.0
			for i := range n {
				d := test.dist.draw(draws(1, uint32(i), 7, 1), drawService)
				if d < test.shortest || d > test.longer {
					t.Fatalf("drew %v, want %v to %v", d, test.shortest, test.longer)
				}
				x := d.Seconds() * 1e3
				sum, squares = sum+x, squares+x*x
			}
			mean := sum / n
			variation := math.Sqrt(max(0, squares/n-mean*mean)) / max(mean, 1e-9)
			if math.Abs(mean-test.mean) > 0.01*test.mean || math.Abs(variation-test.variation) > 0.03*test.variation+1e-6 {
				t.Errorf("mean %.4f ms and variation %.4f, want %.4f and %.4f", mean, variation, test.mean, test.variation)
			}
		})
	}
}

// However wide a distribution, a draw fits.
func TestTailsAreCut(t *testing.T) {
	wide := Dist{Shape: LogNormal, Median: 1, P99: longest}
	cut := 0
	for i := range 100_000 {
		d := wide.draw(draws(1, uint32(i), 0, 1), drawService)
		if d < 0 || d > longest {
			t.Fatalf("drew %v", d)
		}
		if d == longest {
			cut++
		}
	}
	if cut < 900 || cut > 1100 {
		t.Errorf("%d of 100,000 are cut at the 0.99 quantile, want some 1,000", cut)
	}
}

// Draws differ by each of their arguments.
func TestDrawsAreApart(t *testing.T) {
	seen := map[uint64]string{}
	for i, l := range []rng{draws(1, 2, 3, 4), draws(2, 2, 3, 4), draws(1, 3, 3, 4), draws(1, 2, 4, 4), draws(1, 2, 3, 5), draws(1, 3, 2, 4)} {
		for why := drawService; why <= drawRepair; why++ {
			bits := l.bits(why)
			if seen[bits] != "" {
				t.Errorf("rng %d, purpose %d draws what %s does", i, why, seen[bits])
			}
			seen[bits] = "another"
		}
	}
}
