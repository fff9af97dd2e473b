package logs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// jsonNames are the names that members of JSON logs have, for what they are used. Those
// of nginx's variables are known too.
var jsonNames = map[string]field{
	"remote_ip": address, "client_ip": address, "client": address, "remote_host": address, "ip": address,
	"time": timeISO, "timestamp": timeISO, "@timestamp": timeISO, "ts": timeEpoch,
	"method": method, "path": uri, "url": uri, "response_status": status, "size": size, "bytes": size, "bytes_sent": size,
	"user_agent": agent, "user-agent": agent, "agent": agent, "useragent": agent, "duration": tookSecs, "duration_us": tookMicros, "duration_ms": tookMillis,
}

// parseJSON reads a line of a JSON log: one object, as nginx and Apache can be told to
// write it, and as Caddy does, with a request and its headers as objects inside.
func parseJSON(c *clock, line []byte, e *Entry) Reason {
	var object map[string]any
	if err := json.Unmarshal(line, &object); err != nil {
		return Foreign
	}
	*e = Entry{Kind: Web, Size: -1, Took: -1}
	j := jsonLine{c: c, e: e}
	j.object(object)
	switch {
	case !j.timed:
		return NoTime
	case e.Address == nil:
		return Foreign
	case len(e.Path) == 0:
		return NoLine
	}
	if e.Took > 0 && e.Fine {
		e.At -= e.Took
	}
	return Good
}

type jsonLine struct {
	c     *clock
	e     *Entry
	timed bool
}

// object reads the members that are known. Of several for one field the first by its
// name counts, such as Caddy's client_ip before remote_ip, which may be a proxy's.
func (j *jsonLine) object(members map[string]any) {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(members))) {
		value := members[name]
		lower := strings.ToLower(name)
		if inner, ok := value.(map[string]any); ok {
			if lower == "request" || lower == "headers" {
				j.object(inner)
			}
			continue
		}
		text := ""
		switch value := value.(type) {
		case string:
			text = value
		case float64:
			text = strconv.FormatFloat(value, 'f', -1, 64)
		case []any: // a header of Caddy
			if len(value) > 0 {
				text, _ = value[0].(string)
			}
		}
		is, ok := jsonNames[lower]
		if !ok {
			is = nginxVars[lower]
		}
		j.member(is, text)
	}
}

func (j *jsonLine) member(is field, text string) {
	e := j.e
	switch is {
	case address:
		e.Address = []byte(text)
	case timeLocal, timeISO, timeEpoch:
		for _, read := range []func() (int64, bool, bool){
			func() (int64, bool, bool) { return j.c.common([]byte(text)) },
			func() (int64, bool, bool) { at, fine, _, ok := j.c.iso([]byte(text)); return at, fine, ok },
			func() (int64, bool, bool) { return epoch(text) },
		} {
			if at, fine, ok := read(); ok && (fine || !j.timed) {
				e.At, e.Fine, j.timed = at, fine, true
			}
		}
	case request:
		splitRequest([]byte(text), e)
	case method:
		e.Method = []byte(text)
	case uri:
		e.Path = withoutQuery([]byte(text))
	case status:
		if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < 1000 {
			e.Status = n
		}
	case size:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			e.Size = n
		}
	case agent:
		e.Agent = []byte(text)
	case tookSecs:
		e.Took = spent([]byte(text), 1e6)
	case tookMicros:
		e.Took = spent([]byte(text), 1)
	case tookMillis:
		e.Took = spent([]byte(text), 1e3)
	case upstream:
		if e.Took < 0 {
			e.Took = spent([]byte(text), 1e6)
		}
	}
}
