package device

import "provsim/internal/splitmix"

// purpose keeps draws for different ends apart.
type purpose uint64

const (
	drawOnline purpose = iota + 1 // the random delay at boot (FV-RS-3)
	drawDone                      // the random part of the next delay (FV-SET-2)
	drawBoot                      // that of a delay that begins at the boot (FV-RS-4)
	drawNonce                     // what a request has that no other one has
)

// draw returns 64 random bits that depend only on its arguments: any
// device of a run can be replayed alone, and in any order.
func draw(seed uint64, mac MAC, why purpose, cycle uint32) uint64 {
	x := splitmix.Mix(seed)
	for _, b := range mac {
		x = x<<8 | x>>56
		x ^= uint64(b)
	}
	return splitmix.Mix(splitmix.Mix(x) ^ uint64(why)<<32 ^ uint64(cycle))
}
