package device

import (
	"testing"
)

// Draws depend on each of their arguments and on nothing else, and are spread
// evenly.
func TestDraw(t *testing.T) {
	a := draw(1, MAC{2, 3}, drawOnline, 4)
	if a != draw(1, MAC{2, 3}, drawOnline, 4) {
		t.Error("a draw is not repeatable")
	}
	for what, b := range map[string]uint64{
		"seed": draw(2, MAC{2, 3}, drawOnline, 4), "device": draw(1, MAC{2, 3, 0, 0, 0, 1}, drawOnline, 4),
		"purpose": draw(1, MAC{2, 3}, drawDone, 4), "cycle": draw(1, MAC{2, 3}, drawOnline, 5),
	} {
		if a == b {
			t.Errorf("a draw does not depend on the %s", what)
		}
	}
	const devices, parts = 100_000, 10
	var count [parts]int
	for i := range devices {
		mac := MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)}
		count[draw(7, mac, drawOnline, 1)>>32*parts>>32]++
	}
	for i, n := range count { // 5 standard deviations of a fair draw are 475
		if n < devices/parts-475 || n > devices/parts+475 {
			t.Errorf("part %d of the range holds %d of %d draws", i, n, devices)
		}
	}
}
