package web

import (
	"io"
	"net/http"
	"strings"
)

// hints explain a 400 by words of the page that comes with it. They help an
// administrator and decide nothing (FV-OUT-2).
var hints = []struct{ scheme, page, hint string }{
	{"https", "No required SSL certificate was sent", "nginx asks for a client certificate and got none"},
	{"https", "SSL certificate error", "nginx refuses the client certificate"},
	{"http", "plain HTTP request was sent to HTTPS port", "the port speaks https"},
	{"http", "speaking plain HTTP to an SSL-enabled server port", "the port speaks https"},
	{"http", "sent an HTTP request to an HTTPS server", "the port speaks https"},
}

// hint returns what a 400 probably means, to be added to a note, or "".
func hint(scheme string, resp *http.Response) string {
	if resp.StatusCode != http.StatusBadRequest {
		return ""
	}
	page, _ := io.ReadAll(io.LimitReader(resp.Body, drainLimit)) // half a page will do
	for _, h := range hints {
		if h.scheme == scheme && strings.Contains(string(page), h.page) {
			return ": " + h.hint
		}
	}
	return ""
}
