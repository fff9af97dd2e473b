package rule

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"provsim/profile"
)

// Target completes an expanded rule: the scheme is tftp where none is written,
// the port is the scheme's own (FV-RULE-3, FV-RULE-4), and user and password are
// percent-decoded.
//
// Server is what DHCP option 66 names, "host", "host:port", or an IPv6 address
// with or without brackets; it counts where the rule names no host. Without
// either, and where the host is an address of no server (FV-SRC-6), the error is
// [ErrNoServer]. A part that its macros have made invalid,
// and a text that is no server, is a [*Error].
func (r Rule) Target(server string) (profile.Target, error) {
	if r.Scheme == "" {
		r.Scheme = "tftp"
	}
	if r.Host == "" {
		var err error
		if r.Host, r.Port, err = parseServer(server); err != nil {
			return profile.Target{}, err
		}
	}
	if err := r.check(); err != nil {
		return profile.Target{}, err
	}
	if err := usable(r.Host); err != nil {
		return profile.Target{}, err
	}
	t := profile.Target{Scheme: r.Scheme, Host: r.Host, Path: r.Path, Port: profile.DefaultPort(r.Scheme)}
	// Neither can fail: check has looked at both.
	t.User, _ = url.PathUnescape(r.User)
	t.Password, _ = url.PathUnescape(r.Password)
	if r.Port != "" {
		n, _ := strconv.ParseUint(r.Port, 10, 16)
		t.Port = uint16(n)
	}
	return t, nil
}

// check holds the parts of an expanded rule to the grammar.
func (r Rule) check() error {
	f, in := r.fault()
	if f == nil {
		return nil
	}
	text, at := r.render(false)
	return ruleError(text, r.Redacted(), f.shift(at[in]))
}

// fault returns the first fault of an expanded rule, and the part that it is in.
func (r Rule) fault() (*fault, part) {
	if !slices.Contains(schemes, r.Scheme) {
		return &fault{0, 0, "one of http, https and tftp", ""}, atCredentials
	}
	if f := escapeFault(r.User + ":" + r.Password); f != nil {
		return f, atCredentials
	}
	if f := hostFault(r.Host, false); f != nil {
		return f, atHost
	}
	if r.Port != "" {
		if f := portFault(r.Port, false); f != nil {
			return f, atPort
		}
	}
	if !strings.HasPrefix(r.Path, "/") {
		return &fault{0, 0, "'/' and a path", ""}, atPath
	}
	return pathFault(r.Path, r.Scheme), atPath
}

// parseServer reads what option 66 names, by address or by name (FV-SRC-3).
func parseServer(text string) (host, port string, err error) {
	if err := notBinary(text); err != nil {
		return "", "", err
	}
	text = trimOption(text)
	if text == "" {
		return "", "", ErrNoServer
	}
	if err := notQuoted(text); err != nil {
		return "", "", err
	}
	if err := checkLength(text); err != nil {
		return "", "", err
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Is6() && addr.Zone() == "" {
		return text, "", nil
	}
	host, port, f := splitHostPort(text)
	if f != nil {
		return "", "", ruleError(text, mask(text), *f)
	}
	return host, port, nil
}

// trimOption cuts the blanks and NULs that DHCP servers pad a value with
// (FV-SRC-4).
func trimOption(value string) string {
	return strings.TrimLeft(strings.TrimRight(value, blanks+"\x00"), blanks)
}
