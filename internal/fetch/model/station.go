package model

import (
	"math"
	"time"
)

// forever is later than any instant of a run, and far enough from the largest
// Duration to add to it.
const forever = time.Duration(math.MaxInt64 / 2)

// A station is a number of workers who serve in the order of arrival. The start
// of a service is known at the arrival, because the service times of all before
// it are: no event is needed for it. Instants do not decrease from call to call.
type station struct {
	workers int
	busy    ends // when each busy worker has nothing more to do
	waiting ring // when each waiting request's turn comes

	served, maxWaiting, maxBusy int
	maxWait                     time.Duration
	waited, worked              float64 // seconds, those to come of accepted requests included
}

// advance lets time pass.
func (s *station) advance(now time.Duration) {
	for len(s.busy) > 0 && s.busy[0] <= now {
		s.busy.pop()
	}
	for s.waiting.len > 0 && s.waiting.first() <= now {
		s.waiting.pop()
	}
}

// turn returns when the service of a request that comes now would start.
func (s *station) turn(now time.Duration) time.Duration {
	if len(s.busy) < s.workers {
		return now
	}
	return s.busy[0]
}

// serve accepts a request that comes now, and returns when its service ends.
func (s *station) serve(now, service time.Duration) time.Duration {
	start := s.turn(now)
	end := min(start+service, forever)
	if len(s.busy) < s.workers {
		s.busy.push(end)
		s.maxBusy = max(s.maxBusy, len(s.busy))
	} else {
		s.busy.replaceFirst(end)
		s.wait(now, start)
	}
	s.served++
	s.worked += (end - start).Seconds()
	return end
}

// wait puts a request into the queue until an instant that is not before that
// of any other in it.
func (s *station) wait(now, till time.Duration) {
	s.waiting.push(till)
	s.maxWaiting = max(s.maxWaiting, s.waiting.len)
	s.maxWait = max(s.maxWait, till-now)
	s.waited += (till - now).Seconds()
}

// stop loses all requests that are waiting or being served.
func (s *station) stop(now time.Duration) {
	s.advance(now)
	s.waited, s.worked = s.until(now)
	s.busy = s.busy[:0]
	s.waiting.len = 0
}

// until returns the seconds waited and worked up to an instant that advance has
// reached. A worker who is busy is so without a pause until its entry in busy.
func (s *station) until(now time.Duration) (waited, worked float64) {
	waited, worked = s.waited, s.worked
	for i := range s.waiting.len {
		waited -= (s.waiting.at(i) - now).Seconds()
	}
	for _, free := range s.busy {
		worked -= (free - now).Seconds()
	}
	return waited, worked
}

// load tells about the time from 0 to an instant.
func (s *station) load(now time.Duration) Load {
	s.advance(now)
	l := Load{
		Served: int64(s.served), Waiting: s.waiting.len, Busy: len(s.busy),
		MaxWaiting: s.maxWaiting, MaxBusy: s.maxBusy, MaxWait: s.maxWait,
	}
	l.WaitSeconds, l.BusySeconds = s.until(now)
	if now > 0 {
		l.Utilisation = l.BusySeconds / (float64(s.workers) * now.Seconds())
	}
	return l
}
