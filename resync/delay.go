package resync

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Wait is one delay: Base and, after it, a uniformly random part of up to
// Spread.
type Wait struct{ Base, Spread time.Duration }

// Delays are the successive delays of one timer; the last one repeats. No
// delays at all, or a single zero, switch the timer off (FV-RS-6).
type Delays []Wait

// maxSeconds is the largest delay that a setting takes. It is the range of the
// signed 32-bit number that firmware of this kind keeps, and far from the end
// of time.Duration.
const maxSeconds = 1<<31 - 1

// Every returns the delays of a timer that always waits for d.
func Every(d time.Duration) Delays { return Delays{{Base: d}} }

// ParseDelays reads the value of a delay setting: one integer of seconds
// (FV-SET-2). With lists, which is quirk delay-lists, it also reads successive
// delays, "1800,3600,7200", and random parts, "3600+600".
func ParseDelays(text string, lists bool) (Delays, error) {
	if !lists {
		d, err := parseSeconds(text)
		if err != nil {
			return nil, err
		}
		return Every(d), nil
	}
	parts := strings.Split(text, ",")
	delays := make(Delays, 0, len(parts))
	for i, part := range parts {
		base, spread, random := strings.Cut(part, "+")
		w := Wait{}
		var err error
		if w.Base, err = parseSeconds(base); err != nil {
			return nil, fmt.Errorf("delay %d: %w", i+1, err)
		}
		if random {
			if w.Spread, err = parseSeconds(spread); err != nil {
				return nil, fmt.Errorf("random part of delay %d: %w", i+1, err)
			}
		}
		if w.Base == 0 && len(parts) > 1 {
			return nil, fmt.Errorf("delay %d of the list is 0, which would never end: want at least 1", i+1)
		}
		delays = append(delays, w)
	}
	return delays, nil
}

func parseSeconds(text string) (time.Duration, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0, fmt.Errorf("found %.40q, want whole seconds from 0 to %d", text, maxSeconds)
	}
	return time.Duration(n) * time.Second, nil
}

// At returns the delay number n, counted from 0, with its random part drawn
// from rand. It reports false where the timer is off.
func (d Delays) At(n int, rand uint64) (time.Duration, bool) {
	if len(d) == 0 {
		return 0, false
	}
	w := d[min(n, len(d)-1)]
	if w.Base == 0 {
		return 0, false
	}
	return w.Base + Uniform(rand, w.Spread), true
}

// String returns the text that ParseDelays reads.
func (d Delays) String() string {
	if len(d) == 0 {
		return "0"
	}
	var b strings.Builder
	for i, w := range d {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d", w.Base/time.Second)
		if w.Spread > 0 {
			fmt.Fprintf(&b, "+%d", w.Spread/time.Second)
		}
	}
	return b.String()
}

// Uniform maps a random number to a time from 0 to limit, both included.
func Uniform(rand uint64, limit time.Duration) time.Duration {
	hi, _ := bits.Mul64(rand, uint64(limit)+1)
	return time.Duration(hi)
}
