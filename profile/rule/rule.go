package rule

import (
	"cmp"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"provsim/macro"
)

// ErrNoServer says that neither the rule nor DHCP option 66 names a server: the
// failure no-server (FV-RULE-3, FV-SRC-1). An error that names an address of no
// server is this one too for errors.Is (FV-SRC-6).
var ErrNoServer = errors.New("neither the rule nor DHCP option 66 names a server")

// notServer is an address that no server can have: [ErrNoServer] with the address.
type notServer string

func (n notServer) Error() string {
	return string(n) + " is not the address of a server: want a unicast address"
}

func (n notServer) Is(target error) bool { return target == ErrNoServer }

// usable refuses a host that is an address of no server: 0.0.0.0, broadcast and
// multicast (FV-SRC-6).
func usable(host string) error {
	addr, err := netip.ParseAddr(host)
	addr = addr.Unmap()
	if err == nil && (addr.IsUnspecified() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})) {
		return notServer(host)
	}
	return nil
}

// Rule is a Profile Rule or an Upgrade Rule, taken apart (FV-RULE-1). The parts
// are texts as they were written, or as [Rule.Expand] made them. The zero Rule
// is no rule (FV-RULE-7).
type Rule struct {
	Keyed bool   // the file is encrypted with Key
	Key   string // without its quotation marks; a secret

	Scheme         string // "tftp", "http", "https", or "" where none was written
	User, Password string // not yet percent-decoded; Password is a secret
	Host           string // an IPv6 address without its brackets; "" where none was written
	Port           string // "" where none was written
	Path           string // from "/" on, query included
}

// Parse reads a Profile Rule. A blank text gives the zero Rule (FV-RULE-7).
// Any error is a [*Error].
func Parse(text string) (Rule, error) {
	return (&parser{text: text}).rule()
}

// ParseUpgrade reads an Upgrade Rule, which takes no options (FV-RULE-6).
// Whether its scheme is allowed is for others to say (FV-UP-3). Any error is a
// [*Error].
func ParseUpgrade(text string) (Rule, error) {
	return (&parser{text: text, noOptions: "an Upgrade Rule takes no options, firmware is not encrypted"}).rule()
}

// Hint says what was probably meant by a rule that is allowed and looks like a slip,
// or "" for any other.
func (r Rule) Hint() string {
	host, doubled := strings.CutPrefix(r.Path, "//")
	switch scheme := strings.ToLower(r.Host); {
	case r.Scheme == "" && slices.Contains(schemes, scheme):
		return scheme + ":// is probably meant: without the colon " + scheme + " is the name of a host"
	case r.Scheme == "" && r.Host == "" && doubled && host != "":
		return "http:// is probably meant: without a scheme this is a path on the server of DHCP option 66"
	}
	return ""
}

// IsZero reports whether r is no rule (FV-RULE-7).
func (r Rule) IsZero() bool { return r == Rule{} }

// Expand returns the rule with the macros in its parts expanded (FV-MAC-9). The
// parts stay what they are, whatever the values hold (FV-RULE-2). For the same
// reason a host or a port of which nothing would be left stays as it was
// written: without it the rule would name another server.
func (r Rule) Expand(vars macro.Vars, s macro.Syntax) Rule {
	r.Key = macro.Expand(r.Key, vars, s)
	r.User = macro.Expand(r.User, vars, s)
	r.Password = macro.Expand(r.Password, vars, s)
	r.Host = cmp.Or(macro.Expand(r.Host, vars, s), r.Host)
	r.Port = cmp.Or(macro.Expand(r.Port, vars, s), r.Port)
	r.Path = macro.Expand(r.Path, vars, s)
	return r
}
