package learn

import (
	"math"
	"time"

	"provsim/device"
	"provsim/internal/learn/logs"
)

// histogram counts times in steps of five percent from a microsecond on.
type histogram struct {
	bins  [400]uint32
	count int64
}

var stepOf = math.Log(1.05)

func (h *histogram) add(micros int64) {
	i := 0
	if micros > 0 {
		i = min(len(h.bins)-1, 1+int(math.Log(float64(micros))/stepOf))
	}
	h.bins[i]++
	h.count++
}

// quantile returns the time that a part of all do not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	want := int64(math.Ceil(q * float64(h.count)))
	sum := int64(0)
	for i, n := range h.bins {
		if sum += int64(n); sum >= want && n > 0 {
			if i == 0 {
				return 0
			}
			return binTime(i)
		}
	}
	return 0
}

// binTime is the time in the middle of a step from the first on.
func binTime(i int) time.Duration {
	return time.Duration(math.Exp((float64(i)-0.5)*stepOf) * float64(time.Microsecond))
}

// The classes of requests for which a server's times are counted apart.
const (
	configTimes = iota
	imageTimes
	missTimes
	otherTimes
	numTimes
)

var timesWords = [numTimes]string{"configuration", "firmware", "missing file", "other"}

// serverCounts is what the log tells about the server.
type serverCounts struct {
	quiet  [numTimes]histogram // of the first request in a second
	second int64
	inIt   int64
	took   []int64 // of those requests in the second that have a time and are no firmware
	failed int64
	loads  [24]load // by the power of the square root of two of the requests in a second
}

// load is what happened in the seconds with about as many requests.
type load struct {
	seconds, requests, failed int64
	most                      int64     // requests in one of these seconds
	times                     histogram // of what is no firmware
}

func (s *serverCounts) count(e *logs.Entry, class device.Class, missed bool) {
	second := (e.At + max(0, e.Took)) / time.Second.Microseconds() // when it was done
	if !e.Fine {
		second = e.At / time.Second.Microseconds()
	}
	if second != s.second {
		s.close()
		s.second = second
	}
	s.inIt++
	if e.Status >= 500 {
		s.failed++
	}
	if e.Took < 0 {
		return
	}
	if class != device.ImageClass {
		s.took = append(s.took, e.Took)
	}
	if s.inIt == 1 && e.Status < 500 {
		of := otherTimes
		switch {
		case missed:
			of = missTimes
		case class == device.ConfigClass:
			of = configTimes
		case class == device.ImageClass:
			of = imageTimes
		}
		s.quiet[of].add(e.Took)
	}
}

// close ends a second.
func (s *serverCounts) close() {
	if s.inIt > 0 {
		l := &s.loads[min(len(s.loads)-1, int(2*math.Log2(float64(s.inIt))))]
		l.seconds++
		l.requests += s.inIt
		l.most = max(l.most, s.inIt)
		l.failed += s.failed
		for _, took := range s.took {
			l.times.add(took)
		}
	}
	s.inIt, s.took, s.failed = 0, s.took[:0], 0
}
