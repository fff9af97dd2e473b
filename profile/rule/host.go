package rule

import (
	"net/netip"
	"slices"
	"strings"

	"provsim/macro"
)

// blanks separate the parts of a rule.
const blanks = " \t"

// splitHostPort reads host[:port], which is all of text. Parts with macros are
// checked again after expansion.
func splitHostPort(text string) (host, port string, _ *fault) {
	host, rest, f := cutHost(text)
	if f != nil {
		return "", "", f
	}
	if rest == "" {
		return host, "", nil
	}
	from := len(text) - len(rest)
	port, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return "", "", &fault{from, len(text), "':' and a port, or '/' and a path", ""}
	}
	if f := portFault(port, true); f != nil {
		at := f.shift(from + 1)
		if scheme := strings.ToLower(host); slices.Contains(schemes, scheme) {
			at.hint = scheme + ":// is probably meant"
		}
		return "", "", &at
	}
	return host, port, nil
}

// cutHost reads the host, without its brackets, and returns what follows it.
func cutHost(text string) (host, rest string, _ *fault) {
	if inside, ok := strings.CutPrefix(text, "["); ok {
		host, rest, ok = strings.Cut(inside, "]")
		if !ok {
			return "", "", &fault{len(text), len(text), "']' after the IPv6 address", ""}
		}
		if addr, err := netip.ParseAddr(host); !mayHaveMacro(host) && (err != nil || !addr.Is6()) {
			return "", "", &fault{1, 1 + len(host), "an IPv6 address in brackets", ""}
		}
	} else {
		if addr, err := netip.ParseAddr(text); err == nil && addr.Is6() {
			return "", "", &fault{0, len(text), "a host name or an IPv4 address", "an IPv6 address stands in brackets"}
		}
		host = text
		if colon := indexOutside(text, ':'); colon >= 0 {
			host, rest = text[:colon], text[colon:]
		}
	}
	if f := hostFault(host, true); f != nil {
		at := f.shift(strings.Index(text, host))
		return "", "", &at
	}
	return host, rest, nil
}

// indexOutside returns the index of the first c in text outside of macros, or -1.
func indexOutside(text string, c byte) int {
	for i := 0; i < len(text); {
		if n := macro.Sipura.Span(text[i:]); n > 0 {
			i += n
			continue
		}
		if text[i] == c {
			return i
		}
		i++
	}
	return -1
}

func mayHaveMacro(text string) bool { return strings.IndexByte(text, '$') >= 0 }
