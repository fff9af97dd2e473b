package https_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/https"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/webd"
)

func TestHostileServersEndInFindings(t *testing.T) {
	for name, way := range webd.Hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := goodserver.New(t).Target()
			target.ProfileRule = "https://" + webd.Treat(t, way) + goodserver.Rule
			endsInFindings(t, target, 100*time.Millisecond)
		})
	}
}

// Certificate bombs: chains that are longer than any.
func TestCertificateBombsEndInFindings(t *testing.T) {
	for _, test := range []struct {
		name string
		bomb func(*server)
	}{
		{"hundreds of certificates", func(s *server) { s.tls.Certificates = []tls.Certificate{repeated(s, 300)} }},
		{"more than a handshake holds", func(s *server) { s.tls.Certificates = []tls.Certificate{repeated(s, 2000)} }},
		{"many issuers of the same name", func(s *server) {
			shown := repeated(s, 1)
			for range 50 {
				_, der := intermediate(s)
				shown.Certificate = append(shown.Certificate, der)
			}
			s.tls.Certificates = []tls.Certificate{shown}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// These servers answer, which takes a busy machine its time.
			endsInFindings(t, mutant(test.bomb)(t), 30*time.Second)
		})
	}
}

// repeated returns a certificate whose chain is itself many times.
func repeated(s *server, times int) tls.Certificate {
	shown := s.tls.Certificates[0]
	one := shown.Certificate[0]
	for range times {
		shown.Certificate = append(shown.Certificate, one)
	}
	return shown
}

func endsInFindings(t *testing.T, target check.Target, patience time.Duration) {
	t.Helper()
	report, err := conform.Examine(t.Context(), target, conform.Options{Checks: https.Checks(), Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	if report.OK() {
		t.Error("nothing was found wrong")
	}
	for _, r := range report.Results {
		if strings.Contains(r.Detail, "panicked") || strings.Contains(r.Detail, "did not end") {
			t.Errorf("%s: %s", r.Check.ID, r.Detail)
		}
	}
}
