package fleet

import "time"

// Phase is how a part of the devices is switched on for the first time: all at
// once, spread evenly over a time, or so many after each other.
type Phase struct {
	// Devices is the phase's part; one phase may leave it out and gets the rest.
	// All parts together are 100%.
	Devices Fraction      `yaml:"devices"`
	At      time.Duration `yaml:"at"`    // when the first device is switched on
	Over    time.Duration `yaml:"over"`  // how long it takes, each device at an instant drawn at random
	Batch   int           `yaml:"batch"` // rolling: so many devices
	Every   time.Duration `yaml:"every"` // for each so long
}

func (p Phase) filled() Phase { return p }

func checkPhases(c *checker, phases []Phase) {
	sum, rest := 0.0, 0
	for i, p := range phases {
		at := c.in("phases[%d].", i)
		at.fraction("devices", p.Devices)
		at.lasts("at", p.At, 0, maxDuration)
		at.lasts("over", p.Over, 0, maxDuration)
		at.within("batch", p.Batch, 0, MaxDevices)
		at.lasts("every", p.Every, 0, maxDuration)
		switch {
		case (p.Batch != 0) != (p.Every != 0):
			at.fault("batch", "found batch %d every %v, want both: so many devices for each so long", p.Batch, p.Every)
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

// starts are the phases with the devices of each.
type starts []start

type start struct {
	Phase
	from, to int
}

// startsOf gives each phase its part of n devices, in the order of their numbers.
func startsOf(phases []Phase, n int) starts {
	rest := 1.0
	for _, p := range phases {
		rest -= float64(p.Devices)
	}
	var list starts
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

// at returns when device n is switched on first.
func (s starts) at(seed uint64, n int) time.Duration {
	i := 0
	for n >= s[i].to {
		i++
	}
	p := &s[i]
	switch {
	case p.Batch > 0:
		return p.At + time.Duration((n-p.from)/p.Batch)*p.Every
	case p.Over > 0:
		return p.At + spread(draw(seed, n, drawStart, 0), p.Over)
	}
	return p.At
}
