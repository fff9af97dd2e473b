package tally

import (
	"fmt"
	"math"
	"time"

	"provsim/internal/fetch/model"
)

// Advice says what would have been enough where a server had more to do than it
// could. Only a modelled server proves that: it counts the requests that found its
// buffer or its queue full. A request that a real server does not answer, refuses or
// answers late may have met an outage, a firewall or a lossy network as well.
type Advice struct {
	// Served is the most resyncs that succeeded within one second. The server can do
	// at least that.
	Served float64 `json:"served"`
	// Requests is how many requests a receive buffer would have had to hold; 0 where
	// it is not known.
	Requests int `json:"requests,omitempty"`
	// Bytes is the receive buffer of a Linux socket for that number of read requests.
	Bytes int `json:"bytes,omitempty"`
	// Delay is a Resync Random Delay with which the largest wave comes no faster than
	// Served, in whole seconds. A shorter one may do.
	Delay Seconds `json:"delay"`
	Why   string  `json:"why"`
}

// Advice returns nil where the run does not prove that the server was overloaded.
func (t *Totals) Advice() *Advice {
	if t.Model == nil || t.Model.Dropped == 0 {
		return nil
	}
	a := &Advice{Served: t.served(), Why: fmt.Sprintf("%d requests found its buffer or its queue full", t.Model.Dropped)}
	if a.Served == 0 {
		return nil
	}
	a.Delay = Seconds(time.Duration(math.Ceil(float64(t.highestWave())/a.Served)) * time.Second)
	a.Requests = t.Model.BufferNeeded
	a.Bytes = a.Requests * model.RequestBytes
	return a
}

// served returns the most successes in one second.
func (t *Totals) served() float64 {
	var most uint32
	for i := range t.seconds {
		most = max(most, t.seconds[i].successes)
	}
	return float64(most)
}

// highestWave returns the number of devices in the largest wave.
func (t *Totals) highestWave() (devices int) {
	for _, w := range t.Waves {
		devices = max(devices, w.Devices)
	}
	return devices
}
