package conform_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/tftpd"
	"provsim/conform/internal/testing/webd"
	"provsim/internal/dhcp/server"
)

// healthy starts a good setup with all servers: phones are provisioned over
// HTTPS, firmware comes over TFTP.
func healthy(t testing.TB) check.Target {
	s := goodserver.New(t)
	files := &tftpd.Server{Files: s.Files}
	leases, err := server.Start(server.Config{Pools: []server.Pool{{
		First: netip.MustParseAddr("198.51.100.10"), Last: netip.MustParseAddr("198.51.100.99"),
		Options: server.Options{Option66: "127.0.0.1"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leases.Close() })
	target := s.Target()
	target.TFTP = check.TFTP{Server: files.Start(t), Empty: goodserver.Empty, Large: goodserver.Large, Text: goodserver.Text}
	target.ProfileRule = "https://" + webd.Start(t, webd.OwnFileOnly(webd.Files(s.Files), webd.Own), webd.TLS(t, s.CA)) + goodserver.Rule
	target.UpgradeRule = "tftp://" + target.TFTP.Server + goodserver.Firmware
	target.DHCP = check.DHCP{Relay: leases.Addr().String(), Listen: "127.0.0.1:0"}
	return target
}

func TestHealthySetupPasses(t *testing.T) {
	report, err := conform.Examine(t.Context(), healthy(t), conform.Options{Allow: check.Allow{Heavy: true, Destructive: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed && r.Verdict != check.Skipped {
			t.Errorf("%s: %v, expected %q, actual %q, %s", r.Check.ID, r.Verdict, r.Expected, r.Actual, r.Detail)
		}
	}
	if !report.OK() {
		t.Error("the report is not OK")
	}
}

func TestCatalogueIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conform.Catalogue() {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
	}
}

// one is a catalogue of a single check.
func one(run func(context.Context, *check.Probe) check.Finding) conform.Options {
	return conform.Options{Checks: []check.Check{{ID: "own/1", Level: check.Must, Run: run}}, Timeout: time.Millisecond}
}

// With one place, each of two checks waits for the other.
func TestAPatientCheckWaitsBesideOthers(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	await := func(ctx context.Context, c chan struct{}) check.Finding {
		select {
		case <-c:
			return check.Pass("seen")
		case <-ctx.Done():
			return check.Errorf("waiting: %w", ctx.Err())
		}
	}
	report, err := conform.Examine(t.Context(), check.Target{}, conform.Options{Parallel: 1, Checks: []check.Check{
		{ID: "own/1", Run: func(ctx context.Context, _ *check.Probe) check.Finding {
			defer close(ended)
			return await(ctx, began)
		}},
		{ID: "own/2", Patient: true, Run: func(ctx context.Context, _ *check.Probe) check.Finding {
			close(began)
			return await(ctx, ended)
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range report.Results {
		if r.Verdict != check.Passed || r.Check.ID != []string{"own/1", "own/2"}[i] {
			t.Errorf("%s: %v, %s", r.Check.ID, r.Verdict, r.Detail)
		}
	}
}

func TestACheckCannotBreakTheExamination(t *testing.T) {
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	for _, test := range []struct {
		name, detail string
		run          func(context.Context, *check.Probe) check.Finding
	}{
		{"a panic is an error of the check", "the check panicked", func(context.Context, *check.Probe) check.Finding {
			panic("index out of range")
		}},
		{"the time of a check ends", "ran out of time", func(ctx context.Context, _ *check.Probe) check.Finding {
			<-ctx.Done()
			return check.Errorf("waiting: %w", ctx.Err())
		}},
		{"a check that does not end in its time is left behind", "did not end", func(context.Context, *check.Probe) check.Finding {
			<-stuck
			return check.Pass("late")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			report, err := conform.Examine(t.Context(), check.Target{}, one(test.run))
			if err != nil {
				t.Fatal(err)
			}
			r := report.Results[0]
			if r.Verdict != check.Errored || !strings.Contains(r.Detail, test.detail) {
				t.Errorf("%v, %q, want an error that says %q", r.Verdict, r.Detail, test.detail)
			}
		})
	}
}
