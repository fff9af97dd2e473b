package fleet

import (
	"slices"
	"strings"

	"provsim/device"
	"provsim/device/flyingvoice"
	"provsim/macro"
	"provsim/profile"
)

// Roster says who the devices of a shard are, without making them. Make one with
// [Scenario.Roster].
type Roster struct {
	crew  *crew
	shard Shard
}

// Roster returns who the shard's devices are. The error says what is wrong with
// the scenario or the shard.
func (s *Scenario) Roster(shard Shard) (*Roster, error) {
	if err := shard.check(); err != nil {
		return nil, err
	}
	c, err := open(s, &Options{Shard: shard})
	if err != nil {
		return nil, err
	}
	return &Roster{c, shard}, nil
}

// Len returns how many devices there are.
func (r *Roster) Len() int { return r.shard.len(r.crew.Devices) }

// MAC returns the address of the shard's device i, from 0.
func (r *Roster) MAC(i int) device.MAC { return r.crew.mac(r.shard.number(i)) }

// Number returns the number in the fleet of the shard's device i.
func (r *Roster) Number(i int) int { return r.shard.number(i) }

// Site returns where the shard's device i stands: the name of the kind of site,
// and the site's number among all of the fleet.
func (r *Roster) Site(i int) (kind string, number int) {
	n := r.shard.number(i)
	p := r.crew.place(n)
	return p.Name, p.site(n)
}

// Sites returns the names of the kinds of site that have one.
func (r *Roster) Sites() []string { return siteNames(r.crew.Scenario.Sites) }

// Vars returns the macro variables of the shard's device i, before it has a
// lease.
func (r *Roster) Vars(i int) macro.Vars {
	return flyingvoice.Personality.Vars(r.crew.identity(r.shard.number(i)), device.Lease{})
}

// Index returns which of the shard's devices has an address; anything for an
// address that none has.
func (r *Roster) Index(mac device.MAC) int {
	i, _ := r.shard.index(r.crew.number(mac))
	return i
}

// Host is a server that settings name.
type Host struct {
	Scheme string // "tftp", "http" or "https"
	Name   string // or address
}

// Hosts returns the servers that the devices' settings name, each once for a
// scheme, as far as no macro hides them.
func (r *Roster) Hosts() []Host {
	var hosts []Host
	add := func(rule profile.Rule, err error) {
		host := Host{rule.Scheme, rule.Host}
		if err == nil && rule.Host != "" && !strings.Contains(rule.Host, "$") && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	for _, stored := range r.crew.fresh {
		get := func(web string) string {
			p, _ := flyingvoice.Personality.Parameters.Find(web)
			if value, ok := stored.Config.Get(p.Name); ok {
				return value
			}
			return p.Default
		}
		if get("Option 66") == "1" {
			rule, _, err := profile.ParseOption66(r.crew.option66, "x")
			add(rule, err)
		} else {
			add(profile.ParseRule(get("Profile Rule")))
		}
		add(profile.ParseUpgradeRule(get("Upgrade Rule")))
	}
	return hosts
}
