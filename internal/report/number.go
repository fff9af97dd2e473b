package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"provsim/internal/tally"
)

// Count writes a whole number with commas between thousands.
func Count[N int | uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Percent writes a share of 1. It says 100 % or 0 % only where it is so.
func Percent(share float64) string {
	p := 100 * share
	switch {
	case share > 0 && p < 0.01:
		return "under 0.01 %"
	case share < 1 && p > 99.99:
		return "over 99.99 %"
	case p < 10 || p > 90:
		return strconv.FormatFloat(math.Trunc(p*100)/100, 'f', -1, 64) + " %"
	}
	return digits(math.Round(p*10)/10) + " %"
}

// Lasting writes a duration with three digits, as people say it.
func Lasting(d time.Duration) string {
	if d < time.Hour {
		d = significant(d)
	}
	switch {
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return digits(float64(d)/1e3) + " µs"
	case d < time.Second:
		return digits(float64(d)/1e6) + " ms"
	case d < time.Minute:
		return digits(d.Seconds()) + " s"
	case d < time.Hour:
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	}
	d = d.Round(time.Minute)
	return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
}

// significant rounds to three digits, and to seconds from a minute on, so that
// 999.9 ms are a second.
func significant(d time.Duration) time.Duration {
	if d >= time.Minute-50*time.Millisecond {
		return d.Round(time.Second)
	}
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

func pair(large int, unit string, small int, part string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, part)
}

// digits writes a number with three digits, or all of those before the point.
func digits(x float64) string {
	switch {
	case x >= 99.95:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 9.995:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	text := strconv.FormatFloat(x, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Clock writes an instant of the run as hours, minutes and seconds.
func Clock(at time.Duration) string {
	s := int(at / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// after writes a time that may be never.
func after(s *tally.Seconds) string {
	if s == nil {
		return "never"
	}
	return Lasting(time.Duration(*s))
}

// Plural writes a number and a word, of which there may be one.
func Plural[N int | uint64](n N, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "s") {
		word += "e"
	}
	return Count(n) + " " + word + "s"
}
