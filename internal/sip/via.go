package sip

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// defaultPort is where SIP over UDP is answered where Via names no port.
const defaultPort = 5060

// senderForm matches protocol, transport, host and port of a Via value. The
// grammar allows blanks around the slashes and the colon (RFC 3261 section 25.1).
var senderForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:SIP)[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*[^ \t/]+[ \t]+` +
		`(?:\[([^][ \t]+)\]|([^][ \t:]+))(?:[ \t]*:[ \t]*(\d+))?$`)
})

// via is a Via value: who sent a request, and where the answer goes (RFC 3261
// section 20.42).
type via struct {
	sender string // what senderForm matches, as it came
	host   string // without brackets
	port   uint16
	params []string
	rport  bool // the sender wants the answer at the port that it sent from (RFC 3581)
}

func parseVia(value string) (via, bool) {
	parts, ok := split(value, ';')
	form := senderForm().FindStringSubmatch(parts[0])
	if !ok || form == nil {
		return via{}, false
	}
	v := via{sender: parts[0], host: form[1] + form[2], port: defaultPort, params: parts[1:]}
	_, v.rport = param(v.params, "rport")
	if form[3] == "" {
		return v, true
	}
	port, err := strconv.ParseUint(form[3], 10, 16)
	v.port = uint16(port)
	return v, err == nil && port != 0
}

// replyTo returns where the answer goes (RFC 3261 section 18.2.2, RFC 3581
// section 4).
func (v *via) replyTo(from netip.AddrPort) netip.AddrPort {
	if v.rport {
		return from
	}
	return netip.AddrPortFrom(from.Addr(), v.port)
}

// answer returns the value for the answer: received says where the request
// really came from where that differs from the host, and always beside rport
// (RFC 3261 section 18.2.1, RFC 3581 section 4). All else stays as it came.
func (v *via) answer(from netip.AddrPort) string {
	var text strings.Builder // a datagram has room for thousands of parameters
	text.WriteString(v.sender)
	for _, p := range v.params {
		switch name := paramName(p); {
		case strings.EqualFold(name, "received"):
		case strings.EqualFold(name, "rport"):
			text.WriteString(";rport=" + strconv.Itoa(int(from.Port())))
		default:
			text.WriteString(";" + p)
		}
	}
	source := from.Addr().WithZone("")
	if host, err := netip.ParseAddr(v.host); v.rport || err != nil || host != source {
		text.WriteString(";received=" + source.String())
	}
	return text.String()
}
