package https_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/internal/lab"
)

var clientMutants = proof.Mutants{
	"https/1": {
		Setup: mutant(func(s *server) {
			laxly(s)
			s.tls.ClientAuth = tls.VerifyClientCertIfGiven
		}),
		Expected: "a refusal in the handshake", Actual: "status 200",
		Also: []string{"https/18", "https/19"}, // no name and no session is needed to get in
	},
	"https/14": {
		Setup:    shaken(func(c *tls.Config) { c.ClientAuth = tls.NoClientCert }),
		Expected: "a request for a certificate", Actual: "no request for a certificate, and no file",
	},
	"https/15": {
		// It looks at the issuer's name, not at its signature.
		Setup: verifying(func(_, leaf *x509.Certificate) error {
			if leaf.Issuer.CommonName != "provisioning CA" || time.Now().After(leaf.NotAfter) {
				return errors.New("refused")
			}
			return nil
		}),
		Expected: "a refusal in the handshake", Actual: "status 200",
	},
	"https/16": {
		Setup:    verifying(func(ca, leaf *x509.Certificate) error { return leaf.CheckSignatureFrom(ca) }),
		Expected: "a refusal in the handshake", Actual: "status 200",
	},
	"https/23": {
		Setup: mutant(func(s *server) {
			other, err := lab.NewAuthority("another CA", lab.ECDSA)
			if err != nil {
				s.Fatal(err)
			}
			verify(s, func(ca, leaf *x509.Certificate) error {
				_, err := leaf.Verify(x509.VerifyOptions{Roots: s.CA.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
				return err
			})
			s.tls.ClientCAs = other.Pool()
		}),
		Expected: "fits the phone's certificate", Actual: "not signed by an acceptable CA",
	},
}

// verify makes a server look at client certificates in its own way.
func verify(s *server, accept func(ca, leaf *x509.Certificate) error) {
	block, _ := pem.Decode(s.CA.PEM())
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.Fatal(err)
	}
	s.tls.ClientAuth = tls.RequireAnyClientCert
	s.tls.VerifyConnection = func(state tls.ConnectionState) error { return accept(ca, state.PeerCertificates[0]) }
}

func verifying(accept func(ca, leaf *x509.Certificate) error) func(testing.TB) check.Target {
	return mutant(func(s *server) { verify(s, accept) })
}
