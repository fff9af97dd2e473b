// Package splitmix turns numbers into random bits.
package splitmix

// Mix returns 64 bits that depend on x and look random. It is one step of
// SplitMix64 (Steele, Lea and Flood 2014). A draw that depends on several numbers
// mixes them in, one after the other, so it does not depend on what was drawn
// before: any device of a run can be replayed alone, and in any order.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Unit maps 64 random bits to a number from 0 up to 1, without 1 itself.
func Unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }
