package fleet

import (
	"math"
	"time"

	"provsim/device"
	"provsim/internal/tally"
)

// MaxDevices is how many devices a scenario may have.
const MaxDevices = 5_000_000

// Scenario is a fleet and its day. Parse one with [ParseScenario], or fill one
// in; the zero value of a field is its default. Nothing changes a scenario while
// it runs.
//
// The keys of the YAML form are in the tags.
type Scenario struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`

	// Seed is what all random draws depend on.
	Seed uint64 `yaml:"seed"`
	// Devices is how many there are, 1 to MaxDevices; 0 is 1000.
	Devices int `yaml:"devices"`
	// Duration is how long the run lasts, from 1 s to 31 days; 0 is a day.
	Duration time.Duration `yaml:"duration"`

	Population    Population    `yaml:"population"`
	Sites         []Site        `yaml:"sites"`  // none: every device has an address of its own
	Phases        []Phase       `yaml:"phases"` // none: all devices are switched on at the start
	Events        []Event       `yaml:"events"`
	Configuration Configuration `yaml:"configuration"`
	Server        Server        `yaml:"server"`

	// Thresholds say when the run fails, such as "p99(fetch) > 500ms".
	Thresholds []string `yaml:"thresholds"`
}

// Defaults that are not zero.
const (
	defaultDevices   = 1000
	defaultDuration  = 24 * time.Hour
	maxDuration      = tally.MaxDuration
	defaultOption66  = "192.0.2.1" // for documentation, RFC 5737
	defaultAddresses = "10.0.0.0/8"
	defaultVersion   = "1"
)

// defaultMAC is the first address of the vendor's block.
var defaultMAC = device.MAC{0x00, 0x21, 0xf2}

// filled returns the scenario with the defaults of a run in place of zeros, so
// that a default which is written out changes nothing.
func (s *Scenario) filled() *Scenario {
	f := *s
	f.Devices = or(f.Devices, defaultDevices)
	f.Duration = or(f.Duration, defaultDuration)
	f.Population = f.Population.filled()
	f.Configuration.Version = or(f.Configuration.Version, defaultVersion)
	f.Sites = fill(f.Sites, Site.filled)
	if len(f.Phases) == 0 {
		f.Phases = []Phase{{}}
	}
	f.Phases = fill(f.Phases, Phase.filled)
	f.Events = fill(f.Events, Event.filled)
	return &f
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
	c.within("devices", s.Devices, 0, MaxDevices)
	c.lasts("duration", s.Duration, 0, maxDuration)
	if s.Duration != 0 && s.Duration < time.Second {
		c.fault("duration", "found %v, want at least 1s", s.Duration)
	}
	s.Population.check(c, or(s.Devices, defaultDevices))
	checkSites(c, s.Sites)
	checkPhases(c, s.Phases)
	for i := range s.Events {
		s.Events[i].check(c.in("events[%d].", i), s)
	}
	s.Configuration.check(c.in("configuration."))
	c.thresholds(s.Thresholds)
	checkServer(c, s)
}

// share returns which of several weights a number from 0 up to 1 falls to.
func share(weights []float64, at float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	for i, w := range weights {
		if at -= w / sum; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// cut returns the first device of n that does not fall to the fraction.
func cut(n int, f float64) int { return int(math.Round(float64(n) * f)) }
