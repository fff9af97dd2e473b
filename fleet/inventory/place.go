package inventory

import (
	"math"

	"provsim/fleet/scenario"
)

// Place is a kind of site together with the devices at such sites.
type Place struct {
	scenario.Site
	Kind int // which of the scenario's sites, from 0; 0 too where the scenario has none

	from, to  int // numbers of its devices, to is the first that is not
	firstSite int // the number of its first site
}

// placesOf gives each kind of site its part of n devices. A site's devices are
// neighbours: nothing else depends on devices being neighbours.
func placesOf(sites []scenario.Site, n int) []Place {
	if len(sites) == 0 {
		return []Place{{Site: scenario.Site{Devices: 1}, to: n}}
	}
	total := 0.0
	for _, s := range sites {
		total += s.Weight
	}
	var list []Place
	sum, from, site := 0.0, 0, 0
	for i, s := range sites {
		sum += s.Weight
		to := cut(n, sum/total)
		if i == len(sites)-1 {
			to = n
		}
		list = append(list, Place{s, i, from, to, site})
		site += (to - from + s.Devices - 1) / s.Devices
		from = to
	}
	return list
}

// cut returns the first device of n that does not fall to the fraction.
func cut(n int, f float64) int { return int(math.Round(float64(n) * f)) }

// count returns how many sites of the kind there are.
func (p *Place) count() int { return (p.to - p.from + p.Devices - 1) / p.Devices }

// site returns the number of a device's site among all.
func (p *Place) site(n int) int { return p.firstSite + (n-p.from)/p.Devices }

// Places returns the kinds of site in the scenario's order. There is at least one.
func (v *Inventory) Places() []Place { return v.places }

// Place returns where a device stands, and the number of its site among all of the
// fleet.
func (v *Inventory) Place(i int) (kind *Place, site int) {
	n, k := v.Number(i), 0
	for n >= v.places[k].to {
		k++
	}
	return &v.places[k], v.places[k].site(n)
}

// Site returns the name of the kind of site where a device stands, which may be
// empty, and the site's number among all of the fleet.
func (v *Inventory) Site(i int) (kind string, number int) {
	p, site := v.Place(i)
	return p.Name, site
}

// Sites returns the names of the kinds of site that have one.
func (v *Inventory) Sites() []string { return scenario.SiteNames(v.Scenario.Sites) }

// NumSites returns how many sites there are in the whole fleet.
func (v *Inventory) NumSites() int {
	last := &v.places[len(v.places)-1]
	return last.firstSite + last.count()
}

// Has reports whether a device is in the part that an event is about. The
// occurrence tells events apart.
func (v *Inventory) Has(p scenario.Part, occurrence uint64, i int) bool {
	of := v.Number(i)
	if p.Site != "" {
		at, site := v.Place(i)
		if at.Name != p.Site {
			return false
		}
		of = -1 - site // no device's number
	}
	return p.Devices.OrAll() == 1 || draw(v.Scenario.Seed, of, drawMember, occurrence).Unit() < float64(p.Devices)
}
