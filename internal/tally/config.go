package tally

import (
	"time"

	"provsim/device"
)

// Config says what a tally counts.
type Config struct {
	// Devices is the number of devices, of this shard alone.
	Devices int
	// Index returns a device's number from 0 to Devices-1, for [Tally.Add].
	Index func(device.MAC) int
	// Sites is the number of sites behind one source address each, over all
	// shards. Where it is 0 nothing is counted by site, and Site and Address are
	// not called.
	Sites int
	// Site returns the site of a device, from 0 to Sites-1.
	Site func(index int) int
	// Address returns the source address of a site.
	Address func(site int) string
	// Duration is how long the run is meant to last. It is the same in all shards.
	Duration time.Duration
}
