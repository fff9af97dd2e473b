package fleet

import (
	"cmp"
	"slices"
	"time"

	"provsim/device"
)

// lineup says which device of the fleet each device of a driver is.
type lineup struct {
	shard Shard
	order []int32 // by the driver's number: the fleet's; nil: as in the shard
	size  int
}

// who returns the fleet's number of the driver's device i.
func (l *lineup) who(i int) int {
	if l.order != nil {
		return int(l.order[i])
	}
	return l.shard.number(i)
}

// inShard lines the devices of a shard up by their numbers.
func (c *crew) inShard(s Shard) *lineup { return &lineup{shard: s, size: s.len(c.Devices)} }

// fitsCache is up to how many devices their order makes no difference.
const fitsCache = 1 << 14

// byTurn lines all devices up in the order of their first resyncs. They keep
// that order for as long as they have equal periods, so the memory of a large
// fleet is read from one end to the other again and again, and not criss-cross:
// with a million devices a plan takes half the time.
func (c *crew) byTurn() *lineup {
	l := c.inShard(Shard{})
	if l.size <= fitsCache {
		return l
	}
	turns := make([]turn, l.size)
	var fx []device.Effect
	var d device.Device
	for n := range turns {
		at := c.starts.at(c.Seed, n)
		d.Init(c.model, c.makeOf(n), c.mac(n), c.memory(n))
		fx = d.Step(device.Input{Kind: device.PowerOn, Now: at}, fx[:0])
		fx = d.Step(device.Input{Kind: device.GotLease, Now: at, Lease: c.lease(n)}, fx[:0])
		turns[n] = turn{min(d.Deadline(), at+24*time.Hour), n}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.device, b.device)) })
	l.order = make([]int32, l.size)
	for i, t := range turns {
		l.order[i] = int32(t.device)
	}
	return l
}

// slab makes the devices.
func (c *crew) slab(l *lineup) []device.Device {
	devices := make([]device.Device, l.size)
	for i := range devices {
		n := l.who(i)
		devices[i].Init(c.model, c.makeOf(n), c.mac(n), c.memory(n))
	}
	return devices
}
