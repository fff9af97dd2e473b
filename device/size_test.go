package device

import (
	"testing"
	"unsafe"
)

// A million devices are in memory at once, so their size is part of what they are.
func TestSizes(t *testing.T) {
	for what, size := range map[string]struct{ is, most uintptr }{
		"a device":                   {unsafe.Sizeof(Device{}), 3 * 64},
		"a memory":                   {unsafe.Sizeof(Stored{}), 112},
		"an effect, which is copied": {unsafe.Sizeof(Effect{}), 144},
	} {
		if size.is > size.most {
			t.Errorf("%s takes %d bytes, want at most %d", what, size.is, size.most)
		}
	}
}
