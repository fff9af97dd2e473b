package scenario

import (
	"time"

	"provsim/internal/tally"
)

// MaxDevices is how many devices a scenario may have.
const MaxDevices = 5_000_000

// Scenario is a fleet and its day. Parse one with [Parse], or fill one
// in; the zero value of a field is its default. Nothing changes a scenario while
// it runs.
//
// The keys of the YAML form are in the tags.
type Scenario struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`

	// Seed is what all random draws depend on.
	Seed uint64 `yaml:"seed"`
	// Devices is how many there are, 1 to MaxDevices; 0 is 1000, or all phones of the
	// population's list. With fewer than the list has, they are its first phones.
	Devices int `yaml:"devices"`
	// Duration is how long the run lasts, from 1 s to 31 days; 0 is a day.
	Duration time.Duration `yaml:"duration"`

	Population    Population    `yaml:"population"`
	Sites         []Site        `yaml:"sites"`  // empty: every device has an address of its own
	Phases        []Phase       `yaml:"phases"` // empty: all devices are switched on at the start
	Events        []Event       `yaml:"events"`
	Configuration Configuration `yaml:"configuration"`
	Server        Server        `yaml:"server"`
	Gateway       *Gateway      `yaml:"gateway" json:",omitempty"` // nil: leases come from nowhere, at once
	Tunnel        *Tunnel       `yaml:"tunnel" json:",omitempty"`  // nil: the devices are phones without one

	// Thresholds say when the run fails, such as "p99(fetch) > 500ms".
	Thresholds []string `yaml:"thresholds"`
}

// Defaults that are not zero.
const (
	defaultDevices   = 1000
	defaultDuration  = 24 * time.Hour
	maxDuration      = tally.MaxDuration
	DefaultOption66  = "192.0.2.1" // for documentation, RFC 5737: no server
	defaultAddresses = "10.0.0.0/8"
	defaultVersion   = "1"
)

// Filled returns the scenario with the defaults of a run in place of zeros, so
// that a default which is written out changes nothing.
func (s *Scenario) Filled() *Scenario {
	f := *s
	f.Devices = s.devices()
	f.Duration = or(f.Duration, defaultDuration)
	f.Population = f.Population.filled()
	f.Configuration.Version = or(f.Configuration.Version, defaultVersion)
	f.Sites = fill(f.Sites, Site.filled)
	if len(f.Phases) == 0 {
		f.Phases = []Phase{{}}
	}
	f.Events = fill(f.Events, Event.Filled)
	f.Gateway = f.Gateway.filled()
	return &f
}

// devices returns how many devices there are.
func (s *Scenario) devices() int {
	if s.Population.List != nil {
		return or(s.Devices, s.Population.List.Len())
	}
	return or(s.Devices, defaultDevices)
}

func fill[T any](list []T, filled func(T) T) []T {
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = filled(item)
	}
	return out
}

// or returns value, or what stands for it where it is zero.
func or[T comparable](value, zero T) T {
	var none T
	if value == none {
		return zero
	}
	return value
}

func (s *Scenario) check(c *checker) {
	c.counts("devices", s.Devices, MaxDevices)
	if s.Duration != 0 {
		c.lasts("duration", s.Duration, time.Second, maxDuration)
	}
	s.Population.check(c, s.devices())
	checkSites(c, s.Sites)
	checkPhases(c, s.Phases)
	for i := range s.Events {
		s.Events[i].check(c.in("events[%d].", i), s)
	}
	s.Configuration.check(c.in("configuration."), &s.Population)
	s.Gateway.check(c.in("gateway."), s.devices())
	c.thresholds(s.Thresholds)
	s.Tunnel.check(c.in("tunnel."))
	checkServer(c, s)
}
