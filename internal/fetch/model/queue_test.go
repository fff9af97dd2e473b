package model

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Little of a queue is as one would draw it. This is: a queue of jobs and c
// workers, moved on from one event to the next.
type plainStation struct {
	workers, running int
	queue            []int
	ends             map[int]time.Duration
	starts           map[int]time.Duration
	services         []time.Duration
	now              time.Duration
}

func (p *plainStation) advance(to time.Duration) {
	for {
		first, at := -1, to
		for id, end := range p.ends {
			if end <= at && (first < 0 || end < at || id < first) {
				first, at = id, end
			}
		}
		if first < 0 {
			p.now = to
			return
		}
		p.now = at
		delete(p.ends, first)
		p.running--
		p.start()
	}
}

func (p *plainStation) start() {
	for p.running < p.workers && len(p.queue) > 0 {
		id := p.queue[0]
		p.queue = p.queue[1:]
		p.running++
		p.starts[id], p.ends[id] = p.now, p.now+p.services[id]
	}
}

func (p *plainStation) arrive(service time.Duration) {
	p.services = append(p.services, service)
	p.queue = append(p.queue, len(p.services)-1)
	p.start()
}

// A queue agrees with the plain one on every start, and at every arrival on
// how many wait and how many are served; starts are in the order of arrival.
func TestStationIsAQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		workers := rapid.IntRange(1, 5).Draw(t, "workers")
		plain := plainStation{workers: workers, ends: map[int]time.Duration{}, starts: map[int]time.Duration{}}
		fast := queue{workers: workers}
		var starts []time.Duration
		now := time.Duration(0)
		for range rapid.IntRange(0, 60).Draw(t, "arrivals") {
			now += time.Duration(rapid.IntRange(0, 5).Draw(t, "gap"))
			service := time.Duration(rapid.IntRange(0, 12).Draw(t, "service"))
			plain.advance(now)
			fast.advance(now)
			if fast.waiting.len != len(plain.queue) || len(fast.busy) != plain.running {
				t.Fatalf("at %d %d wait and %d are served, want %d and %d", now, fast.waiting.len, len(fast.busy), len(plain.queue), plain.running)
			}
			starts = append(starts, fast.turn(now))
			if end := fast.serve(now, service); end != starts[len(starts)-1]+service {
				t.Fatalf("served until %d, want %d", end, starts[len(starts)-1]+service)
			}
			plain.arrive(service)
		}
		if !slices.IsSorted(starts) || fast.maxBusy > workers {
			t.Errorf("starts %v, %d busy", starts, fast.maxBusy)
		}
		plain.advance(time.Hour)
		for id, start := range starts {
			if start != plain.starts[id] {
				t.Errorf("request %d starts at %d, want %d", id, start, plain.starts[id])
			}
		}
	})
}

// The integrals at an instant are those of a staircase that is added up step by step.
func TestStationIntegrals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := queue{workers: rapid.IntRange(1, 3).Draw(t, "workers")}
		var waited, worked time.Duration
		for now := range time.Duration(rapid.IntRange(0, 80).Draw(t, "seconds")) {
			now *= time.Second
			s.advance(now)
			if rapid.IntRange(0, 30).Draw(t, "outage") == 0 {
				s.stop(now)
			}
			if rapid.Bool().Draw(t, "arrival") {
				s.serve(now, time.Duration(rapid.IntRange(0, 5).Draw(t, "service"))*time.Second)
			}
			load := s.load(now)
			if math.Abs(load.WaitSeconds-waited.Seconds()) > 1e-6 || math.Abs(load.BusySeconds-worked.Seconds()) > 1e-6 {
				t.Fatalf("at %v %v s waited and %v s worked, want %v and %v", now, load.WaitSeconds, load.BusySeconds, waited, worked)
			}
			waited += time.Duration(load.Waiting) * time.Second
			worked += time.Duration(load.Busy) * time.Second
		}
	})
}

func TestRingKeepsItsOrderWhileItGrows(t *testing.T) {
	var r ring
	var want, got []time.Duration
	for i := range time.Duration(1000) {
		r.push(i)
		want = append(want, i)
		if i%3 == 0 {
			got = append(got, r.first())
			r.pop()
		}
	}
	for ; r.len > 0; r.pop() {
		got = append(got, r.first())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
