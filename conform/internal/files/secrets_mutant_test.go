package files_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
)

var secretMutants = proof.Mutants{
	"files/24": {
		Setup:    mutant(func(s *setup) { s.lock("123456") }),
		Expected: "a key that cannot be guessed", Actual: "0021f2011b19: its file opens with the key of the manual's example",
	},
	"files/24 word": {
		Setup:    mutant(func(s *setup) { s.lock("provisioning") }),
		Expected: "a key that cannot be guessed", Actual: "0021f2011b19: its file opens with one of the most usual passwords",
	},
	"files/25": {
		Setup:    mutant(func(s *setup) { s.Files[s.path(0)+"~"] = s.Files[s.path(0)] }),
		Expected: "nothing that anybody can read", Actual: "/fv0021F2011B19.conf~",
	},
	"files/25 same": {
		Setup: mutant(func(s *setup) {
			s.open(func(*check.Target) {})
			s.Files[s.path(0)+".bak"] = s.Files[s.path(0)]
		}),
		Expected: "nothing that anybody can read", Actual: "/fv0021F2011B19.conf.bak",
	},
	"files/25 source": {
		Setup: mutant(func(s *setup) {
			source := s.Files[s.path(0)]
			for i := range s.Phones {
				name := strings.Replace(s.path(i), ".conf", "-enc.conf", 1)
				s.Files[name], s.Before[name] = s.seal(s.Files[s.path(i)]), s.Before[s.path(i)]
				delete(s.Files, s.path(i))
			}
			s.Serve = beside(s.path(0), source)
			s.Target = func(t *check.Target) { t.ProfileRule = strings.Replace(t.ProfileRule, ".conf", "-enc.conf", 1) }
		}),
		Expected: "nothing that anybody can read", Actual: "/fv0021F2011B19.conf",
	},
	"files/26": {
		Setup:    mutant(func(s *setup) { s.Key = "" }),
		Expected: "nothing secret without key", Actual: "0021f2011b1a: anybody reads DBID_SIP_PASSWORD",
	},
	// Phones of other vendors have passwords too.
	"files/26 Yealink": {
		Setup:    others("#!version:1.0.0.1\n#1732900000.12\naccount.1.user_name = 100\naccount.1.password = s3cret99\n"),
		Expected: "nothing secret without key", Actual: "0021f2011b1a: anybody reads passwords in the clear, in the format Yealink: account.1.password",
		Also: []string{"files/1", "files/8"}, // a Flying Voice phone does nothing with it
	},
	"files/26 XML": {
		Setup:    others("<flat-profile><Password_1_ ua=\"na\">s3cret99</Password_1_></flat-profile>\n"),
		Expected: "nothing secret without key", Actual: "0021f2011b1a: anybody reads passwords in the clear, in the format XML, flat-profile: Password_1_",
		Also: []string{"files/1", "files/8"}, // a Flying Voice phone does nothing with it
	},
	"files/25 Grandstream": {
		Setup: mutant(func(s *setup) {
			s.Files[s.path(0)+".bak"] = []byte("P2=s3cret99\nP34=s3cret99\n")
		}),
		Expected: "nothing that anybody can read", Actual: "/fv0021F2011B19.conf.bak",
	},
	"files/26 rule": {
		Setup: mutant(func(s *setup) {
			s.Key = ""
			for i := range s.Phones {
				s.edit(i, "DBID_SIP_ENABLE=1\t0\t0\t0", "DBID_SIP_ENABLE=0\t0\t0\t0")
				s.Files[s.path(i)] = []byte(strings.Replace(string(s.Files[s.path(i)]), "DBID_SIP_PASSWORD=", "DBID_SIP_PASSWORD=\n#", 1))
			}
			s.add(1, "DBID_PROFILE_RULE="+strings.Replace(s.Server, "://", "://fleet:a5b0d1f2@", 1)+"/fv$(MAU).conf\n")
		}),
		Expected: "nothing secret without key", Actual: "0021f2011b1a: anybody reads the key or password in DBID_PROFILE_RULE",
	},
}

// others is a setup whose files are of another format, as they are.
func others(body string) func(testing.TB) check.Target {
	return mutant(func(s *setup) {
		s.Key = ""
		for i := range s.Phones {
			s.Files[s.path(i)] = []byte(body)
		}
	})
}

// What is in a file of another format is not judged by checks that do not read it.
func TestOtherFormatsPassNoCheckOfSettings(t *testing.T) {
	for _, body := range []string{
		"#!version:1.0.0.1\naccount.1.password = s3cret99\nvoice_mail = 1\n", "P34=100\nP35=100\n",
		"<gs_provision><config><P34>100</P34></config></gs_provision>", "user=100\npassword=100\n", `{"password": "100"}`, "\x01\x02\x03",
	} {
		for _, r := range ask(t, others(body)(t), time.Minute).Results {
			switch r.Check.ID {
			case "files/3", "files/4", "files/5", "files/6", "files/7", "files/24", "files/27", "files/28", "files/29", "files/30", "files/31":
				if r.Verdict != check.Skipped {
					t.Errorf("%.20q: %s: %v, want it skipped; %s", body, r.Check.ID, r.Verdict, r.Actual)
				}
			case "files/26":
				if want := map[bool]check.Verdict{true: check.Skipped, false: check.Failed}[body[0] == 1]; r.Verdict != want {
					t.Errorf("%.20q: %s: %v, want %v; %s", body, r.Check.ID, r.Verdict, want, r.Detail)
				}
			}
		}
	}
}

// lock encrypts the files with another key, which the phones know.
func (s *setup) lock(with string) {
	s.Key = with
	s.Target = func(t *check.Target) { t.ProfileRule = strings.Replace(t.ProfileRule, key, with, 1) }
}

// beside serves one more file.
func beside(path string, body []byte) func(http.Handler) http.Handler {
	return func(files http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				files.ServeHTTP(w, r)
				return
			}
			w.Write(body)
		})
	}
}
