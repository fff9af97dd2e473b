package fleet

import (
	"errors"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
)

// recorder takes the records of the devices that are to be recorded, and leaves
// out the others, which run along because they share the server with them.
type recorder struct {
	*crew
	shard   Shard
	line    *lineup   // where all are recorded: their numbers are the driver's
	cursors [16]int32 // by kind of event
	only    int       // -1: all of the shard
	tally   *tally.Tally
	latest  int           // the number of the record's device, among those recorded
	period  time.Duration // of the devices
	journal journal.Sink  // or nil
}

// maxSites is how many sites are counted one by one.
const maxSites = 10_000

func newRecorder(c *crew, l *lineup, o *Options) *recorder {
	r := &recorder{crew: c, shard: o.Shard, only: -1, journal: o.Journal, period: c.period()}
	switch {
	case o.Only != nil:
		r.only = *o.Only
	case o.Shard.Count <= 1:
		r.line = l
	}
	config := tally.Config{
		Devices: r.len(), Duration: c.Duration,
		Index: func(device.MAC) int { return r.latest }, // Add has just found it
	}
	if sites := c.sites(); len(c.Scenario.Sites) > 0 && sites <= maxSites && r.only < 0 {
		config.Sites = sites
		config.Site = func(index int) int {
			n := o.Shard.number(index)
			if r.line != nil {
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

// index returns the number of a device among those that are recorded.
func (r *recorder) index(n int) (int, bool) {
	switch {
	case r.only >= 0:
		return 0, n == r.only
	case r.line != nil:
		return r.line.index(n, new(int32)), true
	}
	return r.shard.index(n)
}

// Add passes a record on.
func (r *recorder) Add(record *journal.Record) error {
	n := r.number(record.Device)
	if r.line != nil {
		r.latest = r.line.index(n, &r.cursors[int(record.Kind)%len(r.cursors)])
	} else if i, ok := r.index(n); ok {
		r.latest = i
	} else {
		return nil
	}
	err := r.tally.Add(record)
	if r.journal != nil {
		err = errors.Join(err, r.journal.Add(record))
	}
	return err
}

// off notes that a device has lost its power.
func (r *recorder) off(n int, now time.Duration) {
	if i, ok := r.index(n); ok {
		r.tally.Off(i, now)
	}
}

// mark notes an instant of the scenario. What follows it is expected to come
// back after the devices' period.
func (r *recorder) mark(at time.Duration, kind tally.MarkKind, name string) {
	r.tally.Mark(tally.Mark{At: tally.Seconds(at), Kind: kind, Name: name, Period: tally.Seconds(r.period)})
}
