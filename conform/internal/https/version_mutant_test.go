package https_test

import (
	"crypto/tls"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/https"
	"provsim/conform/internal/proof"
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
	report, err := conform.Examine(t.Context(), mutant(legacy)(t), conform.Options{Checks: https.Checks(), Patience: proof.Patience})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed {
			t.Errorf("%s: %v for old phones; %q, %s", r.Check.ID, r.Verdict, r.Actual, r.Detail)
		}
	}
}
