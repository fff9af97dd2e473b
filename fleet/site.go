package fleet

import (
	"fmt"
	"time"
)

// Site is a kind of place where devices stand. The devices of one site share an
// address on the Internet, and a link to it.
type Site struct {
	Name   string  `yaml:"name"`   // for events; empty: the sites have no name
	Weight float64 `yaml:"weight"` // the part of the devices that stand in such sites, relative to others; 0 is 1
	// Devices stand behind one address, from 1 on; 0 is 1. The last site of a kind
	// has what is left.
	Devices int `yaml:"devices"`

	Loss  Fraction      `yaml:"loss"`  // of packets, in each direction
	Delay time.Duration `yaml:"delay"` // there and back, in addition to the server's, up to a minute
	Rate  BitRate       `yaml:"rate"`  // of a device's link, downwards; 0 is no limit

	// Clock is how far the devices' clocks are ahead, or behind where it is
	// negative. Certificates of servers are good for a year about the right time;
	// a clock that is further off fails with tls-untrusted.
	Clock time.Duration `yaml:"clock"`
}

// certificateMargin is how far off a clock may be for a server's certificate to
// look good: half of the year that one is commonly issued for.
const certificateMargin = 183 * 24 * time.Hour

// maxClock is 100 years.
const maxClock = 100 * 366 * 24 * time.Hour

func (s Site) filled() Site {
	s.Weight = or(s.Weight, 1)
	s.Devices = or(s.Devices, 1)
	return s
}

func checkSites(c *checker, sites []Site) {
	names := map[string]bool{}
	for i, s := range sites {
		at := c.in("sites[%d].", i)
		if s.Name != "" && names[s.Name] {
			at.fault("name", "found %q twice, want a name of its own for each kind of site", s.Name)
		}
		names[s.Name] = true
		at.weight("weight", s.Weight)
		at.within("devices", s.Devices, 0, MaxDevices)
		at.fraction("loss", s.Loss)
		at.lasts("delay", s.Delay, 0, time.Minute)
		at.lasts("clock", s.Clock, -maxClock, maxClock)
		if s.Rate < 0 {
			at.fault("rate", "found %v, want bits a second", s.Rate)
		}
	}
}

// place is a kind of site together with the devices that stand there.
type place struct {
	Site
	from, to  int // numbers of its devices, to is the first that is not
	firstSite int // the number of its first site
}

// places gives each kind of site its part of n devices. Sites are made of
// neighbours: device numbers say nothing else about a device.
func places(sites []Site, n int) []place {
	if len(sites) == 0 {
		return []place{{Site: Site{Devices: 1}, to: n}}
	}
	total := 0.0
	for _, s := range sites {
		total += s.Weight
	}
	var list []place
	sum, from, site := 0.0, 0, 0
	for i, s := range sites {
		sum += s.Weight
		to := cut(n, sum/total)
		if i == len(sites)-1 {
			to = n
		}
		list = append(list, place{s, from, to, site})
		site += (to - from + s.Devices - 1) / s.Devices
		from = to
	}
	return list
}

// count returns how many sites of the kind there are.
func (p *place) count() int { return (p.to - p.from + p.Devices - 1) / p.Devices }

// site returns the number of a device's site among all.
func (p *place) site(n int) int { return p.firstSite + (n-p.from)/p.Devices }

// siteNames lists the names that an event may use.
func siteNames(sites []Site) []string {
	var names []string
	for _, s := range sites {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// noSite says which sites there are.
func noSite(name string, sites []Site) string {
	return fmt.Sprintf("found %q, want the name of a site, one of %q", name, siteNames(sites))
}
