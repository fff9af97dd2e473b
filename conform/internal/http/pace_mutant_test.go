package http_test

import (
	"bytes"
	nethttp "net/http"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/proof"
	"provsim/conform/internal/site"
	"provsim/conform/internal/webd"
)

var paceMutants = proof.Mutants{
	"http/16": {
		Setup: func(t testing.TB) check.Target {
			return limited(t, &nethttp.Server{ReadHeaderTimeout: 500 * time.Millisecond})
		},
		Expected: "the file", Actual: "no file",
		Patience: time.Second,
	},
	"http/17": {
		Setup: func(t testing.TB) check.Target {
			return limited(t, &nethttp.Server{WriteTimeout: time.Second})
		},
		Expected: "the whole file", Actual: "cut short (unexpected EOF)",
		Patience: 3 * time.Second,
	},
}

// limited is a good server with time limits. Its firmware is larger than what
// the sockets of both sides hold, so that the server feels a slow reader.
func limited(t testing.TB, server *nethttp.Server) check.Target {
	s := site.New(t)
	s.Files[site.Firmware] = bytes.Repeat([]byte("firmware"), 7<<17)
	server.Handler = webd.Files(s.Files)
	address := webd.Serve(t, server)
	target := s.Target()
	target.Policy.Access = check.Open
	target.ProfileRule = "http://" + address + site.Rule
	target.UpgradeRule = "http://" + address + site.Firmware
	return target
}
