package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"provsim/resync"
)

// AC-RED-1: the Location of a redirect is the answer, and is not followed.
func TestPointed(t *testing.T) {
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/known":
			w.Header().Set("Location", "tftp://h/firmware; <MAC>.cfg")
			w.WriteHeader(http.StatusFound)
		case "/page":
			fmt.Fprint(w, "http://h/")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	for path, want := range map[string]struct {
		outcome resync.Outcome
		body    string
	}{"/known": {resync.None, "tftp://h/firmware; <MAC>.cfg"}, "/page": {resync.HTTPStatus, ""}, "/none": {resync.NotFound, ""}} {
		req := request(t, at+path)
		req.Pointed = true
		if reply := fetch(t, req); reply.Outcome != want.outcome || string(reply.Body) != want.body {
			t.Errorf("%s: %v %q, want %v %q", path, reply.Outcome, reply.Body, want.outcome, want.body)
		}
	}
}
