package device

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// MAC is a device's hardware address: six bytes, unicast (FV-ID-1).
type MAC [6]byte

// ParseMAC reads the four forms of FV-ID-1: 0021f2011b19, 00:21:f2:01:1b:19,
// 00-21-F2-01-1B-19 and 0021.f201.1b19, in any case. It refuses multicast
// addresses and the all-zero address.
func ParseMAC(text string) (MAC, error) {
	var m MAC
	const forms = "want 12 hex digits such as 0021f2011b19 or 00:21:f2:01:1b:19"
	digits := text
	switch {
	case strings.Count(text, ":") == 5:
		digits = ungroup(text, ":", 2)
	case strings.Count(text, "-") == 5:
		digits = ungroup(text, "-", 2)
	case strings.Count(text, ".") == 2:
		digits = ungroup(text, ".", 4)
	}
	if len(digits) != 12 {
		return m, fmt.Errorf("MAC address %q: %s", text, forms)
	}
	if _, err := hex.Decode(m[:], []byte(digits)); err != nil {
		return m, fmt.Errorf("MAC address %q: %s", text, forms)
	}
	switch {
	case m == MAC{}:
		return m, fmt.Errorf("MAC address %q is all zero, want a device's own", text)
	case m[0]&1 != 0:
		return m, fmt.Errorf("MAC address %q is a multicast address, want an even first byte", text)
	}
	return m, nil
}

// ungroup joins groups of size digits, or returns "" where a group has another size.
func ungroup(text, sep string, size int) string {
	groups := strings.Split(text, sep)
	for _, g := range groups {
		if len(g) != size {
			return ""
		}
	}
	return strings.Join(groups, "")
}

// String returns 12 lower-case digits, the value of $MA.
func (m MAC) String() string { return hex.EncodeToString(m[:]) }

// Upper returns 12 upper-case digits, the value of $MAU.
func (m MAC) Upper() string { return strings.ToUpper(m.String()) }

// Colons returns lower-case digits in pairs, the value of $MAC.
func (m MAC) Colons() string {
	var text [3 * len(m)]byte
	for i := range m {
		hex.Encode(text[3*i:], m[i:i+1])
		text[3*i+2] = ':'
	}
	return string(text[:len(text)-1])
}

// MarshalText returns the form of String.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what ParseMAC reads.
func (m *MAC) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMAC(string(text))
	return err
}

// number returns the address as a number.
func (m MAC) number() (n uint64) {
	for _, b := range m {
		n = n<<8 | uint64(b)
	}
	return n
}
