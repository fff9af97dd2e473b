package tally

import "time"

// ModelledServer is what a modelled server has counted.
type ModelledServer struct {
	Workers int    `json:"workers"`
	Served  uint64 `json:"served"`
	Refused uint64 `json:"refused"` // connections beyond the limit
	Dropped uint64 `json:"dropped"` // read requests that found the buffer full
	// TimedOut counts the requests whose client had given up when their turn came.
	TimedOut uint64 `json:"timed_out"`
	Wasted   uint64 `json:"wasted"` // answers to clients that had given up
	Buffer   int    `json:"buffer"` // the requests that can wait; 0: any number
	// BufferNeeded is the most that would have waited at once had there been no
	// limit; 0 where it is not known.
	BufferNeeded int     `json:"buffer_needed"`
	PeakQueue    int     `json:"peak_queue"`
	Busy         Seconds `json:"busy"` // the time that all workers together have worked
}

// Serve says what a modelled server has counted so far.
func (t *Tally) Serve(m ModelledServer) { t.totals.Model = &m }

// Queue says that a modelled server's queue has this length from now on.
func (t *Tally) Queue(at time.Duration, length int) {
	row := t.totals.second(at)
	row.queue = max(row.queue, uint32(length))
}

// mergeModels adds up the servers of two shards: what they counted, and what
// they could do.
func mergeModels(a, b *ModelledServer) *ModelledServer {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &ModelledServer{
		Workers: a.Workers + b.Workers, Served: a.Served + b.Served, Refused: a.Refused + b.Refused,
		Dropped: a.Dropped + b.Dropped, TimedOut: a.TimedOut + b.TimedOut, Wasted: a.Wasted + b.Wasted,
		Buffer: a.Buffer + b.Buffer, BufferNeeded: a.BufferNeeded + b.BufferNeeded,
		PeakQueue: a.PeakQueue + b.PeakQueue, Busy: a.Busy + b.Busy,
	}
}
