package model

import (
	"time"

	"provsim/resync"
)

// Stats tell what a server and its network did from the run's begin to an
// instant. Results are known when they are returned, so a transfer counts as ended
// from then on.
type Stats struct {
	Requests int64 // transfers begun
	Answered int64 // brought what the server had to say, Request.Answer included

	// The other ends, by their outcome.
	Timeouts, Refused, HTTPStatus, Truncated int64

	Repeats int64 // read requests and SYNs sent again
	Lost    int64 // read requests and SYNs that the path lost
	Bans    int64 // times that a source address was banned
	Banned  int64 // read requests and connections turned away for it

	HTTP HTTPStats
	TFTP TFTPStats
}

// Failed returns how many transfers ended without the server's own answer.
func (s Stats) Failed() int64 { return s.Timeouts + s.Refused + s.HTTPStatus + s.Truncated }

// InFlight returns how many transfers have begun and not ended.
func (s Stats) InFlight() int64 { return s.Requests - s.Answered - s.Failed() }

// A Load is the use of workers and of the queue before them. Seconds are sums
// over all requests: divided by the time they are the mean number waiting or
// being served, divided by Served the mean wait or service (Little 1961).
type Load struct {
	Served      int64         // requests that got a worker, now or in their turn
	Waiting     int           // at this instant
	Busy        int           // workers, at this instant
	MaxWaiting  int           // the longest queue
	MaxBusy     int           // the most workers at once
	MaxWait     time.Duration // the longest wait
	WaitSeconds float64       // waited so far, by all together
	BusySeconds float64       // worked so far, by all together
	Utilisation float64       // the share of the workers' time that was work, 0 to 1
}

// HTTPStats are about the web server.
type HTTPStats struct {
	Load
	Full      int64 // connections that found the queue full
	Expired   int64 // over WaitLimit
	Limited   int64 // over ServiceLimit
	Abandoned int64 // skipped, because the device had given up (NoticesHangup)
	// Wasted services were done for devices that had given up before they had the
	// whole answer, and took WastedSeconds of the workers.
	Wasted        int64
	WastedSeconds float64
}

// TFTPStats are about the TFTP server. Its Load has one worker, which reads the
// socket; Waiting is what the receive buffer holds.
type TFTPStats struct {
	Load
	// AnsweredAt[n] transfers got their first answer, and then the file, after
	// n+1 read requests.
	AnsweredAt []int64
	Dropped    int64 // read requests that found the buffer full
	Ignored    int64 // read requests over Transfers
	// Wasted transfers were begun for a device that already had one or had given
	// up, or were cut off by its time limit.
	Wasted int64

	// Enough is the buffer, in read requests, that would not have dropped any, and
	// EnoughWait the longest that one would have waited in it. A wait over the
	// devices' first one means that they would have asked twice: then a larger
	// buffer is not the cure, but a longer random delay is.
	Enough     int
	EnoughWait time.Duration
	// ShortBy is how much more time the burst that needed Enough would have had to
	// take for Buffer to be enough: the surplus times the mean time to accept one.
	// It is exact for an even spread, and a little short for a random one.
	ShortBy time.Duration
}

// count takes in the end of a transfer.
func (s *Stats) count(c *attempt, r *Result) {
	switch {
	case r.Why == Well:
		s.Answered++
		if c.tftp {
			s.TFTP.AnsweredAt[min(int(c.Progress.tries), len(s.TFTP.AnsweredAt))-1]++
		}
	case r.Outcome == resync.Timeout:
		s.Timeouts++
	case r.Outcome == resync.Refused:
		s.Refused++
	case r.Outcome == resync.HTTPStatus:
		s.HTTPStatus++
	default:
		s.Truncated++
	}
}
