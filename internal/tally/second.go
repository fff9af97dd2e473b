package tally

import "time"

// second is what happened in one second of a run. The members that follow the
// devices' states hold changes, so that the shards of a run can be added up.
type second struct {
	starts      uint32 // resyncs that started
	successes   uint32
	failures    uint32
	queue       uint32 // the longest that a modelled server's queue was
	provisioned int32
	states      [NumStates]int32
}

func (s *second) merge(o *second) {
	s.starts += o.starts
	s.successes += o.successes
	s.failures += o.failures
	s.queue += o.queue
	s.provisioned += o.provisioned
	for i := range s.states {
		s.states[i] += o.states[i]
	}
}

// second returns the row of the second in which an instant lies.
func (t *Totals) second(at time.Duration) *second {
	i := int(at / time.Second)
	if i >= len(t.seconds) {
		t.reach(i + 1)
	}
	return &t.seconds[i]
}

// reach makes the curves at least n seconds long.
func (t *Totals) reach(n int) {
	if n > len(t.seconds) {
		t.seconds = append(t.seconds, make([]second, n-len(t.seconds))...)
	}
}

// Point is one second of a run.
type Point struct {
	Second              int // since the run began
	Starts              int // resyncs that started in it
	Successes, Failures int // resyncs that ended in it
	Queue               int // the longest that a modelled server's queue was
	Provisioned         int // devices, at its end
	States              [NumStates]int
}

// Curve yields the seconds of the run in their order.
func (t *Totals) Curve(yield func(Point) bool) {
	p := Point{}
	p.States[Off] = t.Devices
	for i := range t.seconds {
		s := &t.seconds[i]
		p.Second, p.Starts, p.Queue = i, int(s.starts), int(s.queue)
		p.Successes, p.Failures = int(s.successes), int(s.failures)
		p.Provisioned += int(s.provisioned)
		for j := range p.States {
			p.States[j] += int(s.states[j])
		}
		if !yield(p) {
			return
		}
	}
}
