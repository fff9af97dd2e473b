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
