package device_test

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
)

// A quirk may be a time, in whole seconds.
func TestQuirkInSeconds(t *testing.T) {
	p := device.Personality{Quirks: []device.Quirk{{Name: "retry", Seconds: true}}}
	q, err := p.ParseQuirks([]string{"retry=90"})
	if err != nil || q.Seconds("retry") != 90*time.Second || q.Seconds("other") != 0 {
		t.Errorf("retry=90 is %v, error %v", q.Seconds("retry"), err)
	}
	for _, bad := range []string{"retry", "retry=", "retry=0", "retry=-1", "retry=1.5", "retry=on"} {
		if _, err := p.ParseQuirks([]string{bad}); err == nil || !strings.Contains(err.Error(), "whole seconds") {
			t.Errorf("%s: error %v, want whole seconds", bad, err)
		}
	}
}
