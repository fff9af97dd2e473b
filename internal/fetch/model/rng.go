package model

import (
	"math/bits"

	"provsim/internal/splitmix"
)

// purpose keeps draws for different ends apart.
type purpose uint64

const (
	drawService purpose = iota + 1 // how long a request occupies a worker
	drawTLS                        // how much longer its handshake makes it
	drawAccept                     // how long a TFTP server takes to accept a read request
	drawRefuse                     // whether a connection is refused without a reason
	drawLoss                       // whether the packet that opens a transfer gets lost
	drawRepair                     // how many of its later packets do
)

// A rng is the source of all draws for one packet of one transfer.
type rng uint64

// draws returns the rng of a device's transfer number cycle and of the packet
// number try that opens it. It depends on nothing else, so that any device can be
// replayed alone.
func draws(seed uint64, device, cycle uint32, try uint8) rng {
	return rng(splitmix.Mix(splitmix.Mix(splitmix.Mix(seed)^uint64(device)<<32^uint64(cycle)) ^ uint64(try)))
}

// bits returns 64 random bits for one purpose.
func (l rng) bits(why purpose) uint64 { return splitmix.Mix(uint64(l) ^ uint64(why)<<56) }

// unit returns a number between 0 and 1, neither of them included.
func (l rng) unit(why purpose) float64 { return unit(l.bits(why)) }

// unit has 52 bits: with one more the largest would round to 1.
func unit(random uint64) float64 { return (float64(random>>12) + 0.5) / (1 << 52) }

// below returns a number from 0 to n-1.
func below(random uint64, n int) int {
	hi, _ := bits.Mul64(random, uint64(n))
	return int(hi)
}
