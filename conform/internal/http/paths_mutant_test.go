package http_test

import (
	"io"
	nethttp "net/http"
	"strings"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var pathMutants = proof.Mutants{
	"http/18": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if r.URL.Path != "/" {
				return false
			}
			io.WriteString(w, "<a href=\"fv0021F2011B1A.conf\">")
			return true
		}),
		Expected: "no list of files", Actual: "a list of files at /",
	},
	"http/19": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !strings.HasPrefix(r.RequestURI, "/%2e%2e/") {
				return false
			}
			io.WriteString(w, "root:x:0:0:root:/root:/bin/sh\n")
			return true
		}),
		Expected: "a refusal", Actual: "a file of the operating system at /%2e%2e/",
	},
	"http/19 aside": {
		Setup: func(t testing.TB) check.Target {
			s := goodserver.New(t)
			files := webd.Files(s.Files)
			target := s.Target()
			target.Policy.Access = check.Open
			target.ProfileRule = "http://" + webd.Start(t, nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				r.URL.Path = strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/prov.."), "/prov")
				files.ServeHTTP(w, r)
			}), nil) + "/prov" + goodserver.Rule
			return target
		},
		Expected: "a refusal", Actual: "the phone's file at /prov../prov/fv0021F2011B19.conf",
	},
	"http/20": {
		Setup: onFile(func(w nethttp.ResponseWriter, r *nethttp.Request) bool {
			if !strings.HasSuffix(r.URL.Path, ".conf~") {
				return false
			}
			io.WriteString(w, "DBID_DBASE_VERSION=1\n")
			return true
		}),
		Expected: "status 404 or 403", Actual: "status 200, 21 bytes at /fv0021F2011B19.conf~",
	},
}
