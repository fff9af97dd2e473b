package tally

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Seconds is a duration that is a number of seconds in files, exact to the
// nanosecond.
type Seconds time.Duration

// String returns what [time.Duration] returns.
func (s Seconds) String() string { return time.Duration(s).String() }

// MarshalJSON writes a decimal number without an exponent.
func (s Seconds) MarshalJSON() ([]byte, error) {
	sign, ns := "", uint64(s)
	if s < 0 {
		sign, ns = "-", -ns
	}
	text := fmt.Sprintf("%s%d.%09d", sign, ns/1e9, ns%1e9)
	return bytes.TrimRight(bytes.TrimRight([]byte(text), "0"), "."), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	whole, fraction, _ := strings.Cut(string(text), ".")
	ns, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", max(0, 9-len(fraction))), 10, 64)
	if err != nil || len(fraction) > 9 {
		return fmt.Errorf("found %.40q, want seconds as a number with at most 9 decimals and no exponent", text)
	}
	*s = Seconds(ns)
	return nil
}
