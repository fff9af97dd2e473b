package logs

import "bytes"

// parseSyslog reads the servers' messages in syslog, or in a file of their own in the same
// form: tftpd-hpa, atftpd, dnsmasq, ISC dhcpd and HAProxy.
func (s *daemons) parseSyslog(c *clock, line []byte, e *Entry) Reason {
	if len(line) > 3 && line[0] == '<' { // a priority, as on the network
		if end := bytes.IndexByte(line, '>'); end > 0 && end < 5 {
			line = line[end+1:]
			if len(line) > 2 && line[0] >= '1' && line[0] <= '9' && line[1] == ' ' { // RFC 5424
				line = line[2:]
			}
		}
	}
	*e = Entry{Size: -1, Took: -1}
	at, rest, ok := c.stamp(line)
	if !ok {
		if at, e.Fine, rest, ok = c.iso(line); !ok {
			return Foreign
		}
	}
	e.At = at
	rest = bytes.TrimLeft(rest, " ")
	tag, message, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return Foreign
	}
	if !bytes.HasSuffix(tag, []byte{':'}) { // the host's name
		if tag, message, ok = bytes.Cut(message, []byte{' '}); !ok {
			return Foreign
		}
	}
	if !bytes.HasSuffix(tag, []byte{':'}) { // RFC 5424: program, process, message and data
		process, after, _ := bytes.Cut(message, []byte{' '})
		_, after, _ = bytes.Cut(after, []byte{' '})
		_, after, ok = bytes.Cut(after, []byte{' '})
		if !ok {
			return Foreign
		}
		return s.message(c, tag, process, after, e)
	}
	program, process, _ := bytes.Cut(bytes.TrimSuffix(tag, []byte{':'}), []byte{'['})
	return s.message(c, program, bytes.TrimSuffix(process, []byte{']'}), bytes.TrimLeft(message, " "), e)
}

// message reads what a program says.
func (s *daemons) message(c *clock, program, process, text []byte, e *Entry) Reason {
	switch string(program) {
	case "in.tftpd", "tftpd":
		return s.hpa(process, text, e)
	case "atftpd":
		return s.atftpd(process, text, e)
	case "dnsmasq-tftp":
		return dnsmasqTFTP(text, e)
	case "dnsmasq-dhcp":
		return s.dnsmasqDHCP(text, e)
	case "dhcpd":
		return iscDHCP(text, e)
	case "haproxy":
		return parseHAProxy(c, text, e)
	}
	return Other
}

// daemons is what is remembered between the lines of one file.
type daemons struct {
	asked   map[string]asked // by process: the latest request that has no end yet
	classes map[string]string
}

// asked is a TFTP request whose end is in another line.
type asked struct {
	address, method, path string
}

// mostAsked bounds how many processes and transactions are remembered.
const mostAsked = 4096

// hpa reads tftpd-hpa's lines, which it writes with -v:
//
//	RRQ from 10.0.0.5 filename a.cfg
//	sending NAK (1, File not found) to 10.0.0.5
//
// The second one is of the same process, and is written with -vv.
func (s *daemons) hpa(process, text []byte, e *Entry) Reason {
	e.Kind = TFTP
	if rest, ok := bytes.CutPrefix(text, []byte("sending NAK (")); ok {
		code, rest, _ := bytes.Cut(rest, []byte{','})
		a, known := s.asked[string(process)]
		_, to, _ := bytes.Cut(rest, []byte(") to "))
		if !known || len(to) > 0 && a.address != string(to) {
			return Other
		}
		delete(s.asked, string(process))
		e.Address, e.Method, e.Path, e.Status = []byte(a.address), []byte(a.method), []byte(a.path), 500
		if string(code) == "1" {
			e.Status = 404
		}
		e.Amends = true
		return Good
	}
	rest, ok := bytes.CutPrefix(text, []byte("RRQ from "))
	e.Method = []byte("GET")
	if !ok {
		if rest, ok = bytes.CutPrefix(text, []byte("WRQ from ")); !ok {
			return Other
		}
		e.Method = []byte("PUT")
	}
	from, name, ok := bytes.Cut(rest, []byte(" filename "))
	if !ok {
		return Other
	}
	if before, _, remapped := bytes.Cut(name, []byte(" remapped to ")); remapped {
		name = before
	}
	e.Address, e.Path, e.Status = from, name, 200
	s.remember(process, e)
	return Good
}

// atftpd reads atftpd's lines. A miss follows the line about the request, and is of
// the same thread.
//
//	Serving a.cfg to 10.0.0.5:1234
//	File /srv/tftp/a.cfg not found
func (s *daemons) atftpd(process, text []byte, e *Entry) Reason {
	e.Kind = TFTP
	if bytes.HasPrefix(text, []byte("File ")) && bytes.HasSuffix(text, []byte(" not found")) {
		a, known := s.asked[string(process)]
		if !known {
			return Other
		}
		delete(s.asked, string(process))
		e.Address, e.Method, e.Path, e.Status, e.Amends = []byte(a.address), []byte(a.method), []byte(a.path), 404, true
		return Good
	}
	e.Method = []byte("GET")
	rest, ok := bytes.CutPrefix(text, []byte("Serving "))
	to := []byte(" to ")
	if !ok {
		if rest, ok = bytes.CutPrefix(text, []byte("Fetching from ")); !ok {
			return Other
		}
		e.Method = []byte("PUT")
		client, name, ok := bytes.Cut(rest, to)
		if !ok {
			return Other
		}
		e.Address, e.Path, e.Status = withoutPort(client), name, 200
		return Good
	}
	i := bytes.LastIndex(rest, to)
	if i < 0 {
		return Other
	}
	e.Path, e.Address, e.Status = rest[:i], withoutPort(rest[i+len(to):]), 200
	s.remember(process, e)
	return Good
}

func (s *daemons) remember(process []byte, e *Entry) {
	if s.asked == nil || len(s.asked) >= mostAsked {
		s.asked = map[string]asked{}
	}
	s.asked[string(process)] = asked{string(e.Address), string(e.Method), string(e.Path)}
}

// dnsmasqTFTP reads dnsmasq's lines about TFTP. It writes a transfer when it has ended.
//
//	sent /srv/tftp/a.cfg to 10.0.0.5
//	file /srv/tftp/b.cfg not found for 10.0.0.5
//	failed sending /srv/tftp/a.cfg to 10.0.0.5
func dnsmasqTFTP(text []byte, e *Entry) Reason {
	e.Kind, e.Method = TFTP, []byte("GET")
	for _, form := range []struct {
		begin, between string
		status         int
	}{{"sent ", " to ", 200}, {"file ", " not found for ", 404}, {"failed sending ", " to ", 500}} {
		rest, ok := bytes.CutPrefix(text, []byte(form.begin))
		if !ok {
			continue
		}
		if i := bytes.LastIndex(rest, []byte(form.between)); i > 0 {
			e.Path, e.Address, e.Status = rest[:i], rest[i+len(form.between):], form.status
			return Good
		}
	}
	return Other
}
