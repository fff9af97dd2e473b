package profile

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxHost is the length of the longest domain name (RFC 1035 section 2.3.4).
const maxHost = 253

// IsHost reports whether text is a host name or an address without a zone. An
// IPv6 address has no brackets.
func IsHost(text string) bool {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Zone() == ""
	}
	numeric := true
	for i := range len(text) {
		if !IsHostByte(text[i]) {
			return false
		}
		numeric = numeric && (text[i] == '.' || '0' <= text[i] && text[i] <= '9')
	}
	return !numeric && len(text) <= maxHost
}

// IsHostByte reports whether a host name may hold c.
func IsHostByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// maxQuoted is how many characters of a text an error shows.
const maxQuoted = 40

// Quote returns a text in quotation marks for an error: in one line, and cut
// where it is long.
func Quote(text string) string {
	n := 0
	for i := range text {
		if n == maxQuoted {
			return fmt.Sprintf("%q", text[:i]+"…")
		}
		n++
	}
	return fmt.Sprintf("%q", text)
}

// IndexControl returns where text has its first control character other than a
// tab, or -1.
func IndexControl(text string) int {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
