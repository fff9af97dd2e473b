package http_test

import (
	"bytes"
	nethttp "net/http"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var paceMutants = proof.Mutants{
	"http/16": {
		Setup: func(t testing.TB) check.Target {
			return limited(t, &nethttp.Server{ReadHeaderTimeout: time.Second}, func(files nethttp.Handler) nethttp.Handler { return files })
		},
		Expected: "the file", Actual: "no file",
		Patience: 3 * time.Second,
	},
	"http/17": {
		Setup: func(t testing.TB) check.Target {
			return limited(t, &nethttp.Server{}, impatient)
		},
		Expected: "the whole file", Actual: "cut short (unexpected EOF)",
		Patience: 4 * time.Second,
	},
}

// limited is a good server with time limits. Its firmware is larger than what
// the sockets of both sides hold, so that the server feels a slow reader.
func limited(t testing.TB, server *nethttp.Server, before func(nethttp.Handler) nethttp.Handler) check.Target {
	s := goodserver.New(t)
	s.Files[goodserver.Firmware] = bytes.Repeat([]byte("firmware"), 7<<17)
	server.Handler = before(webd.Files(s.Files))
	address := webd.Serve(t, server)
	target := s.Target()
	target.Policy.Access = check.Open
	target.ProfileRule = "http://" + address + goodserver.Rule
	target.UpgradeRule = "http://" + address + goodserver.Firmware
	return target
}

// impatient gives each piece of a file a second to go out, which is less than the
// check stops reading for.
func impatient(files nethttp.Handler) nethttp.Handler {
	return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		files.ServeHTTP(&timed{ResponseWriter: w, control: nethttp.NewResponseController(w)}, r)
	})
}

type timed struct {
	nethttp.ResponseWriter
	control *nethttp.ResponseController
}

func (t *timed) Write(body []byte) (int, error) {
	if err := t.control.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		return 0, err
	}
	return t.ResponseWriter.Write(body)
}
