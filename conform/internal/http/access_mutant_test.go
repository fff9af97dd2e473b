package http_test

import (
	"crypto/tls"
	nethttp "net/http"
	"slices"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/http"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var accessMutants = proof.Mutants{
	"http/32": {
		Setup:    mutant(func(files nethttp.Handler) nethttp.Handler { return webd.Password(files, "Digest", "phone", "secret") }),
		Expected: "no password, as declared", Actual: "status 401",
		Also: []string{"http/2"}, // the rule has no password
	},
	"http/32 open": {
		Setup:    byPassword(func(files nethttp.Handler) nethttp.Handler { return files }),
		Expected: "status 401 without a password", Actual: "status 200",
	},
	"http/32 any": {
		Setup: byPassword(func(files nethttp.Handler) nethttp.Handler {
			locked := webd.Password(files, "Digest", "phone", "secret")
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.Header.Get("Authorization") != "" {
					files.ServeHTTP(w, r)
					return
				}
				locked.ServeHTTP(w, r)
			})
		}),
		Expected: "status 401 to a wrong password", Actual: "status 200",
	},
	"http/32 scheme": {
		Setup: byPassword(func(nethttp.Handler) nethttp.Handler {
			return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
				w.Header().Set("WWW-Authenticate", "Negotiate")
				nethttp.Error(w, "no", nethttp.StatusUnauthorized)
			})
		}),
		Expected: "a challenge of Basic or Digest", Actual: "WWW-Authenticate: negotiate",
		Also: []string{"http/2"}, // the rule's password opens nothing
	},
	"http/32 another": {
		Setup:    byPassword(func(files nethttp.Handler) nethttp.Handler { return webd.Password(files, "Digest", "phone", "other") }),
		Expected: "the rule's user and password", Actual: "status 401",
		Also: []string{"http/2"},
	},
	"http/33": {
		Setup:    byPassword(func(files nethttp.Handler) nethttp.Handler { return webd.Password(files, "Basic", "phone", "secret") }),
		Expected: "Digest, or HTTPS", Actual: "Basic over plain HTTP",
	},
}

// byPassword is a server whose files are declared to need a password, which the
// phones' rule has.
func byPassword(locked func(nethttp.Handler) nethttp.Handler) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target {
		target := served(t, locked)
		target.Policy.Access = check.ByPassword
		target.ProfileRule = strings.Replace(target.ProfileRule, "://", "://phone:secret@", 1)
		return target
	}
}

func TestPasswordsAreGiven(t *testing.T) {
	digested := func(files nethttp.Handler) nethttp.Handler { return webd.Password(files, "Digest", "phone", "secret") }
	for name, target := range map[string]check.Target{
		"Digest over HTTP": byPassword(digested)(t),
		"Basic over HTTPS": basicOverTLS(t),
	} {
		t.Run(name, func(t *testing.T) {
			report, err := conform.Examine(t.Context(), target, conform.Options{Checks: http.Checks(), Patience: proof.Calm * proof.Patience})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Verdict != check.Passed && !slices.Contains(r.Check.Needs, check.Destructive) {
					t.Errorf("%s: %v where a password is needed; %q, %s", r.Check.ID, r.Verdict, r.Actual, r.Detail)
				}
				if text := r.Expected + r.Actual + r.Detail; strings.Contains(text, "secret") {
					t.Errorf("%s tells the password: %s", r.Check.ID, text)
				}
			}
		})
	}
}

func basicOverTLS(t testing.TB) check.Target {
	s := goodserver.New(t)
	config := webd.TLS(t, s.CA)
	config.ClientAuth = tls.NoClientCert
	target := s.Target()
	target.Policy.Access = check.ByPassword
	target.ProfileRule = "https://phone:secret@" + webd.Start(t, webd.Password(webd.Files(s.Files), "Basic", "phone", "secret"), config) + goodserver.Rule
	return target
}
