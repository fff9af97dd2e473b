package rule

import (
	"net/netip"
	"strconv"
	"strings"

	"provsim/macro"
	"provsim/profile"
)

// fault is an error in a part of a rule: the bytes from and to of it, what was
// wanted, and a hint.
type fault struct {
	from, to   int
	want, hint string
}

// shift returns the fault as one of a text in which the part begins at offset.
func (f fault) shift(offset int) fault {
	f.from += offset
	f.to += offset
	return f
}

// maxHost is the length of the longest domain name (RFC 1035 section 2.3.4).
const maxHost = 253

// hostFault finds what makes host no name and no address. With macros, they are
// still to be expanded and stand for anything.
func hostFault(host string, macros bool) *fault {
	if host == "" {
		return &fault{0, 0, "a host", ""}
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" {
			return &fault{strings.IndexByte(host, '%'), len(host), "an address without a zone", ""}
		}
		return nil
	}
	numeric := true
	for i := 0; i < len(host); {
		if n := macro.Sipura.Span(host[i:]); n > 0 && macros {
			i, numeric = i+n, false
			continue
		}
		if !profile.IsHostByte(host[i]) {
			return &fault{i, i + 1, "a host of letters, digits, '-', '_' and '.'", hostHint(host[i])}
		}
		numeric = numeric && (host[i] == '.' || '0' <= host[i] && host[i] <= '9')
		i++
	}
	switch {
	case numeric:
		return &fault{0, len(host), "an IPv4 address of four numbers up to 255, or a name", ""}
	case len(host) > maxHost && (!macros || !mayHaveMacro(host)):
		return &fault{maxHost, len(host), "a host of at most 253 characters", ""}
	}
	return nil
}

func hostHint(c byte) string {
	switch {
	case c == '$':
		return "a macro is $NAME, $(NAME), $(NAME:p) or $(NAME:p:q) with a name that the device knows"
	case c == '@':
		return "user and password are written user:password@host"
	case c >= 0x80:
		return "an international name is written in its xn-- form"
	}
	return ""
}

// portFault finds what makes port no number from 1 to 65535. With macros, they
// are still to be expanded and stand for any digits.
func portFault(port string, macros bool) *fault {
	const want = "a port from 1 to 65535"
	for i := 0; i < len(port); {
		if n := macro.Sipura.Span(port[i:]); n > 0 && macros {
			i += n
			continue
		}
		if port[i] < '0' || '9' < port[i] {
			return &fault{i, i + 1, want, ""}
		}
		i++
	}
	if macros && mayHaveMacro(port) {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return &fault{0, len(port), want, ""}
	}
	return nil
}

// pathFault finds what makes path no path for the scheme. "" is tftp (FV-RULE-3).
func pathFault(path, scheme string) *fault {
	if path == "/" && scheme != "http" && scheme != "https" {
		return &fault{1, 1, "a file's name after '/'", "TFTP has no directories to ask for"}
	}
	if at := strings.IndexFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }); at >= 0 {
		return &fault{at, at + 1, "no control characters in the path", ""}
	}
	return nil
}

// escapeFault finds the first '%' of user and password without two hex digits.
func escapeFault(text string) *fault {
	for i := range len(text) {
		if text[i] == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])) {
			return &fault{i, i + 1, "two hex digits after '%' in user and password", "write a percent sign %25"}
		}
	}
	return nil
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
