package https_test

import (
	"crypto/tls"
	nethttp "net/http"
	"strings"
	"testing"

	"provsim/conform/check"
	"provsim/conform/internal/https"
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/webd"
)

func TestProof(t *testing.T) {
	proof.Prove(t, https.Checks(), good, clientMutants, fileAccessMutants, certificateMutants, versionMutants, resumptionMutants)
}

// A server is a good one before it starts, for a mutant to change.
type server struct {
	testing.TB
	*goodserver.Setup
	tls    *tls.Config
	files  nethttp.Handler // all of them
	serve  nethttp.Handler // to each phone its own
	target check.Target
}

func good(t testing.TB) check.Target { return mutant(func(*server) {})(t) }

// mutant is a good server with a change.
func mutant(change func(*server)) func(testing.TB) check.Target {
	return func(t testing.TB) check.Target {
		s := &server{TB: t, Setup: goodserver.New(t)}
		s.tls, s.files, s.target = webd.TLS(t, s.CA), webd.Files(s.Files), s.Setup.Target()
		s.serve = webd.OwnFileOnly(s.files, webd.Own)
		change(s)
		address := webd.Start(t, s.serve, s.tls)
		// By name, for an address is not sent in the handshake.
		s.target.ProfileRule = "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + goodserver.Rule
		return s.target
	}
}

// shaken is a mutant whose handshake is changed.
func shaken(change func(*tls.Config)) func(testing.TB) check.Target {
	return mutant(func(s *server) { change(s.tls) })
}

// laxly serves its own file to each phone, and any file to other clients that the
// handshake lets in.
func laxly(s *server) {
	careful := s.serve
	s.serve = nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if len(r.TLS.PeerCertificates) == 0 {
			s.files.ServeHTTP(w, r)
			return
		}
		careful.ServeHTTP(w, r)
	})
}
