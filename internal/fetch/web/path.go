package web

import "strings"

// escapePath returns a path and query as they go into the request line: only
// bytes that may not stand there are escaped, which are blanks, control bytes,
// bytes above ASCII, and "#", which no server would see. What is escaped
// already stays. A lone "%" stays too: a phone sends it, and the server's
// complaint is what its administrator should see.
func escapePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(path) + 1)
	if !strings.HasPrefix(path, "/") {
		b.WriteByte('/')
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '#' {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unsafeIn reports whether text holds a control byte, which would end a header
// line or start another one.
func unsafeIn(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}
