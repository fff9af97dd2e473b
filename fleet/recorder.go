package fleet

import (
	"errors"
	"time"

	"provsim/internal/journal"
	"provsim/internal/tally"
)

// recorder takes the records of the devices that are to be recorded, and leaves
// out the others, which run along because they share the server with them.
type recorder struct {
	*crew
	line    *lineup // of the driver's devices
	shard   Shard
	only    int  // -1: all of the shard
	all     bool // all devices of the driver are recorded
	tally   *tally.Tally
	period  time.Duration // of the devices
	journal journal.Sink  // or nil
}

// maxSites is how many sites are counted one by one.
const maxSites = 10_000

func newRecorder(c *crew, l *lineup, o *Options) *recorder {
	r := &recorder{crew: c, line: l, shard: o.Shard, only: -1, journal: o.Journal, period: c.period()}
	if o.Only != nil {
		r.only = *o.Only
	}
	r.all = r.only < 0 && l.size == r.len()
	config := tally.Config{Devices: r.len(), Duration: c.Duration}
	if sites := c.sites(); len(c.Scenario.Sites) > 0 && sites <= maxSites && r.only < 0 {
		config.Sites = sites
		config.Site = func(index int) int {
			n := o.Shard.number(index)
			if r.all {
				n = l.who(index)
			}
			return c.place(n).site(n)
		}
	}
	r.tally = tally.New(config)
	r.mark(0, tally.Start, "start")
	return r
}

// len returns how many devices are recorded.
func (r *recorder) len() int {
	if r.only >= 0 {
		return 1
	}
	return r.shard.len(r.Devices)
}

// index returns the number of the driver's device i among those that are
// recorded. Where all are it is the driver's, so that counting meets them in the
// order of their turns, too.
func (r *recorder) index(i int) (int, bool) {
	switch {
	case r.only >= 0:
		return 0, r.line.who(i) == r.only
	case r.all:
		return i, true
	}
	return r.shard.index(r.line.who(i))
}

// Add passes a record on.
func (r *recorder) Add(record *journal.Record) error {
	i, ok := r.index(int(record.Number))
	if !ok {
		return nil
	}
	err := r.tally.Count(i, record)
	if r.journal != nil {
		err = errors.Join(err, r.journal.Add(record))
	}
	return err
}

// off notes that the driver's device i has lost its power.
func (r *recorder) off(i int, now time.Duration) {
	if i, ok := r.index(i); ok {
		r.tally.Off(i, now)
	}
}

// mark notes an instant of the scenario. What follows it is expected to come
// back after the devices' period.
func (r *recorder) mark(at time.Duration, kind tally.MarkKind, name string) {
	r.tally.Mark(tally.Mark{At: tally.Seconds(at), Kind: kind, Name: name, Period: tally.Seconds(r.period)})
}
