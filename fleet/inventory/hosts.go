package inventory

import (
	"slices"

	"provsim/device"
	"provsim/fleet/scenario"
	"provsim/resync"
)

// Host is a server that devices ask.
type Host struct {
	Scheme string // "tftp", "http", "https" or "ftp"
	Name   string // or address
}

// Hosts returns the servers that the devices ask first in their jobs, by settings and
// lease, each once for a scheme. It looks at one device for each product and mix of
// settings, and at one for each way in which a list leads phones.
func (v *Inventory) Hosts() []Host {
	var hosts []Host
	seen := map[*way]bool{}
	add := func(i int, kind *kind, w *way) {
		lease := v.Lease(i)
		lease.Offer = w.offer
		for _, stored := range w.fresh {
			d := device.Rehearsal(v.vendors[kind.vendor].model, v.identity(kind, v.MAC(i)), stored, lease)
			for _, job := range []resync.Job{resync.Resync, resync.Upgrade} {
				r := d.FirstMove(job).Request
				if r == nil {
					continue
				}
				if host := (Host{r.Scheme, r.Host}); !slices.Contains(hosts, host) {
					hosts = append(hosts, host)
				}
			}
		}
	}
	if v.wayOf == nil {
		for _, kind := range v.kinds {
			add(0, kind, &v.vendors[kind.vendor].way)
		}
		return hosts
	}
	for i := range v.length {
		if w := v.wayAt(i); !seen[w] {
			seen[w] = true
			add(i, v.kind(i), w)
		}
	}
	return hosts
}

// HasServer reports whether a device asks a server. The option 66 of a scenario that
// does not set it names none.
func (v *Inventory) HasServer() bool {
	const none = scenario.DefaultOption66
	given := v.Scenario.Population.Option66 != none
	return slices.ContainsFunc(v.Hosts(), func(h Host) bool { return h.Name != none || h.Scheme != "tftp" && given })
}
