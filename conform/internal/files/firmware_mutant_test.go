package files_test

import (
	"bytes"
	"net/http"
	"strconv"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
)

var firmwareMutants = proof.Mutants{
	"files/21": {
		Setup:    added("DBID_UPGRADE_RULE=https://192.0.2.1/new.bin\n"),
		Expected: "an Upgrade Rule with http or tftp", Actual: "0021f2011b1a: the Upgrade Rule has https",
	},
	"files/21 web page": {
		Setup:    mutant(func(s *setup) { s.Target = func(t *check.Target) { t.UpgradeRule = "https://192.0.2.1/new.bin" } }),
		Expected: "an Upgrade Rule with http or tftp", Actual: "0021f2011b19: the Upgrade Rule has https",
	},
	"files/21 redirect": {
		Setup: mutant(func(s *setup) {
			s.Serve = func(files http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == goodserver.Firmware {
						http.Redirect(w, r, "https://127.0.0.1:1"+r.URL.Path, http.StatusMovedPermanently)
						return
					}
					files.ServeHTTP(w, r)
				})
			}
		}),
		Expected: "no redirect to https", Actual: "/IP542N_v3.4.0.bin leads on to https",
	},
	"files/22": {
		Setup:    mutant(func(s *setup) { delete(s.Files, goodserver.Firmware) }),
		Expected: "firmware where the rule leads", Actual: "/IP542N_v3.4.0.bin: not-found",
	},
	"files/22 in the file": {
		Setup:    mutant(func(s *setup) { s.add(1, "DBID_UPGRADE_RULE="+s.Server+"/$PN.bin\n") }),
		Expected: "firmware where the rule leads", Actual: "/IP542N.bin: not-found",
	},
	"files/23": {
		Setup:    mutant(func(s *setup) { s.Files[goodserver.Firmware] = s.Files[goodserver.Firmware][:1000] }),
		Expected: "firmware of 64 KiB to 64 MiB", Actual: "IP542N_v3.4.0.bin: 1000 bytes",
	},
	"files/23 page": {
		Setup: mutant(func(s *setup) {
			s.Files[goodserver.Firmware] = bytes.Repeat([]byte("<!DOCTYPE html><p>Sign in to download firmware</p>\n"), 2000)
		}),
		Expected: "firmware of 64 KiB to 64 MiB", Actual: "IP542N_v3.4.0.bin: a page",
	},
	"files/23 huge": {
		Setup: mutant(func(s *setup) {
			s.Serve = func(files http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != goodserver.Firmware {
						files.ServeHTTP(w, r)
						return
					}
					w.Header().Set("Content-Length", strconv.Itoa(100<<20))
				})
			}
		}),
		Expected: "firmware of 64 KiB to 64 MiB", Actual: "IP542N_v3.4.0.bin: 104857600 bytes",
	},
}
