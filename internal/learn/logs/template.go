package logs

import (
	"bytes"
	"fmt"
	"strings"
)

// field is what a variable of a format is used for.
type field uint8

const (
	skip field = iota
	address
	timeLocal // 30/Nov/2026:08:36:57 +0000
	timeISO   // 2026-11-30T08:36:57+00:00
	timeEpoch // seconds
	request   // GET /x HTTP/1.1
	method    // GET
	uri       // /x?y
	status
	size
	agent
	tookSecs   // 0.012
	tookMicros // 12000
	tookMillis // 12
	upstream   // 0.012, of the server behind; only where there is no other
	tail       // what follows a combined line
)

// nginxVars are the variables of nginx's log_format that learn uses.
var nginxVars = map[string]field{
	"remote_addr": address, "provsim_tail": tail, "time_local": timeLocal, "time_iso8601": timeISO, "msec": timeEpoch,
	"request": request, "request_method": method, "request_uri": uri, "uri": uri, "status": status,
	"body_bytes_sent": size, "bytes_sent": size, "http_user_agent": agent, "request_time": tookSecs, "upstream_response_time": upstream,
}

// apacheVars are the directives of Apache's LogFormat that learn uses; lighttpd has the
// same.
var apacheVars = map[string]field{
	"h": address, "a": address, "t": timeLocal, "r": request, "m": method, "U": uri, "s": status, "b": size, "B": size, "O": size,
	"{user-agent}i": agent, "D": tookMicros, "{us}T": tookMicros, "{ms}T": tookMillis, "T": tookSecs, "{s}T": tookSecs,
}

// piece is a variable, and the text that stands before it.
type piece struct {
	before []byte
	is     field
}

// template is the form of a line: texts, and what stands between them.
type template struct {
	pieces []piece
	after  []byte
}

// compile reads a format as nginx or Apache write it.
func compile(format string) (*template, error) {
	t := &template{}
	nginx := strings.Contains(format, "$")
	if !nginx {
		format = strings.ReplaceAll(format, `\"`, `"`)
	}
	has := map[field]bool{}
	text := ""
	for rest := format; rest != ""; {
		var is field
		var n int
		switch {
		case nginx && rest[0] == '$':
			is, n = nginxVar(rest)
		case !nginx && rest[0] == '%' && len(rest) > 1:
			is, n = apacheVar(rest)
		}
		if n == 0 {
			text, rest = text+rest[:1], rest[1:]
			continue
		}
		rest = rest[n:]
		if is == timeLocal && !nginx { // Apache's %t has the brackets in itself
			text += "["
			if !strings.HasPrefix(rest, "]") {
				rest = "]" + rest
			}
		}
		if len(t.pieces) > 0 && text == "" {
			return nil, fmt.Errorf("two variables stand side by side before %.20q, want a text between them", rest)
		}
		t.pieces = append(t.pieces, piece{[]byte(text), is})
		has[is], text = true, ""
	}
	t.after = []byte(text)
	switch {
	case !has[address]:
		return nil, fmt.Errorf("no variable is the client's address, want $remote_addr or %%h")
	case !has[timeLocal] && !has[timeISO] && !has[timeEpoch]:
		return nil, fmt.Errorf("no variable is the time, want $time_local, $time_iso8601, $msec or %%t")
	case !has[request] && !has[uri]:
		return nil, fmt.Errorf("no variable is the request, want $request, $request_uri, %%r or %%U")
	}
	return t, nil
}

// nginxVar returns what the variable at the begin of a text is, and its length.
func nginxVar(text string) (field, int) {
	name := text[1:]
	if braced, ok := strings.CutPrefix(name, "{"); ok {
		name, _, _ = strings.Cut(braced, "}")
		return nginxVars[name], len(name) + 3
	}
	n := 0
	for n < len(name) && (name[n] == '_' || name[n] >= '0' && name[n] <= '9' || name[n] >= 'a' && name[n] <= 'z' || name[n] >= 'A' && name[n] <= 'Z') {
		n++
	}
	if n == 0 {
		return skip, 0
	}
	return nginxVars[name[:n]], n + 1
}

// apacheVar returns what the directive at the begin of a text is, and its length.
func apacheVar(text string) (field, int) {
	n := 1
	for n < len(text) && strings.IndexByte("<>!,0123456789", text[n]) >= 0 {
		n++
	}
	name := ""
	if n < len(text) && text[n] == '{' {
		end := strings.IndexByte(text[n:], '}')
		if end < 0 {
			return skip, 0
		}
		name, n = strings.ToLower(text[n:n+end+1]), n+end+1
	}
	if n == len(text) {
		return skip, 0
	}
	return apacheVars[name+text[n:n+1]], n + 1
}

