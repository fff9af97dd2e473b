package https_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/https"
	"provsim/conform/internal/testing/proof"
	"provsim/device"
	"provsim/internal/lab"
)

var versionMutants = proof.Mutants{
	"https/7": {
		Setup:    shaken(func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }),
		Expected: "TLS 1.2", Actual: "a refusal",
		Also: []string{"https/10"}, // asks with TLS 1.2, as such phones do
	},
	"https/8": {
		Setup:    shaken(func(c *tls.Config) { c.MinVersion = tls.VersionTLS11 }),
		Expected: "TLS 1.2 and newer only", Actual: "TLS 1.1",
	},
	"https/8 declared": {
		Setup:    mutant(func(s *server) { s.target.Policy.LegacyPhones = true }),
		Expected: "TLS 1.0 with an RSA certificate and AES-CBC, as declared", Actual: "a refusal",
	},
	"https/9": {
		Setup: mutant(func(s *server) {
			legacy(s)
			s.target.Policy.LegacyPhones = false
			s.tls.MinVersion = tls.VersionTLS12
			s.tls.CipherSuites = append(s.tls.CipherSuites, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA)
		}),
		Expected: "a refusal", Actual: "a handshake with RC4 or triple DES",
	},
	"https/10": {
		Setup: mutant(func(s *server) {
			legacy(s)
			s.target.Policy.LegacyPhones = false
			s.tls.MinVersion, s.tls.CipherSuites = tls.VersionTLS12, nil
			s.tls.CurvePreferences = []tls.CurveID{tls.X25519}
		}),
		Expected: "a handshake", Actual: "a refusal",
	},
	"https/11": {
		Setup: mutant(func(s *server) {
			other := pair(s, s.CA, lab.Leaf{Name: "shop", Hosts: []string{"shop.example"}})
			named := s.tls.Certificates[0]
			s.tls.Certificates = nil // it would be preferred where no name is given
			s.tls.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				if hello.ServerName == "" {
					return &other, nil
				}
				return &named, nil
			}
		}),
		Expected: "a certificate for localhost", Actual: "a certificate for shop.example",
	},
	"https/13": {
		Setup:    shaken(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }),
		Expected: "TLS 1.3", Actual: "a refusal",
	},
}

// legacy makes a server good for phones that know no TLS 1.2.
func legacy(s *server) {
	ca, err := lab.NewAuthority("server CA", lab.RSA)
	if err != nil {
		s.Fatal(err)
	}
	s.target.CA = append(append(check.PEM{}, s.target.CA...), ca.PEM()...)
	s.tls.Certificates = []tls.Certificate{pair(s, ca, server30)}
	s.tls.MinVersion = tls.VersionTLS10
	s.tls.CipherSuites = []uint16{
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA,
	}
	s.target.Policy.LegacyPhones = true
}

func TestOldPhonesAreServed(t *testing.T) {
	report, err := conform.Examine(t.Context(), mutant(legacy)(t), conform.Options{Checks: https.Checks(), Patience: proof.Calm * proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed {
			t.Errorf("%s: %v for old phones; %q, %s", r.Check.ID, r.Verdict, r.Actual, r.Detail)
		}
	}
}

// A server of the guide's age: what is wrong is its version of TLS, and neither its
// curves nor its name.
func TestServersWithOldTLSOnly(t *testing.T) {
	only := mutant(func(s *server) {
		legacy(s)
		s.tls.MaxVersion = tls.VersionTLS10
	})
	report, err := conform.Examine(t.Context(), only(t), conform.Options{Checks: https.Checks(), Patience: proof.Calm * proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]check.Verdict{"https/7": check.Failed, "https/13": check.Failed, "https/10": check.Skipped}
	for _, id := range []string{"https/2", "https/3", "https/4", "https/5", "https/6", "https/8", "https/9", "https/11", "https/12", "https/24"} {
		want[id] = check.Passed
	}
	for _, r := range report.Results {
		if verdict, judged := want[r.Check.ID]; judged && r.Verdict != verdict {
			t.Errorf("%s: %v, want %v; expected %q, actual %q, %s", r.Check.ID, r.Verdict, verdict, r.Expected, r.Actual, r.Detail)
		}
	}
}

// Phones of the guide's age get their files from such a server, and the checks ask
// as they do.
func TestPhonesOfTheGuidesAge(t *testing.T) {
	target := mutant(func(s *server) {
		legacy(s)
		s.tls.MaxVersion = tls.VersionTLS10
	})(t)
	target.Quirks, target.TLS = []string{"tls-rsa"}, device.TLSRange{Min: 10, Max: 10}
	report, err := conform.Examine(t.Context(), target, conform.Options{Checks: https.Checks(), Only: []string{"https/1", "https/14", "https/17"}, Patience: proof.Calm * proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed {
			t.Errorf("%s: %v; %q, %s", r.Check.ID, r.Verdict, r.Actual, r.Detail)
		}
	}
}

// A chain that is signed with SHA-1 is whole for phones that take it, and for no others.
func TestChainSignedWithSHA1(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(t testing.TB, leaf, by *x509.Certificate) []byte {
		leaf.SerialNumber, leaf.NotBefore, leaf.NotAfter = big.NewInt(1), time.Now().Add(-time.Hour), time.Now().Add(365*24*time.Hour)
		leaf.SignatureAlgorithm = x509.SHA1WithRSA
		der, err := x509.CreateCertificate(rand.Reader, leaf, by, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	target := mutant(func(s *server) {
		root := &x509.Certificate{Subject: pkix.Name{CommonName: "old root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
		s.target.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issue(s, root, root)})
		leaf := issue(s, &x509.Certificate{Subject: pkix.Name{CommonName: "server"}, DNSNames: hosts[:1]}, root)
		s.tls.Certificates = []tls.Certificate{{Certificate: [][]byte{leaf}, PrivateKey: key}}
	})(t)
	for _, test := range []struct {
		quirks []string
		want   check.Verdict
	}{{nil, check.Failed}, {[]string{"tls-sha1"}, check.Passed}} {
		target.Quirks = test.quirks
		report, err := conform.Examine(t.Context(), target, conform.Options{Checks: https.Checks(), Only: []string{"https/2"}, Patience: proof.Calm * proof.Patience})
		if err != nil {
			t.Fatal(err)
		}
		if r := report.Results[0]; r.Verdict != test.want {
			t.Errorf("quirks %v: %v, want %v; %q, %s", test.quirks, r.Verdict, test.want, r.Actual, r.Detail)
		}
	}
}
