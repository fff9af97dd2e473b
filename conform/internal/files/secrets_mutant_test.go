package files_test

import (
	"net/http"
	"strings"

	"provsim/conform/check"
	"provsim/conform/internal/proof"
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
