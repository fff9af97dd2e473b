package fleet

import (
	"time"

	"provsim/internal/fetch/model"
	"provsim/internal/run"
	"provsim/internal/tally"
)

// samples is how often at most the server's queue is looked at.
const samples = 100_000

// watch notes the length of the server's queue again and again.
func watch(d *run.Driver, server *model.Server, t *tally.Tally, until time.Duration) {
	every := max(time.Second, until/samples)
	var again func(time.Duration)
	again = func(now time.Duration) {
		load := server.Stats(now)
		t.Queue(now, load.HTTP.Waiting+load.TFTP.Waiting)
		if next := now + every; next < until {
			d.Do(next, again)
		}
	}
	d.Do(0, again)
}

// served returns what reports say of the server: of its web half and of its
// TFTP half together, for a scenario rarely uses both.
func served(c *model.Config, s *model.Stats) tally.Model {
	m := tally.Model{
		Workers: c.HTTP.Workers,
		Served:  uint64(s.Answered),
		Refused: uint64(s.Refused + s.HTTPStatus),
		Dropped: uint64(s.HTTP.Full + s.TFTP.Dropped), TimedOut: uint64(s.Timeouts),
		Wasted: uint64(s.HTTP.Wasted + s.TFTP.Wasted),
		Buffer: c.HTTP.Queue, PeakQueue: s.HTTP.MaxWaiting,
		Busy: tally.Seconds(time.Duration((s.HTTP.BusySeconds + s.TFTP.BusySeconds) * float64(time.Second))),
	}
	if s.TFTP.Served > s.HTTP.Served {
		m.Workers, m.Buffer, m.BufferNeeded, m.PeakQueue = 1, c.TFTP.Buffer, s.TFTP.Enough, s.TFTP.MaxWaiting
	}
	return m
}
