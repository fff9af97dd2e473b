package dhcp

import (
	"testing"
	"unsafe"
)

// A fleet of a million devices holds a machine each.
func TestMachineIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Machine{}); size > 64 {
		t.Errorf("a machine takes %d bytes, want at most 64", size)
	}
}
