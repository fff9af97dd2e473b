package model

import (
	"math"
	"time"
)

// A Shape is the name of a family of distributions.
type Shape string

// The shapes of a [Dist], and the fields that each uses.
const (
	Constant    Shape = "constant"    // Mean
	Uniform     Shape = "uniform"     // Min and Max, both included
	Exponential Shape = "exponential" // Mean; the memoryless service of textbooks
	LogNormal   Shape = "lognormal"   // Median and P99; what access logs of servers look like
	Empirical   Shape = "empirical"   // Values
)

// A Dist is the distribution of a time. The zero value is no time at all.
// Every duration is from 0 to 24 h, and draws are cut there. Fields that the
// shape does not use must be zero.
type Dist struct {
	Shape  Shape           `yaml:"shape,omitempty" json:"shape,omitempty"`
	Mean   time.Duration   `yaml:"mean,omitempty" json:"mean,omitempty"`
	Min    time.Duration   `yaml:"min,omitempty" json:"min,omitempty"`
	Max    time.Duration   `yaml:"max,omitempty" json:"max,omitempty"`
	Median time.Duration   `yaml:"median,omitempty" json:"median,omitempty"` // over 0
	P99    time.Duration   `yaml:"p99,omitempty" json:"p99,omitempty"`       // 1 in 100 is longer; at least Median
	Values []time.Duration `yaml:"values,omitempty" json:"values,omitempty"` // measured, each drawn equally often; 1 to 1,000,000
}

// Fixed is the distribution of a time that is always the same.
func Fixed(d time.Duration) Dist { return Dist{Shape: Constant, Mean: d} }

// z99 is the 0.99 quantile of the standard normal distribution.
const z99 = 2.3263478740408408

// draw returns one time. Long enough a tail would not fit a Duration, and none
// that is longer than longest makes a difference to a phone.
func (d *Dist) draw(l rng, why purpose) time.Duration {
	switch d.Shape {
	case Constant:
		return d.Mean
	case Uniform:
		return d.Min + time.Duration(below(l.bits(why), int(d.Max-d.Min)+1))
	case Exponential:
		return span(-float64(d.Mean) * math.Log(l.unit(why)))
	case LogNormal:
		sigma := math.Log(float64(d.P99)/float64(d.Median)) / z99
		normal := math.Sqrt2 * math.Erfinv(2*l.unit(why)-1)
		return span(float64(d.Median) * math.Exp(sigma*normal))
	case Empirical:
		return d.Values[below(l.bits(why), len(d.Values))]
	}
	return 0
}

// span returns a duration of that many nanoseconds, cut at longest.
func span(nanos float64) time.Duration {
	return time.Duration(min(nanos, float64(longest)))
}

// sending returns how long a number of bytes takes at a rate in bytes per second; a
// rate of 0 is no limit.
func sending(size, rate int64) time.Duration {
	if rate <= 0 || size <= 0 {
		return 0
	}
	return span(float64(size) / float64(rate) * float64(time.Second))
}
