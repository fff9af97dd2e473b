package tally

import (
	"fmt"
	"math"
	"time"

	"provsim/resync"
)

// requestRoom is what a read request takes up in the receive buffer of a Linux
// socket: the default buffer of 212,992 bytes was measured to hold 256 of them,
// with four TFTP servers.
const requestRoom = 832

// Advice says what would have been enough where a server fell behind: its
// requests had to be repeated, were dropped, refused or not answered.
type Advice struct {
	// Served is the most resyncs that succeeded within one second: what the server
	// can do, as far as this run has seen.
	Served float64 `json:"served"`
	// Requests is how many requests a buffer would have had to hold; 0 where
	// nothing was served or no request was repeated.
	Requests int `json:"requests,omitempty"`
	// Bytes is the receive buffer of a Linux socket for so many read requests.
	Bytes int `json:"bytes,omitempty"`
	// Exact says that a modelled server has counted Requests. Otherwise it is the
	// number of starts that had not been served, by the second, at Served; it may
	// be too high by the starts of one second.
	Exact bool `json:"exact,omitempty"`
	// Delay is the Resync Random Delay that spreads the highest wave so that it
	// comes no faster than Served, in whole seconds.
	Delay Seconds `json:"delay"`
	Why   string  `json:"why"`
}

// Advice returns nil where the server kept up.
func (t *Totals) Advice() *Advice {
	why := t.behind()
	a := &Advice{Served: t.served(), Why: why}
	if why == "" || a.Served == 0 {
		return nil
	}
	devices := t.highestWave()
	a.Delay = Seconds(time.Duration(math.Ceil(float64(devices)/a.Served)) * time.Second)
	switch {
	case t.Model != nil && t.Model.BufferNeeded > 0:
		a.Requests, a.Exact = t.Model.BufferNeeded, true
	case t.Repeats > 0:
		a.Requests = t.backlog(a.Served)
	}
	a.Bytes = a.Requests * requestRoom
	return a
}

// behind says by what it shows that the server fell behind, or nothing.
func (t *Totals) behind() string {
	timeouts := t.Outcomes[resync.Resync][resync.Timeout]
	switch {
	case t.Model != nil && t.Model.Dropped > 0:
		return fmt.Sprintf("%d requests found the server's buffer full", t.Model.Dropped)
	case t.Repeats > 0:
		return fmt.Sprintf("%d requests had to be repeated", t.Repeats)
	case t.Model != nil && t.Model.Refused > 0:
		return fmt.Sprintf("%d connections were refused", t.Model.Refused)
	case timeouts > 0:
		return fmt.Sprintf("%d resyncs were not answered in time", timeouts)
	}
	return ""
}

// served returns the most successes in one second. The server can do no less.
func (t *Totals) served() float64 {
	var most uint32
	for i := range t.seconds {
		most = max(most, t.seconds[i].successes)
	}
	return float64(most)
}

// backlog returns the most resyncs that had started and not been served, had
// the server served at the rate all the time. The starts of a second are taken
// to come at its beginning.
func (t *Totals) backlog(rate float64) int {
	var waiting, most float64
	for i := range t.seconds {
		waiting += float64(t.seconds[i].starts)
		most = max(most, waiting)
		waiting = max(0, waiting-rate)
	}
	return int(math.Ceil(most))
}

// highestWave returns the number of devices in the largest wave.
func (t *Totals) highestWave() (devices int) {
	for _, w := range t.Waves {
		devices = max(devices, w.Devices)
	}
	return devices
}
