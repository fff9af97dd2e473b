//go:build linux

package realservers

import (
	"os/exec"
	"regexp"
	"testing"

	"provsim/conform/check"
)

// A server is a program that administrators run.
type server struct {
	name    check.Server
	find    func(testing.TB) string // where it is, or skips the test
	version string                  // the argument that makes it tell its version
	setups  []setup
	tries   []try
}

// servers are those of the page, in its order.
var servers = []*server{&nginx, &apache, &lighttpd, &hpa, &atftpd, &dnsmasq}

// A try is something that was done by hand, with another program than this one,
// to see whether a finding is right.
type try struct {
	checks []string // the IDs that it is about
	how    string   // the command, or what was done
	saw    string   // the result
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

// running returns the version of a program.
func (s *server) running(t *testing.T, path string) string {
	t.Helper()
	output, err := exec.Command(path, s.version).CombinedOutput()
	version := number.FindString(string(output))
	if version == "" {
		t.Fatalf("%s %s: no version in %q: %v", path, s.version, output, err)
	}
	return version
}
