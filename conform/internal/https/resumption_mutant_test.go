package https_test

import (
	"crypto/tls"
	nethttp "net/http"

	"provsim/conform/internal/testing/proof"
)

var resumptionMutants = proof.Mutants{
	"https/19": {
		// The mutant trusts a resumed session without looking at its certificate.
		Setup: mutant(func(s *server) {
			careful := s.serve
			s.serve = nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.TLS.DidResume {
					s.files.ServeHTTP(w, r)
					return
				}
				careful.ServeHTTP(w, r)
			})
		}),
		Expected: "a refusal, as to a session that is not resumed", Actual: "status 200",
	},
	"https/19 stranger": {
		Setup: mutant(func(s *server) {
			careful := s.serve
			s.tls.ClientAuth = tls.VerifyClientCertIfGiven
			s.serve = nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.TLS.DidResume && len(r.TLS.PeerCertificates) == 0 {
					s.files.ServeHTTP(w, r)
					return
				}
				careful.ServeHTTP(w, r)
			})
		}),
		Expected: "a refusal, as to a session that is not resumed", Actual: "status 200",
	},
	"https/20": {
		Setup: mutant(func(s *server) {
			careful := s.serve
			s.serve = nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
				if r.TLS.DidResume {
					nethttp.Error(w, "who are you?", nethttp.StatusForbidden)
					return
				}
				careful.ServeHTTP(w, r)
			})
		}),
		Expected: "the phone's file", Actual: "status 403",
	},
}
