package inventory

import (
	"time"

	"provsim/fleet/scenario"
)

// start is a phase with its devices.
type start struct {
	scenario.Phase
	from, to int
}

// startsOf gives each phase its part of n devices, in the order of their numbers.
func startsOf(phases []scenario.Phase, n int) []start {
	rest := 1.0
	for _, p := range phases {
		rest -= float64(p.Devices)
	}
	var list []start
	sum, from := 0.0, 0
	for i, p := range phases {
		part := float64(p.Devices)
		if part == 0 {
			part = max(0, rest)
		}
		sum += part
		to := min(n, cut(n, sum))
		if i == len(phases)-1 {
			to = n
		}
		list = append(list, start{p, from, to})
		from = to
	}
	return list
}

// Start returns when a device is switched on first. It may be after the run's end.
func (v *Inventory) Start(i int) time.Duration {
	n, k := v.Number(i), 0
	for n >= v.starts[k].to {
		k++
	}
	p := &v.starts[k]
	switch {
	case p.Batch > 0:
		return p.At + time.Duration((n-p.from)/p.Batch)*p.Every
	case p.Over > 0:
		return p.At + v.Draw(i, drawStart, 0).Spread(p.Over)
	}
	return p.At
}
