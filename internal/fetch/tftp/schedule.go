package tftp

import "time"

// A Schedule says when a packet is repeated while the transfer makes no
// progress, and when the device gives up. A Schedule whose First is not
// positive stands for [DefaultSchedule].
type Schedule struct {
	First   time.Duration // the wait after a packet is sent for the first time
	Max     time.Duration // each further wait doubles up to this; at or below First: all waits are First
	Repeats int           // repetitions before the device gives up; 0: it never repeats
}

// DefaultSchedule waits 1, 2, 4, 8 and 8 seconds: five packets and 23 seconds
// until a silent server is given up. The vendor documents none, so this is our
// reading of a small device that follows RFC 1123 section 4.2.3.2, which asks
// for an exponential back-off.
func DefaultSchedule() Schedule {
	return Schedule{First: time.Second, Max: 8 * time.Second, Repeats: 4}
}

// every returns a schedule with as many repetitions at a constant interval,
// for the timeout option (RFC 2349).
func (s Schedule) every(interval time.Duration) Schedule {
	return Schedule{First: interval, Max: interval, Repeats: s.Repeats}
}

// wait returns how long to wait after a packet has been repeated n times.
func (s Schedule) wait(n int) time.Duration {
	d := s.First
	for range n {
		if d > s.Max/2 {
			return max(s.First, s.Max)
		}
		d *= 2
	}
	return d
}
