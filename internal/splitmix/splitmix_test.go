package splitmix

import "testing"

// The first outputs of SplitMix64 with the seed 1234567, as its authors' program
// prints them.
func TestMix(t *testing.T) {
	const step = 0x9e3779b97f4a7c15
	state := uint64(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431} {
		if got := Mix(state); got != want {
			t.Errorf("output %d is %d, want %d", i, got, want)
		}
		state += step
	}
}
