package inventory

import (
	"math"
	"time"

	"provsim/internal/splitmix"
	"provsim/resync"
)

// Purpose says what random bits are drawn for. Draws for different purposes are
// independent.
type Purpose uint8

// What a run draws random bits for.
const (
	drawProduct  Purpose = iota + 1
	drawSettings         // which of the settings a device has stored
	drawNew              // whether a device is new from the factory
	drawStart            // when the device's phase switches it on
	drawMember           // whether an event is about the device, or about its site
	DrawInstant          // when an event that takes a time reaches the device
	DrawIdle             // how long until the device's next call
	DrawCall             // how long that call takes
	DrawMissing          // whether the server has no file for the device
	DrawLease            // when the device asks for its lease again, in a run that is continued
)

// Random is 64 random bits.
type Random uint64

// Draw returns random bits for a device. They depend only on the seed, the
// device's number and the arguments, so any device can be replayed alone and
// sharding changes nothing.
func (v *Inventory) Draw(i int, why Purpose, cycle uint64) Random {
	return draw(v.Scenario.Seed, v.Number(i), why, cycle)
}

func draw(seed uint64, n int, why Purpose, cycle uint64) Random {
	return Random(splitmix.Mix(splitmix.Mix(splitmix.Mix(seed)^uint64(n)<<8^uint64(why)) ^ cycle))
}

// Unit maps the bits to a number from 0 up to 1, without 1 itself.
func (r Random) Unit() float64 { return splitmix.Unit(uint64(r)) }

// Spread maps the bits to a time from 0 up to d.
func (r Random) Spread(d time.Duration) time.Duration { return resync.Uniform(uint64(r), d) }

// Exponential maps the bits to a waiting time with that mean. It is at most 37
// times the mean, because of the bits that Unit has.
func (r Random) Exponential(mean time.Duration) time.Duration {
	return time.Duration(-math.Log1p(-r.Unit()) * float64(mean))
}
