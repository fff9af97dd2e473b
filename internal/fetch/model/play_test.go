package model

import (
	"container/heap"
	"time"
)

// An ask is a transfer that a test begins.
type ask struct {
	at time.Duration
	Request
}

// An end is the result of a transfer.
type end struct {
	at time.Duration // since the run began
	Result
}

// A failer is a test of testing or of rapid.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// play runs transfers to their ends, each call in the order of time and, at the
// same instant, of the transfers.
func play(t failer, s *Server, asks []ask) []end {
	t.Helper()
	results := make([]end, len(asks))
	var pending agenda
	for i, a := range asks {
		pending = append(pending, entry{a.at, i, a.Request})
	}
	heap.Init(&pending)
	for pending.Len() > 0 {
		e := heap.Pop(&pending).(entry)
		result := *s.Arrive(e.at, &e.Request)
		if result.After < 0 {
			t.Fatalf("transfer %d at %v: result %v before now", e.id, e.at, result.After)
		}
		e.at += result.After
		if result.Done {
			results[e.id] = end{e.at, result}
			continue
		}
		heap.Push(&pending, e)
	}
	return results
}

type entry struct {
	at time.Duration
	id int
	Request
}

type agenda []entry

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].id < a[j].id
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(entry)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func mustNew(t failer, cfg Config) *Server {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return s
}

// burst are n transfers of as many devices, evenly spread over a time.
func burst(n int, over time.Duration, r Request) []ask {
	asks := make([]ask, n)
	for i := range asks {
		r.Device, r.Source = uint32(i), uint32(i)
		asks[i] = ask{over * time.Duration(i) / time.Duration(n), r}
	}
	return asks
}

var config = Request{Scheme: "tftp", Size: 2048}
