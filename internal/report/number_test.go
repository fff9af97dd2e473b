package report

import (
	"testing"
	"time"
)

func TestNumbersAsPeopleReadThem(t *testing.T) {
	for _, tt := range []struct{ rule, got, want string }{
		{"small counts are plain", Count(999), "999"},
		{"commas part thousands", Count(uint64(1234567)), "1,234,567"},
		{"also under zero", Count(-1234), "-1,234"},
		{"one is no plural", Plural(1, "device"), "1 device"},
		{"none is one", Plural(0, "device"), "0 devices"},
		{"a word that ends in s", Plural(2, "source address"), "2 source addresses"},
		{"a share", Percent(0.5), "50 %"},
		{"a share with its digits", Percent(0.12345), "12.3 %"},
		{"a small share", Percent(0.0123), "1.23 %"},
		{"all", Percent(1), "100 %"},
		{"nearly all is not all", Percent(0.99999), "over 99.99 %"},
		{"nearly all has its digits", Percent(0.9987), "99.87 %"},
		{"nearly nothing is not nothing", Percent(0.00001), "under 0.01 %"},
		{"nothing", Percent(0), "0 %"},
		{"more than all", Percent(1.5), "150 %"},
		{"no time", Lasting(0), "0 s"},
		{"nanoseconds", Lasting(512), "0.51 µs"},
		{"milliseconds", Lasting(12345 * time.Microsecond), "12.3 ms"},
		{"seconds", Lasting(1500 * time.Millisecond), "1.5 s"},
		{"three digits", Lasting(43210 * time.Millisecond), "43.2 s"},
		{"a whole minute", Lasting(time.Minute), "1 min"},
		{"minutes", Lasting(4*time.Minute + 12*time.Second), "4 min 12 s"},
		{"nearly an hour", Lasting(time.Hour - time.Millisecond), "1 h"},
		{"nearly a minute", Lasting(59999 * time.Millisecond), "1 min"},
		{"nearly a second", Lasting(999_900 * time.Microsecond), "1 s"},
		{"hours", Lasting(25*time.Hour + 3*time.Minute), "25 h 3 min"},
		{"an instant", Clock(3723 * time.Second), "1:02:03"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.rule, tt.got, tt.want)
		}
	}
}
