package resync

import (
	"testing"
	"unsafe"
)

// A million devices each hold a machine, so its size and its garbage are part
// of what it is.
func TestMachineIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Machine{}); size >= 64 {
		t.Errorf("a machine takes %d bytes, want less than 64", size)
	}
}
