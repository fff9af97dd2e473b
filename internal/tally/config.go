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
	// Kinds are the products of the devices, the same in all shards. Nothing is counted
	// by product where there are fewer than two, and Kind is not called.
	Kinds []Kind
	// Kind returns the number of a device's product among them.
	Kind func(index int) int
	// Duration is how long the run is meant to last. It is the same in all shards.
	Duration time.Duration
}
