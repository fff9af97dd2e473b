package http

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

func TestFaultsOfFraming(t *testing.T) {
	for _, test := range []struct{ name, answer, fault, told string }{
		{"a length", "Content-Length: 3\r\n\r\nabc", "", "Content-Length 3"},
		{"no length", "\r\nabc", "", ""},
		{"a length twice, the same", "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "", "Content-Length 3"},
		{"two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "Content-Length 3 and 4", "Content-Length 3"},
		{"a length that is too short", "Content-Length: 2\r\n\r\nabc", "Content-Length 2, 3 bytes came", "Content-Length 2"},
		{"a length that is too long", "Content-Length: 4\r\n\r\nabc", "Content-Length 4, 3 bytes came", "Content-Length 4"},
		{"a length with a sign", "Content-Length: +3\r\n\r\nabc", `Content-Length "+3"`, "Content-Length +3"},
		{"chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "", "chunks"},
		{"chunks with a trailer", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "", "chunks"},
		{"chunks without an end", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "chunks that do not parse: unexpected EOF", "chunks"},
		{"both", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "both Content-Length and Transfer-Encoding", "chunks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := parseRaw([]byte("HTTP/1.1 200 OK\r\n" + test.answer))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.fault(); got != test.fault {
				t.Errorf("fault %q, want %q", got, test.fault)
			}
			if got := r.told(); got != test.told {
				t.Errorf("told by %q, want %q", got, test.told)
			}
		})
	}
}

// FuzzRaw takes anything for what came on a connection.
func FuzzRaw(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\nContent-Length: 1\r\n\r\n",
		"HTTP/1.0 -1\r\n : \r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRaw(text)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(text, r.rest) {
			t.Errorf("what follows the head is %q, not the end of %q", r.rest, text)
		}
		if length, ok := strings.CutPrefix(r.told(), "Content-Length "); ok && r.fault() == "" {
			if n, err := strconv.Atoi(length); err != nil || n != len(r.rest) {
				t.Errorf("%d bytes after a head that announces %s", len(r.rest), length)
			}
		}
	})
}
