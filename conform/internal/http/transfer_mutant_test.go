package http_test

import (
	nethttp "net/http"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var transferMutants = proof.Mutants{
	"http/3": {
		Setup:    framed("Content-Length: 10\r\n\r\nDBID_X=1\r\nrest"),
		Expected: "a body that ends where it should", Actual: "Content-Length 10, 14 bytes came",
	},
	"http/3 both": {
		Setup:    framed("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\na\r\nDBID_X=1\r\n\r\n0\r\n\r\n"),
		Expected: "a body that ends where it should", Actual: "both Content-Length and Transfer-Encoding",
		Also: []string{"http/11"}, // it sends chunks to HTTP/1.0 too
	},
	"http/3 after": {
		Setup:    framed("Transfer-Encoding: chunked\r\n\r\na\r\nDBID_X=1\r\n\r\n0\r\n\r\nrest"),
		Expected: "a body that ends where it should", Actual: "or 6 bytes after it",
		Also: []string{"http/11"},
	},
	"http/4": {
		Setup:    framed("\r\nDBID_X=1\r\n"),
		Expected: "Content-Length or chunks", Actual: "until the connection ends",
	},
	"http/5": {
		Setup:    header("Content-Encoding", "gzip"),
		Expected: "no Content-Encoding", Actual: "Content-Encoding: gzip",
	},
	"http/6": {
		Setup:    headOnly("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"),
		Expected: "status 200", Actual: "status 405",
	},
	"http/6 body": {
		Setup:    headOnly("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"),
		Expected: "no body", Actual: "4 bytes after the head",
	},
	"http/6 length": {
		Setup:    headOnly("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"),
		Expected: "a length as by GET", Actual: "Content-Length 4, by GET ",
	},
}

// framed is a mutant that answers with a file of its own; the text begins with
// the fields that say how long it is.
func framed(text string) func(testing.TB) check.Target {
	return onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
		switch {
		case !isConfig(r):
			return false
		case r.Method == "HEAD":
			webd.Raw(w, "HTTP/1.1 200 OK\r\n\r\n")
			return true
		case r.Method != "GET":
			return false
		}
		webd.Raw(w, "HTTP/1.1 200 OK\r\nDate: "+time.Now().UTC().Format(nethttp.TimeFormat)+
			"\r\nCache-Control: no-store\r\nConnection: close\r\n"+text)
		return true
	})
}

func headOnly(answer string) func(testing.TB) check.Target {
	return onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
		if r.Method != "HEAD" {
			return false
		}
		webd.Raw(w, answer)
		return true
	})
}
