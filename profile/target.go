package profile

import (
	"strconv"
	"strings"
)

// Target is where a request goes, complete and checked.
type Target struct {
	Scheme         string // "tftp", "http", "https" or "ftp"
	User, Password string // percent-decoded; Password is a secret
	Host           string // a name or an address, an IPv6 address without brackets
	Port           uint16 // never 0
	Path           string // begins with "/"; query included
}

// DefaultPort returns a scheme's port (FV-RULE-4), or 0 for an unknown scheme.
func DefaultPort(scheme string) uint16 {
	switch scheme {
	case "ftp":
		return 21
	case "tftp":
		return 69
	case "http":
		return 80
	case "https":
		return 443
	case "pnp":
		return 5060
	}
	return 0
}

// Authority returns where a URL of a scheme goes, as it is written in a URL and in a
// Host header: an IPv6 address in brackets, and the port where it is not the
// scheme's own (RFC 3986 section 3.2, RFC 9110 section 7.2).
func Authority(scheme, host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != DefaultPort(scheme) {
		host += ":" + strconv.Itoa(int(port))
	}
	return host
}

// URL returns the target without user and password, and without the port where it
// is the scheme's own. It is for journals and errors.
func (t Target) URL() string {
	return t.Scheme + "://" + Authority(t.Scheme, t.Host, t.Port) + t.Path
}
