package fleet

import (
	"math"
	"time"

	"provsim/resync"
)

// purpose keeps draws for different ends apart.
type purpose uint8

const (
	drawProduct  purpose = iota + 1
	drawSettings         // which of the settings a device has stored
	drawNew              // whether a device is new
	drawStart            // when its phase switches it on
	drawMember           // whether an event is about it, or about its site
	drawInstant          // when, in an event that takes a time
	drawCall             // how long until its next call
	drawTalk             // and how long that is
	drawMissing          // whether the server has no file for it
	drawLease            // when it asks for its lease anew in a run that goes on
)

// draw returns 64 random bits that depend on nothing but the arguments, so that
// any device can be replayed alone and sharding changes nothing. Each argument
// goes through the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func draw(seed uint64, n int, why purpose, cycle uint64) uint64 {
	return mix(mix(mix(seed)^uint64(n)<<8^uint64(why)) ^ cycle)
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit maps random bits to a number from 0 up to 1, 1 not included.
func unit(random uint64) float64 { return float64(random>>11) / (1 << 53) }

// spread maps random bits to a time from 0 up to d.
func spread(random uint64, d time.Duration) time.Duration { return resync.Uniform(random, d) }

// exponential maps random bits to a waiting time with that mean, up to 100
// times of it: float64 has no longer ones.
func exponential(random uint64, mean time.Duration) time.Duration {
	return time.Duration(-math.Log1p(-unit(random)) * float64(mean))
}
