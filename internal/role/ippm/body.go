package ippm

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// MostBody is the most bytes of a phone's body (DM-KA-1).
const MostBody = 64 << 10

// Forgive returns a JSON text without the comma that some phones leave before a
// closing bracket (DM-KA-1). What is no JSON stays none.
func Forgive(text []byte) []byte {
	clean := make([]byte, 0, len(text))
	inside, escaped := false, false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case !inside && (c == '}' || c == ']'):
			before := bytes.TrimRight(clean, " \t\r\n")
			if n := len(before); n > 0 && before[n-1] == ',' {
				clean = before[:n-1]
			}
		}
		clean = append(clean, c)
	}
	return clean
}

// errBody is about a body that is no object. It holds none of its bytes.
var errBody = errors.New("the body is no JSON object")

// Fields returns the members of an object as texts: strings as they are meant,
// other values as they are written. Of a name that stands twice the last counts.
func Fields(body []byte) (map[string]string, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(Forgive(body), &members) != nil || members == nil {
		return nil, errBody
	}
	fields := make(map[string]string, len(members))
	for name, raw := range members {
		fields[name] = Text(raw)
	}
	return fields, nil
}

// Text returns a value as a text: a string as it is meant, another value as it is
// written. A string without an escape is not parsed again, which most of a phone's are.
func Text(raw json.RawMessage) string {
	if n := len(raw); n > 1 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1])
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return text
}
