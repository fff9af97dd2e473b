package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Fraction is a part of a whole, 0 to 1. As a text it is a percentage, "30%",
// or a number, "0.3".
type Fraction float64

// String returns a percentage.
func (f Fraction) String() string {
	return strconv.FormatFloat(math.Round(float64(f)*1e8)/1e6, 'f', -1, 64) + "%"
}

// MarshalText returns the number, which is exact.
func (f Fraction) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(f), 'g', -1, 64), nil
}

// UnmarshalText reads a percentage from 0% to 100% or a number from 0 to 1.
func (f *Fraction) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	if err != nil || !(value >= 0 && value <= 1) {
		return fmt.Errorf("found %.40q, want a part such as 30%% or 0.3", text)
	}
	*f = Fraction(value)
	return nil
}

// OrAll is the fraction where leaving it out means all.
func (f Fraction) OrAll() float64 {
	if f == 0 {
		return 1
	}
	return float64(f)
}
