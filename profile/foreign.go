package profile

import "bytes"

// signatures are how files begin that are often served in place of another.
var signatures = []struct{ prefix, what string }{
	{"<", "this looks like HTML or XML, such as a server's error page"},
	{"{", "this looks like JSON"},
	{"Salted__", "this is encrypted, and needs a rule with [--key …]"},
	{"\x1f\x8b", "this is compressed by gzip"},
	{"#!version", "this is for newer phones, whose files have lines name = value after #!version"},
}

// Foreign says what a file is that is often served in place of a configuration,
// or returns "". It goes by the first bytes and shows none of them.
func Foreign(body []byte) string {
	if what := UTF16(body); what != "" {
		return what
	}
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\ufeff")), "\r\n"+blanks)
	for _, s := range signatures {
		if bytes.HasPrefix(body, []byte(s.prefix)) {
			return s.what
		}
	}
	return ""
}

// UTF16 says that a file is UTF-16, as some editors of Windows save it, or
// returns "". Without a byte order mark it goes by the zero bytes that every
// other byte of ASCII text then is.
func UTF16(body []byte) string {
	const advice = "save it as UTF-8 or ANSI"
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return "this is UTF-16 (little endian), " + advice
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return "this is UTF-16 (big endian), " + advice
	}
	head := body[:min(len(body), 64)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch most := len(head) / 2; {
	case most < 2 || zeros[0]+zeros[1] != most:
	case zeros[1] == most:
		return "this is UTF-16 (little endian, without a mark), " + advice
	case zeros[0] == most:
		return "this is UTF-16 (big endian, without a mark), " + advice
	}
	return ""
}
