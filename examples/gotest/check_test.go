package gotest

import (
	"net/http/httptest"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/device"
)

// The server does what phones need of HTTP, a subtest for each check. http/1 is left out:
// this server gives its file to unknown phones too.
func TestChecks(t *testing.T) {
	server := httptest.NewServer(NewServer(7))
	defer server.Close()
	conform.Run(t, check.Target{
		ProfileRule: server.URL + "/$MA.conf",
		Phones:      []check.Phone{{MAC: device.MAC{0x00, 0x21, 0xf2, 0, 0, 0}}},
	}, conform.Options{Only: []string{"http"}, Skip: []string{"http/1"}})
}
