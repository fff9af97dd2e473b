package files_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"provsim/conform/internal/testing/proof"
)

var versionMutants = proof.Mutants{
	"files/8": {
		Setup:    edited("DBID_DBASE_VERSION=1\n", ""),
		Expected: "DBID_DBASE_VERSION with a value", Actual: "0021f2011b1a: no DBID_DBASE_VERSION",
	},
	"files/9": {
		Setup:    edited("VERSION=1\n", "VERSION=1.2\n"),
		Expected: "digits only", Actual: `0021f2011b1a: version "1.2"`,
	},
	"files/10": {
		Setup:    mutant(func(s *setup) { s.varying("SERVER=192.0.2.10\n", "SERVER=192.0.2.%d\n", counter()) }),
		Expected: "the same settings", Actual: `0021f2011b1a: DBID_WEB_SIP_SERVER differs between two transfers, version "1" is the same`,
	},
	"files/12": {
		Setup:    mutant(func(s *setup) { s.varying("VERSION=1\n", "VERSION=%d\n", counter()) }),
		Expected: "the same version", Actual: "0021f2011b1a: another version in the next transfer",
	},
	"files/12 time": {
		Setup:    mutant(func(s *setup) { s.varying("VERSION=1\n", "VERSION=%d\n", func() int64 { return time.Now().Unix() }) }),
		Expected: "the same version", Actual: "0021f2011b1a: another version in the next transfer",
	},
}

func counter() func() int64 {
	var transfers atomic.Int64
	return func() int64 { return transfers.Add(1) }
}

// varying has each transfer of the second phone's file bring another number.
func (s *setup) varying(old, text string, number func() int64) {
	path, plain := s.path(1), s.Files[s.path(1)]
	s.Serve = func(files http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				files.ServeHTTP(w, r)
				return
			}
			w.Write(s.seal(bytes.Replace(plain, []byte(old), fmt.Appendf(nil, text, number()), 1)))
		})
	}
}
