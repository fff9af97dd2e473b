package device

// purpose keeps draws for different ends apart.
type purpose uint64

const (
	drawOnline purpose = iota + 1 // the random delay at boot (FV-RS-3)
	drawDone                      // the random part of the next delay (FV-SET-2)
)

// draw returns 64 random bits that depend on nothing but its arguments: any
// device of a run can be replayed alone, and in any order. Each argument goes
// through the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func draw(seed uint64, mac MAC, why purpose, cycle uint32) uint64 {
	x := mix(seed)
	for _, b := range mac {
		x = x<<8 | x>>56
		x ^= uint64(b)
	}
	return mix(mix(x) ^ uint64(why)<<32 ^ uint64(cycle))
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
