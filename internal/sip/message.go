package sip

import (
	"net/netip"
	"strconv"
	"strings"
)

const (
	version = "SIP/2.0"
	crlf    = "\r\n"
	blanks  = " \t"
)

// message is a SIP request, as much of it as a phone without calls needs. Texts
// are as they came, with folded lines joined; a field that is absent is empty.
type message struct {
	method  string
	uri     string // of the request
	via     via
	vias    []string // the Via values below the topmost one
	require []string // the extensions that the sender relies on
	tagged  bool     // to has a tag

	authorization []string // what the sender shows, each for another realm

	from, to, callID, cseq, event string
	kind, body                    string // Content-Type, and what follows the header
}

// parse reads a datagram. It returns what is wrong with one that is not a request,
// or to which no answer can be written (RFC 3261 section 8.1.1), and "" for others.
// The text wrong holds none of the datagram's bytes.
func parse(datagram string) (m *message, wrong string) {
	head, body, ok := strings.Cut(datagram, crlf+crlf)
	if !ok {
		return nil, "its header does not end with an empty line; line ends are CR LF"
	}
	// A line that begins with a blank continues the one before (section 7.3.1).
	head = strings.NewReplacer(crlf+" ", " ", crlf+"\t", " ").Replace(head)
	lines := strings.Split(head, crlf)
	start := strings.Split(lines[0], " ")
	if len(start) != 3 || !isToken(start[0]) || start[1] == "" || !strings.EqualFold(start[2], version) {
		return nil, "its first line is not METHOD URI SIP/2.0"
	}
	m = &message{method: start[0], uri: start[1], body: body}
	return m, m.readFields(lines[1:], len(body))
}

// readFields reads the header, each field under its long or its compact name
// (section 7.3.3), and checks what every request must have.
func (m *message) readFields(lines []string, body int) (wrong string) {
	var length string
	once := map[string]*string{
		"from": &m.from, "f": &m.from, "to": &m.to, "t": &m.to, "call-id": &m.callID, "i": &m.callID,
		"cseq": &m.cseq, "event": &m.event, "o": &m.event, "content-length": &length, "l": &length,
		"content-type": &m.kind, "c": &m.kind,
	}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.ToLower(strings.TrimRight(name, blanks)), strings.Trim(value, blanks)
		if !ok || !isToken(name) || strings.ContainsFunc(value, isControl) {
			return "a line of its header is not NAME: VALUE"
		}
		switch field := once[name]; {
		case field != nil && *field != "":
			return "it has the field " + name + " twice"
		case field != nil:
			*field = value
		case name == "via" || name == "v":
			m.vias = append(m.vias, value)
		case name == "require":
			m.require = append(m.require, value)
		case name == "authorization":
			m.authorization = append(m.authorization, value)
		}
	}
	for _, field := range []struct {
		name string
		good bool
	}{
		{"From", m.from != ""}, {"Call-ID", m.callID != ""}, {"To", m.readTo()}, {"Via", m.readVia()},
		{"CSeq", m.checkCSeq()}, {"Content-Length", fits(length, body)},
	} {
		if !field.good {
			return "its field " + field.name + " is missing or wrong"
		}
	}
	if n, err := strconv.Atoi(length); err == nil {
		m.body = m.body[:n]
	}
	return ""
}

func (m *message) readTo() bool {
	parts, ok := split(m.to, ';')
	_, m.tagged = param(parts[1:], "tag")
	return ok && parts[0] != ""
}

// readVia reads the topmost value. A field may list several, which is the same as
// one field for each (section 7.3.1).
func (m *message) readVia() bool {
	values, ok := split(strings.Join(m.vias, ","), ',')
	if !ok {
		return false
	}
	m.vias = values[1:]
	m.via, ok = parseVia(values[0])
	return ok
}

// checkCSeq wants a number below 2**31 and the request's own method (section
// 8.1.1.5).
func (m *message) checkCSeq() bool {
	words := strings.Fields(m.cseq)
	if len(words) != 2 || words[1] != m.method {
		return false
	}
	_, err := strconv.ParseUint(words[0], 10, 31)
	return err == nil
}

// fits reports whether a body is as long as Content-Length says; a datagram may
// have more behind it (section 18.3).
func fits(length string, body int) bool {
	n, err := strconv.ParseUint(length, 10, 31)
	return length == "" || err == nil && n <= uint64(body)
}

// answer writes a response by section 8.2.6. The tag is for a request that has
// none in To.
func (m *message) answer(status string, fields []string, from netip.AddrPort, tag string) []byte {
	lines := []string{version + " " + status, "Via: " + m.via.answer(from)}
	for _, value := range m.vias {
		lines = append(lines, "Via: "+value)
	}
	to := "To: " + m.to
	if !m.tagged {
		to += ";tag=" + tag
	}
	lines = append(lines, "From: "+m.from, to, "Call-ID: "+m.callID, "CSeq: "+m.cseq)
	lines = append(lines, fields...)
	return []byte(strings.Join(lines, crlf) + crlf + "Content-Length: 0" + crlf + crlf)
}
