package fleet

import (
	"errors"
	"time"

	"provsim/fleet/inventory"
	"provsim/internal/journal"
	"provsim/internal/tally"
)

// recorder counts and passes on the records of a shard's devices, or of one
// device. It leaves out the others, which a plan drives too because they share the
// server with them.
type recorder struct {
	driven   *inventory.Inventory // the driver's devices
	recorded *inventory.Inventory // the same, or a shard of them
	shard    Shard                // of recorded
	only     int                  // the number of the one device; -1: all of recorded
	tally    *tally.Tally
	period   time.Duration // of the devices
	journal  journal.Sink  // or nil
}

// maxSites is how many sites are counted one by one.
const maxSites = 10_000

func newRecorder(driven, recorded *inventory.Inventory, o *Options) *recorder {
	r := &recorder{driven: driven, recorded: recorded, shard: o.Shard, only: -1, journal: o.Journal, period: driven.Period()}
	if o.Only != nil {
		r.only = *o.Only
	}
	config := tally.Config{Devices: r.len(), Duration: driven.Scenario.Duration}
	if sites := driven.NumSites(); len(driven.Scenario.Sites) > 0 && sites <= maxSites && r.only < 0 {
		config.Sites = sites
		config.Site = func(index int) int {
			_, site := recorded.Site(index)
			return site
		}
	}
	if kinds := driven.Kinds(); len(kinds) > 1 && r.only < 0 {
		r.kinds(&config, kinds)
	}
	r.tally = tally.New(config)
	r.mark(0, tally.Start, "start")
	return r
}

// maxKinds is how many products are counted one by one. Where there are more, such as
// in a list with many, they are counted by vendor.
const maxKinds = 100

// kinds has the tally count by product.
func (r *recorder) kinds(config *tally.Config, kinds []inventory.Kind) {
	vendors := r.driven.Vendors()
	config.Kind = r.recorded.Kind
	if len(kinds) > maxKinds {
		kinds = make([]inventory.Kind, len(vendors))
		for i := range vendors {
			kinds[i].Vendor = i
		}
		config.Kind = r.recorded.Vendor
	}
	for _, kind := range kinds {
		config.Kinds = append(config.Kinds, tally.Kind{Vendor: vendors[kind.Vendor].Name, Product: kind.Product})
	}
}

// len returns how many devices are recorded.
func (r *recorder) len() int {
	if r.only >= 0 {
		return 1
	}
	return r.recorded.Len()
}

// index returns the place of the driver's device i among those that are recorded.
// Where all are it is i, so that counting meets them in the order of their turns,
// too.
func (r *recorder) index(i int) (int, bool) {
	switch {
	case r.only >= 0:
		return 0, r.driven.Number(i) == r.only
	case r.recorded == r.driven:
		return i, true
	}
	return r.shard.IndexOf(r.driven.Number(i))
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