// parse reads a line.
func (t *template) parse(c *clock, line []byte, e *Entry) Reason {
	e.Kind, e.Size, e.Took = Web, -1, -1
	timed, fine := false, false
	ended := int64(0)
	if !bytes.HasPrefix(line, t.pieces[0].before) {
		return Foreign
	}
	for i := range t.pieces {
		p := &t.pieces[i]
		line = line[len(p.before):] // which the value before it has ended at
		next := t.after
		if i+1 < len(t.pieces) {
			next = t.pieces[i+1].before
		}
		end := valueEnd(line, next)
		if end < 0 {
			return Foreign
		}
		value := line[:end]
		line = line[end:]
		ok := true
		switch p.is {
		case address:
			e.Address = value
		case timeLocal:
			ended, fine, timed = c.common(value)
			ok = timed
		case timeISO:
			ended, fine, _, timed = c.iso(value)
			ok = timed
		case timeEpoch:
			ended, fine, timed = epoch(string(value))
			ok = timed
		case request:
			if !splitRequest(value, e) {
				return NoLine
			}
		case method:
			e.Method = value
		case uri:
			e.Path = withoutQuery(value)
		case status:
			n, isNumber := number(value)
			if !isNumber || n > 999 {
				return Foreign
			}
			e.Status = int(n)
		case size:
			if n, isNumber := number(value); isNumber {
				e.Size = n
			}
		case agent:
			e.Agent = value
		case tookSecs:
			e.Took = spent(value, 1e6)
		case tookMicros:
			e.Took = spent(value, 1)
		case tookMillis:
			e.Took = spent(value, 1e3)
		case upstream:
			if e.Took < 0 {
				e.Took = spent(value, 1e6)
			}
		case tail:
			further(value, e)
		}
		if !ok {
			return NoTime
		}
	}
	e.At, e.Fine = ended, fine
	if e.Took > 0 && fine {
		e.At -= e.Took // logs of web servers have the time of the end
	}
	return Good
}

// valueEnd returns where a value ends that a text follows. In quotes a backslash takes
// the next byte with it.
func valueEnd(line, next []byte) int {
	if len(next) == 0 {
		return len(line)
	}
	for from := 0; ; {
		i := bytes.IndexByte(line[from:], next[0])
		if i < 0 {
			return -1
		}
		i += from
		slashes := 0
		for next[0] == '"' && i-slashes > 0 && line[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 && (len(next) == 1 || bytes.HasPrefix(line[i:], next)) {
			return i
		}
		from = i + 1
	}
}

// splitRequest reads GET /path?query HTTP/1.1.
func splitRequest(line []byte, e *Entry) bool {
	space := bytes.IndexByte(line, ' ')
	if space <= 0 || space > 16 {
		return false
	}
	e.Method = line[:space]
	for _, c := range e.Method {
		if (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	target := line[space+1:]
	if end := bytes.LastIndexByte(target, ' '); end >= 0 && bytes.HasPrefix(target[end:], []byte(" HTTP/")) {
		target = target[:end]
	}
	e.Path = withoutQuery(target)
	return len(e.Path) > 0
}

// withoutQuery returns the path of a target: without the query and the fragment, and
// without scheme and host, which may hold a password.
func withoutQuery(target []byte) []byte {
	for _, mark := range [...]byte{'?', '#', ';'} {
		if end := bytes.IndexByte(target, mark); end >= 0 {
			target = target[:end]
		}
	}
	if len(target) > 0 && target[0] != '/' {
		if at := bytes.Index(target, []byte("://")); at >= 0 {
			host := target[at+3:]
			slash := bytes.IndexByte(host, '/')
			if slash < 0 {
				return []byte("/")
			}
			return host[slash:]
		}
	}
	return target
}

// further reads what follows the User-Agent of a combined line: named times, and one
// with three digits after its point, which is nginx's $request_time.
func further(text []byte, e *Entry) {
	if alone := bytes.TrimLeft(text, " "); isMillis(alone) {
		e.Took = spent(alone, 1e6)
		return
	}
	for part := range bytes.FieldsSeq(text) {
		name, value, named := bytes.Cut(part, []byte{'='})
		if !named {
			value = part
		}
		value = bytes.Trim(value, `",`)
		if named && (string(name) == "rt" || string(name) == "request_time") || !named && e.Took < 0 && isMillis(value) {
			e.Took = spent(value, 1e6)
		}
	}
}

// isMillis reports whether a text is a number with three digits after the point.
func isMillis(b []byte) bool {
	dot := bytes.IndexByte(b, '.')
	if dot < 1 || len(b)-dot != 4 {
		return false
	}
	_, whole := number(b[:dot])
	_, part := number(b[dot+1:])
	return whole && part
}
