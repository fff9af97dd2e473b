//go:build linux

package realservers

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/conform"
	"provsim/conform/check"
)

var rewrite = flag.Bool("rewrite", false, "write the findings and the page anew")

// TestMain lets more setups be examined at the same time than there are
// processors: most of the time is spent in waiting for what must not come.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestFindings(t *testing.T) {
	for _, server := range servers {
		for _, s := range server.setups {
			t.Run(s.record(server), func(t *testing.T) {
				t.Parallel()
				path := server.find(t)
				target, place := s.start(t, path)
				got := s.examine(t, target, place)
				got.Version = server.running(t, path)
				s.hold(t, server, got)
			})
		}
	}
}

// examine asks a target all that applies to it.
func (s *setup) examine(t *testing.T, target check.Target, p place) (r record) {
	t.Helper()
	// Rollover and a rush of clients take a TFTP server more time than all other
	// checks together, and on a busy machine more than a check may take.
	// The time is for a machine that has much else to do.
	options := conform.Options{Allow: check.Allow{Heavy: s.over != "tftp", Destructive: true}, Timeout: time.Minute}
	probe, err := check.NewProbe(&target, check.Settings{Allow: options.Allow})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range conform.Catalogue() {
		if probe.Lacks(c) == "" {
			options.Checks = append(options.Checks, c)
		}
	}
	report, err := conform.Examine(t.Context(), target, options)
	if err != nil {
		t.Fatal(err)
	}
	r.Asked = len(report.Results)
	for _, result := range report.Results {
		r.add(result, strings.NewReplacer(p.Root, "", p.Host, "the server"))
	}
	return r
}

// hold compares the results of a setup with the recorded ones. Another version
// of the server may come to something else, which is no fault of the checks.
func (s *setup) hold(t *testing.T, server *server, got record) {
	t.Helper()
	if *rewrite {
		write(t, s.file(server), got)
		return
	}
	want := read(t, s.file(server))
	of := want.Version
	want.Version = got.Version
	diff := cmp.Diff(want, got)
	switch {
	case diff == "":
	case of != got.Version:
		t.Skipf("findings are of version %s, and version %s comes to others; -rewrite takes them over:\n%s", of, got.Version, diff)
	default:
		t.Errorf("findings before (-) and now (+); -rewrite takes them over:\n%s", diff)
	}
}
