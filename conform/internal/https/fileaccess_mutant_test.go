package https_test

import (
	"crypto/tls"
	nethttp "net/http"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

var fileAccessMutants = proof.Mutants{
	"https/17": {
		Setup:    mutant(func(s *server) { s.serve = s.files }),
		Expected: "a refusal in the handshake", Actual: "status 200",
	},
	"https/18": {
		Setup: mutant(func(s *server) {
			laxly(s)
			s.tls.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				if hello.ServerName != "provsim.invalid" {
					return nil, nil
				}
				return &tls.Config{Certificates: s.tls.Certificates}, nil
			}
		}),
		Expected: "a refusal in the handshake", Actual: "status 200",
	},
	"https/18 host": {
		// A shop on the same address has the same folder.
		Setup: mutant(func(s *server) {
			careful := s.serve
			s.tls.ClientAuth = tls.VerifyClientCertIfGiven
			s.serve = nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.Host == "provsim.invalid" {
					s.files.ServeHTTP(w, r)
					return
				}
				careful.ServeHTTP(w, r)
			})
		}),
		Expected: "a refusal in the handshake", Actual: "status 200",
	},
	"https/21": {
		Setup:    mutant(func(s *server) { s.target.HTTP = "http://" + webd.Start(s, s.files, nil) }),
		Expected: "no file over plain HTTP", Actual: "status 200",
	},
}
