package device

import (
	"encoding/hex"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Options are DHCP options of a lease by their numbers.
type Options map[uint8][]byte

// ParseOptions reads options that a person writes as NUMBER=VALUE: a text, or 0x and
// hex digits for bytes. The last of equal numbers counts.
func ParseOptions(texts []string) (Options, error) {
	options := Options{}
	for _, text := range texts {
		number, value, ok := strings.Cut(text, "=")
		n, err := strconv.ParseUint(number, 10, 8)
		if !ok || err != nil || n == 0 || n == 255 {
			return nil, fmt.Errorf("DHCP option %.40q, want NUMBER=VALUE with a number from 1 to 254", number)
		}
		digits, isHex := strings.CutPrefix(value, "0x")
		if options[uint8(n)] = []byte(value); isHex {
			if options[uint8(n)], err = hex.DecodeString(digits); err != nil {
				return nil, fmt.Errorf("DHCP option %d: after 0x want hex digits in pairs", n)
			}
		}
	}
	return options, nil
}

// Offer returns the options as those of a lease, with option 66 in place of their
// own where it is not empty.
func (o Options) Offer(option66 string) *Offer {
	if option66 == "" {
		return NewOffer(o)
	}
	all := maps.Clone(o)
	if all == nil {
		all = Options{}
	}
	all[66] = []byte(option66)
	return NewOffer(all)
}
