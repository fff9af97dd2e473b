package journal

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Seconds is a duration that files and pages hold as a decimal number of seconds,
// exact to the nanosecond: a float64 would not hold the nanoseconds of a long run.
type Seconds time.Duration

// String returns what [time.Duration] returns.
func (s Seconds) String() string { return time.Duration(s).String() }

// MarshalJSON writes a decimal number without an exponent.
func (s Seconds) MarshalJSON() ([]byte, error) { return s.append(nil), nil }

func (s Seconds) append(b []byte) []byte {
	nanoseconds := uint64(s)
	if s < 0 {
		b = append(b, '-')
		nanoseconds = -nanoseconds
	}
	b = strconv.AppendUint(b, nanoseconds/1e9, 10)
	fraction := nanoseconds % 1e9
	if fraction == 0 {
		return b
	}
	b = append(b, '.')
	for unit := uint64(1e8); fraction != 0; unit /= 10 {
		b = append(b, '0'+byte(fraction/unit))
		fraction %= unit
	}
	return b
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses what is finer than a
// nanosecond.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	whole, fraction, _ := strings.Cut(string(text), ".")
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", max(0, 9-len(fraction))), 10, 64)
	if err != nil || len(fraction) > 9 {
		return fmt.Errorf("found %.40q, want seconds as a number with at most 9 decimals and no exponent", text)
	}
	*s = Seconds(n)
	return nil
}
