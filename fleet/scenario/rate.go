package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// BitRate is the speed of a link in bits a second. As a text it has a unit of
// powers of ten, "256k", "2M", "1G", or none.
type BitRate int64

var bitUnits = []struct {
	letter string
	factor BitRate
}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}}

// maxBitRate is far above any phone's link, and far from an overflow.
const maxBitRate = 1e12

// String returns the largest unit that gives a whole number.
func (r BitRate) String() string {
	for _, u := range bitUnits {
		if r != 0 && r%u.factor == 0 {
			return strconv.FormatInt(int64(r/u.factor), 10) + u.letter
		}
	}
	return strconv.FormatInt(int64(r), 10)
}

// MarshalText returns the form of String.
func (r BitRate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what String returns, and decimals such as "1.5M".
func (r *BitRate) UnmarshalText(text []byte) error {
	number, factor := string(text), BitRate(1)
	for _, u := range bitUnits {
		if digits, ok := strings.CutSuffix(number, u.letter); ok {
			number, factor = digits, u.factor
			break
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !(value >= 0 && value*float64(factor) <= maxBitRate) {
		return fmt.Errorf("found %.40q, want bits a second such as 256k or 2M", text)
	}
	*r = BitRate(value * float64(factor))
	return nil
}
