package files_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/files"
	"provsim/conform/internal/testing/proof"
)

// limit is how large a configuration may be (FV-NET-1).
const limit = 1 << 20

// noise has no line NAME=value, which it might have by luck.
func noise() []byte {
	body := make([]byte, limit)
	rand.Read(body)
	return bytes.ReplaceAll(body, []byte("="), []byte("-"))
}

// fill repeats a text up to the limit.
func fill(start, text string) []byte {
	return append([]byte(start), bytes.Repeat([]byte(text), (limit-len(start))/len(text))...)
}

// Whatever a file is, each check says something about it, and none gives up.
func TestHostileFiles(t *testing.T) {
	numbered := []byte("DBID_DBASE_VERSION=1\n")
	for i := 0; len(numbered) < limit-32; i++ {
		numbered = fmt.Appendf(numbered, "DBID_PROFLE_RULE%d=x\n", i)
	}
	for _, test := range []struct {
		name string
		body []byte
		want check.Verdict // of files/1
	}{
		{"nothing", nil, check.Failed},
		{"a line of 1 MiB", fill("DBID_DBASE_VERSION=1\nDBID_SIP_PASSWORD=", "x"), check.Passed},
		{"a line of braces", fill("DBID_DBASE_VERSION=1\nDBID_SIP_DIS_NAME=", "{{"), check.Passed},
		{"a line of tabs", fill("DBID_DBASE_VERSION=1\nDBID_SIP_ACCOUNT=", "\t"), check.Passed},
		{"a version of 1 MiB", fill("DBID_DBASE_VERSION=", "7"), check.Passed},
		{"a rule of 1 MiB", fill("DBID_DBASE_VERSION=1\nDBID_PROFILE_RULE=http://127.0.0.1/", "$(MAU)"), check.Passed},
		{"bad lines", fill("DBID_DBASE_VERSION=1\n", "x\n"), check.Passed},
		{"misspelt settings", numbered, check.Passed},
		{"noise", noise(), check.Failed},
		{"NULs", make([]byte, limit), check.Failed},
		{"more than phones take", append(numbered, numbered...), check.Failed},
		{"noise that looks encrypted", append([]byte("Salted__"), noise()[16:]...), check.Failed},
		{"a header that asks for memory", append([]byte("provsim\x00\x01\x1f\xff\xff"), noise()[:200]...), check.Failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := ask(t, start(t, func(s *setup) {
				s.open(func(*check.Target) {})
				for i := range s.Phones {
					s.Files[s.path(i)] = test.body
				}
			}), 5*time.Minute) // all of these files are read at once, on a busy machine too
			for _, r := range report.Results {
				if r.Verdict == check.Errored || r.Check.ID == "files/1" && r.Verdict != test.want {
					t.Errorf("%s: %v, expected %q, actual %q, %s", r.Check.ID, r.Verdict, r.Expected, r.Actual, r.Detail)
				}
			}
		})
	}
}

// A server that does not come to an end makes files/1 fail; what the files hold
// cannot be said then.
func TestHostileServers(t *testing.T) {
	for _, test := range []struct {
		name  string
		serve http.HandlerFunc
	}{
		{"no end", func(w http.ResponseWriter, _ *http.Request) {
			for _, err := w.Write(noise()); err == nil; _, err = w.Write(noise()) {
			}
		}},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"half an answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "DBID_DBASE_VERSION=1\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
		{"a loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := ask(t, start(t, func(s *setup) {
				s.Serve = func(http.Handler) http.Handler { return test.serve }
			}), 2*time.Second)
			if r := report.Results[0]; r.Verdict != check.Failed {
				t.Errorf("%s: %v, actual %q, %s, want it to fail", r.Check.ID, r.Verdict, r.Actual, r.Detail)
			}
		})
	}
}

// No key, no password and no account's password is in a finding, whatever is
// wrong with the files.
func TestFindingsHoldNoSecret(t *testing.T) {
	const secret = "xyzzy"
	for _, test := range []struct{ name, lines string }{
		{"values out of range", "DBID_SIP_PASSWORD=" + secret + "\t" + secret + "\t" + secret + "\t" + secret + "\t" + secret + "\n"},
		{"a template", "DBID_SIP_PASSWORD={{" + secret + "}}\n"},
		{"a password that is the account", "DBID_SIP_PASSWORD=" + secret + "\nDBID_SIP_PHONE_NUM=" + secret + "\n"},
		{"a misspelt name", "DBID_SIP_PASSWRD=" + secret + "\n"},
		{"no setting", secret + "\n"},
		{"a rule's key", "DBID_PROFILE_RULE=[--key " + secret + "]http://127.0.0.1:1/x\n"},
		{"a rule's key that is not closed", "DBID_PROFILE_RULE=[--key '" + secret + "]http://127.0.0.1:1/x\n"},
		{"a rule's password", "DBID_PROFILE_RULE=http://u:" + secret + "@127.0.0.1:1/x\n"},
		{"a rule that does not parse", "DBID_PROFILE_RULE=ftp://u:" + secret + "@127.0.0.1:1/x\n"},
		{"an upgrade's password", "DBID_UPGRADE_RULE=http://u:" + secret + "@127.0.0.1:1/x.bin\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := ask(t, start(t, func(s *setup) {
				s.Key = ""
				for i := range s.Phones {
					s.add(i, test.lines)
				}
			}), 5*time.Minute) // all of these files are read at once, on a busy machine too
			bad := 0
			for _, r := range report.Results {
				if text := r.Expected + r.Actual + r.Detail; strings.Contains(text, secret) || strings.Contains(text, "sample-7") {
					t.Errorf("%s shows a secret: %s", r.Check.ID, text)
				}
				if r.Verdict == check.Failed {
					bad++
				}
			}
			if bad < 2 { // files/26, and what the lines are for
				t.Errorf("%d checks fail, want files/26 and another one", bad)
			}
		})
	}
}

// ask examines a target with all checks of the group, which have their time each.
func ask(t *testing.T, target check.Target, timeout time.Duration) *conform.Report {
	t.Helper()
	report, err := conform.Examine(t.Context(), target, conform.Options{
		Checks: files.Checks(), Patience: proof.Calm * proof.Patience, Timeout: timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
