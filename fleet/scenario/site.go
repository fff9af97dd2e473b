package scenario

import (
	"fmt"
	"time"
)

// Site is a kind of place where devices stand. The devices of one site share an
// address on the Internet, and a link to it.
type Site struct {
	Name   string  `yaml:"name"`   // for events; empty: the sites have no name
	Weight float64 `yaml:"weight"` // the part of the devices that are at such sites, relative to others; 0 is 1
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
		at.counts("devices", s.Devices, MaxDevices)
		at.fraction("loss", s.Loss)
		at.lasts("delay", s.Delay, 0, time.Minute)
		at.lasts("clock", s.Clock, -maxClock, maxClock)
		if s.Rate < 0 {
			at.fault("rate", "found %v, want bits a second", s.Rate)
		}
	}
}

// SiteNames lists the names that an event may use.
func SiteNames(sites []Site) []string {
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
	return fmt.Sprintf("found %q, want the name of a site, one of %q", name, SiteNames(sites))
}
