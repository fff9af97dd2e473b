package https_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/proof"
	"provsim/internal/lab"
)

var certificateMutants = proof.Mutants{
	"https/2": {
		Setup: mutant(func(s *server) {
			between, _ := intermediate(s)
			s.tls.Certificates = []tls.Certificate{pair(s, between, server30)}
		}),
		Expected: "a chain to an authority of the phones", Actual: "1 certificates: x509: certificate signed by unknown authority",
	},
	"https/3": {
		Setup: mutant(func(s *server) {
			between, der := intermediate(s)
			shown := pair(s, between, server30)
			shown.Certificate = [][]byte{shown.Certificate[0], s.tls.Certificates[0].Certificate[0], der}
			s.tls.Certificates = []tls.Certificate{shown}
		}),
		Expected: "the issuer after each certificate", Actual: "certificate 2 is not by the issuer of certificate 1",
	},
	"https/4": {
		Setup:    showing(lab.Leaf{Name: "localhost", Hosts: []string{"pbx.example"}}),
		Expected: "a certificate for localhost", Actual: "a certificate for pbx.example",
	},
	"https/4 CN": {
		Setup:    showing(lab.Leaf{Name: "localhost"}),
		Expected: "a certificate for localhost", Actual: `a certificate without subjectAltNames, CN "localhost"`,
		Also: []string{"https/2"}, // it is a client's certificate
	},
	"https/24": {
		Setup: mutant(func(s *server) {
			shown := s.tls.Certificates[0]
			shown.Certificate = append(shown.Certificate, crossSign(s))
			s.tls.Certificates = []tls.Certificate{shown}
		}),
		Expected: "a chain that ends at or before an authority of the phones", Actual: `issued by "CN=old root"`,
	},
	"https/5": {
		Setup:    showing(lab.Leaf{Name: "server", Hosts: hosts, Expires: time.Now().Add(-time.Minute)}),
		Expected: "certificates that are valid now", Actual: "has expired on ",
	},
	"https/6": {
		Setup:    showing(lab.Leaf{Name: "server", Hosts: hosts, Expires: time.Now().Add(29 * 24 * time.Hour)}),
		Expected: "certificates that last 30 days", Actual: "the first ends on ",
	},
	"https/12": {
		Setup: mutant(func(s *server) {
			key, err := rsa.GenerateKey(rand.Reader, 1024)
			if err != nil {
				s.Fatal(err)
			}
			s.tls.Certificates = []tls.Certificate{selfMade(s, key, x509.SHA256WithRSA)}
		}),
		Expected: "RSA of 2048 bits", Actual: "RSA of 1024 bits",
	},
	"https/12 curve": {
		Setup: mutant(func(s *server) {
			key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
			if err != nil {
				s.Fatal(err)
			}
			leaf := s.tls.Certificates[0]
			shown := selfMade(s, key, x509.ECDSAWithSHA256)
			leaf.Certificate = append(leaf.Certificate, shown.Certificate[0])
			s.tls.Certificates = []tls.Certificate{leaf}
		}),
		Expected: "curves of 256", Actual: "a curve of 224 bits",
		Also: []string{"https/3"}, // it is among the chain without being of it
	},
	"https/22": {
		Setup: mutant(func(s *server) {
			soon := lab.Client(s.target.Phones[1].MAC, "IP542N")
			soon.Expires = time.Now().Add(29 * 24 * time.Hour)
			cert, key, err := s.CA.Issue(soon)
			if err != nil {
				s.Fatal(err)
			}
			s.target.Phones[1].Certificate = check.Certificate{Cert: cert, Key: key}
		}),
		Expected: "certificates that last 30 days", Actual: "that of phone 0021f2011b1a ends on ",
	},
}

var (
	hosts    = []string{"localhost", "127.0.0.1"}
	server30 = lab.Leaf{Name: "server", Hosts: hosts}
)

// crossSign returns the certificate of the phones' authority as an old one, which
// they lack, has issued it.
func crossSign(s *server) []byte {
	block, _ := pem.Decode(s.CA.PEM())
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	old := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "old root"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	cross := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: root.Subject, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: root.SubjectKeyId,
	}
	der, err := x509.CreateCertificate(rand.Reader, cross, old, root.PublicKey, key)
	if err != nil {
		s.Fatal(err)
	}
	return der
}

// showing is a mutant with another certificate of the right authority.
func showing(leaf lab.Leaf) func(testing.TB) check.Target {
	return mutant(func(s *server) { s.tls.Certificates = []tls.Certificate{pair(s, s.CA, leaf)} })
}

func pair(s *server, ca *lab.Authority, leaf lab.Leaf) tls.Certificate {
	cert, key, err := ca.Issue(leaf)
	if err != nil {
		s.Fatal(err)
	}
	both, err := tls.X509KeyPair(cert, key)
	if err != nil {
		s.Fatal(err)
	}
	return both
}

// intermediate returns an authority between, and its certificate.
func intermediate(s *server) (*lab.Authority, []byte) {
	between, err := s.CA.Intermediate("issuing CA")
	if err != nil {
		s.Fatal(err)
	}
	block, _ := pem.Decode(between.PEM())
	return between, block.Bytes
}

// selfMade returns a certificate that has signed itself, and makes phones trust
// it.
func selfMade(s *server, key crypto.Signer, by x509.SignatureAlgorithm) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"}, DNSNames: hosts[:1],
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour), SignatureAlgorithm: by,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		s.Fatal(err)
	}
	s.target.CA = append(append(check.PEM{}, s.target.CA...), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
