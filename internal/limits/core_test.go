package limits

import (
	"runtime"
	"testing"
)

func TestLeaveCore(t *testing.T) {
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	for _, tt := range []struct {
		environment   string
		cores, during int
	}{{"", 4, 3}, {"", 1, 1}, {"4", 4, 4}} {
		t.Setenv("GOMAXPROCS", tt.environment)
		runtime.GOMAXPROCS(tt.cores)
		putBack := LeaveCore()
		during := runtime.GOMAXPROCS(0)
		putBack()
		if after := runtime.GOMAXPROCS(0); during != tt.during || after != tt.cores {
			t.Errorf("of %d cores (GOMAXPROCS=%q) %d are used, and %d afterwards; want %d", tt.cores, tt.environment, during, after, tt.during)
		}
	}
}

// The core is left until the last of two fleets has ended.
func TestLeaveCoreTwice(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	t.Setenv("GOMAXPROCS", "")
	first := LeaveCore()
	second := LeaveCore()
	first()
	if n := runtime.GOMAXPROCS(0); n != 3 {
		t.Errorf("%d of 4 cores are used while the second fleet runs, want 3", n)
	}
	second()
	if n := runtime.GOMAXPROCS(0); n != 4 {
		t.Errorf("%d of 4 cores are used at the end, want all", n)
	}
}
