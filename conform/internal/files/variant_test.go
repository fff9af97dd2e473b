package files_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
)

// There is more than one way to be right.
func TestOtherGoodSetups(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(*setup)
		skipped string // checks that do not apply, with a blank between them
	}{
		{"files that anybody may read", func(s *setup) { s.open(func(*check.Target) {}) }, "files/24 files/26"},
		{"option 66 leads to the files, and stays on", func(s *setup) {
			s.byOption66()
			for i := range s.Phones {
				s.edit(i, "OPTION66_ENABLED=0", "OPTION66_ENABLED=1")
			}
		}, "files/24 files/26"},
		{"option 66 leads to a file that hands the phone over to a rule", func(s *setup) {
			s.byOption66()
			for i := range s.Phones {
				s.add(i, "DBID_PROFILE_RULE="+s.Server+"/later"+goodserver.Rule+"\n")
				s.Files["/later"+s.path(i)] = s.Files[s.path(i)]
			}
		}, "files/24 files/26"},
		{"the same rule in the files", func(s *setup) {
			for i := range s.Phones {
				s.add(i, "DBID_PROFILE_RULE=[--key '"+key+"']"+s.Server+goodserver.Rule+"\n")
			}
		}, ""},
		{"a server without upper and lower case", func(s *setup) {
			s.Serve = func(files http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					for path := range s.Files {
						if strings.EqualFold(path, r.URL.Path) {
							r.URL.Path = path
						}
					}
					files.ServeHTTP(w, r)
				})
			}
		}, ""},
		{"a program that makes a file for any name", func(s *setup) {
			s.open(func(t *check.Target) { t.Phones, t.UpgradeRule = t.Phones[:1], "" })
			body := s.Files[s.path(0)]
			s.Serve = func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
			}
		}, "files/24 files/25 files/26 files/29 files/30 files/32"},
		{"no earlier file of these phones", func(s *setup) { s.Before = map[string][]byte{"/other.conf": []byte("A=1\n")} }, "files/11"},
		{"an earlier file that is encrypted", func(s *setup) {
			for i := range s.Phones {
				s.Before[s.path(i)] = s.seal(s.Before[s.path(i)])
			}
		}, "files/11"},
		{"an Upgrade Rule in the files, none on the web page", func(s *setup) {
			s.Target = func(t *check.Target) { t.UpgradeRule = "" }
			for i := range s.Phones {
				s.add(i, "DBID_UPGRADE_RULE="+s.Server+goodserver.Firmware+"\n")
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range ask(t, start(t, test.change), time.Minute).Results {
				want := check.Passed
				if strings.Contains(" "+test.skipped+" ", " "+r.Check.ID+" ") {
					want = check.Skipped
				}
				if r.Verdict != want {
					t.Errorf("%s: %v, want %v; expected %q, actual %q, %s", r.Check.ID, r.Verdict, want, r.Expected, r.Actual, r.Detail)
				}
			}
		})
	}
}
