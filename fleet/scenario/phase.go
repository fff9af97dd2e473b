package scenario

import "time"

// Phase is how a part of the devices is switched on for the first time: all at
// once, spread evenly over a time, or in batches.
type Phase struct {
	// Devices is the phase's part; one phase may leave it out and gets the rest.
	// All parts together are 100%.
	Devices Fraction      `yaml:"devices"`
	At      time.Duration `yaml:"at"`    // when the first device is switched on
	Over    time.Duration `yaml:"over"`  // how long it takes, each device at an instant drawn at random
	Batch   int           `yaml:"batch"` // the number of devices that are switched on together
	Every   time.Duration `yaml:"every"` // the time from one batch to the next
}

func checkPhases(c *checker, phases []Phase) {
	sum, rest := 0.0, 0
	for i, p := range phases {
		at := c.in("phases[%d].", i)
		at.fraction("devices", p.Devices)
		at.lasts("at", p.At, 0, maxDuration)
		at.lasts("over", p.Over, 0, maxDuration)
		at.counts("batch", p.Batch, MaxDevices)
		at.lasts("every", p.Every, 0, maxDuration)
		switch {
		case (p.Batch != 0) != (p.Every != 0):
			at.fault("batch", "found batch %d every %v, want both: a number of devices, and the time from one batch to the next", p.Batch, p.Every)
		case p.Batch != 0 && p.Over != 0:
			at.fault("over", "found a batch too, want one of them")
		}
		sum += float64(p.Devices)
		if p.Devices == 0 {
			rest++
		}
	}
	switch {
	case len(phases) == 0:
	case rest > 1:
		c.fault("phases", "found %d phases without devices, want at most one, which gets the rest", rest)
	case sum > 1+1e-9 || rest == 0 && sum < 1-1e-9:
		c.fault("phases", "found %v of the devices in all phases, want 100%%", Fraction(sum))
	}
}
