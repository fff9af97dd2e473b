package logs

import "bytes"

// parseHAProxy reads the message of HAProxy's "option httplog":
//
//	10.0.1.2:33317 [06/Feb/2009:12:14:14.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {agent} "GET /x HTTP/1.1"
//
// The time is that of the begin. The User-Agent is known where it is the last captured
// header of the request.
func parseHAProxy(c *clock, line []byte, e *Entry) Reason {
	*e = Entry{Kind: Web, Size: -1, Took: -1}
	client, rest, ok := bytes.Cut(line, []byte(" ["))
	if !ok || bytes.IndexByte(client, ' ') >= 0 {
		return Foreign
	}
	e.Address = withoutPort(client)
	stamp, rest, ok := bytes.Cut(rest, []byte("] "))
	if !ok {
		return Foreign
	}
	if e.At, e.Fine, ok = c.common(stamp); !ok {
		return NoTime
	}
	var fields [5][]byte // frontend, server, timers, status, bytes
	for i := range fields {
		if fields[i], rest, ok = bytes.Cut(rest, []byte{' '}); !ok {
			return Foreign
		}
	}
	timers := bytes.Split(fields[2], []byte{'/'})
	n, isNumber := number(bytes.TrimPrefix(fields[3], []byte{'-'}))
	if len(timers) != 5 || !isNumber || n > 999 {
		return Foreign
	}
	e.Status = int(n)
	if bytes.HasPrefix(fields[3], []byte{'-'}) {
		e.Status = 0
	}
	if size, ok := number(fields[4]); ok {
		e.Size = size
	}
	// The server's own part: waiting for a place (Tw), connecting (Tc), answering (Tr).
	spentMillis := int64(0)
	for _, timer := range timers[1:4] {
		if ms, ok := number(timer); ok {
			spentMillis += ms
		}
	}
	e.Took = spentMillis * 1000
	quote := bytes.IndexByte(rest, '"')
	if quote < 0 {
		return Foreign
	}
	if braced, _, ok := bytes.Cut(rest[:quote], []byte{'}'}); ok {
		if _, captured, ok := bytes.Cut(braced, []byte{'{'}); ok {
			e.Agent = captured[bytes.LastIndexByte(captured, '|')+1:]
		}
	}
	if !splitRequest(bytes.TrimSuffix(rest[quote+1:], []byte{'"'}), e) {
		return NoLine
	}
	return Good
}

// withoutPort returns the address of 10.0.1.2:33317, and of [::1]:80.
func withoutPort(b []byte) []byte {
	if i := bytes.LastIndexByte(b, ':'); i > 0 && (bytes.Count(b, []byte{':'}) == 1 || b[i-1] == ']') {
		b = b[:i]
	}
	return bytes.Trim(b, "[]")
}
