package tftp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSchedule(t *testing.T) {
	second := time.Second
	for _, test := range []struct {
		rule     string
		schedule Schedule
		waits    []time.Duration
	}{
		{"the default doubles from 1 s to 8 s", DefaultSchedule(), []time.Duration{1 * second, 2 * second, 4 * second, 8 * second, 8 * second}},
		{"a largest wait that is no power of two is kept", Schedule{2 * second, 5 * second, 3}, []time.Duration{2 * second, 4 * second, 5 * second, 5 * second}},
		{"without a largest wait all are equal", Schedule{First: second, Repeats: 2}, []time.Duration{second, second, second}},
		{"no sum overflows", Schedule{forever / 2, forever, 3}, []time.Duration{forever / 2, forever - 1, forever, forever}},
	} {
		var waits []time.Duration
		for n := range test.schedule.Repeats + 1 {
			waits = append(waits, test.schedule.wait(n))
		}
		if diff := cmp.Diff(test.waits, waits); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.rule, diff)
		}
	}
}
