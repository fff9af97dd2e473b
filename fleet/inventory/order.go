package inventory

import (
	"cmp"
	"slices"
	"time"

	"provsim/device"
)

// fitsCache is up to how many devices their order makes no difference.
const fitsCache = 1 << 14

// ByTurn returns the same devices in the order of their first resyncs. They keep
// that order for as long as their periods are equal, so a run reads the memory of
// a large fleet from one end to the other, and not criss-cross: with a million
// devices a plan takes half the time. Nothing else depends on the order. Index is
// slow in the inventory that ByTurn returns.
func (v *Inventory) ByTurn() *Inventory {
	if v.length <= fitsCache {
		return v
	}
	type turn struct {
		at     time.Duration
		device int32
	}
	turns := make([]turn, v.length)
	var fx []device.Effect
	var d device.Device
	for i := range turns {
		at := v.Start(i)
		d.Init(v.ModelOf(i), v.Product(i), v.MAC(i), v.Stored(i))
		fx = d.Step(&device.Input{Kind: device.PowerOn, Now: at}, fx[:0])
		fx = d.Step(&device.Input{Kind: device.GotLease, Now: at, Lease: v.Lease(i)}, fx[:0])
		turns[i] = turn{min(d.Deadline(), at+24*time.Hour), int32(v.Number(i))}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.device, b.device)) })
	ordered := *v
	ordered.order = make([]int32, v.length)
	for i, t := range turns {
		ordered.order[i] = t.device
	}
	if v.made != nil {
		ordered.made = make([]uint16, v.length)
		for i, t := range turns {
			ordered.made[i] = v.made[t.device]
		}
	}
	return &ordered
}
