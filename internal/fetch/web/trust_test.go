package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"provsim/device"
)

// chain makes an authority and a server's certificate for a name that ends
// after a while.
func chain(t *testing.T, name string, ends time.Duration) (server, ca *x509.Certificate) {
	t.Helper()
	sign := func(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
		template.NotBefore = time.Now().Add(-time.Minute)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	keys := [2]*ecdsa.PrivateKey{}
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	authority := &x509.Certificate{
		Subject: pkix.Name{CommonName: "CA"}, NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	ca = sign(authority, authority, keys[0], keys[0])
	server = sign(&x509.Certificate{
		DNSNames: []string{name}, NotAfter: time.Now().Add(ends), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca, keys[1], keys[0])
	return server, ca
}

func sent(certs ...*x509.Certificate) []*x509.Certificate { return certs }

// named is what most devices ask of a certificate.
func named(name string) standard { return standard{name: name} }

// What has been proved is believed for that chain, those authorities and that
// name, and for nothing else.
func TestProofsAreOfOneThing(t *testing.T) {
	server, ca := chain(t, "prov.example", time.Hour)
	other, otherCA := chain(t, "prov.example", time.Hour)
	var l learnt
	ours := anchorOf(ca)
	for range 2 {
		if err := l.trust(sent(server), ours, named("prov.example")); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.proofs.known) != 1 {
		t.Fatalf("%d proofs, want one for the same twice", len(l.proofs.known))
	}
	var name x509.HostnameError
	if err := l.trust(sent(server), ours, named("evil.example")); !errors.As(err, &name) {
		t.Errorf("another name: %v, want an error of the name", err)
	}
	var unknown x509.UnknownAuthorityError
	for what, err := range map[string]error{
		"other authorities": l.trust(sent(server), anchorOf(otherCA), named("prov.example")),
		"another chain":     l.trust(sent(other), ours, named("prov.example")),
		"a longer chain":    l.trust(sent(other, server), ours, named("prov.example")),
		"any name":          l.trust(sent(other), ours, named("")),
	} {
		if !errors.As(err, &unknown) {
			t.Errorf("%s: %v, want it refused", what, err)
		}
	}
	if err := l.trust(sent(server), ours, named("")); err != nil {
		t.Errorf("quirk tls-no-hostname: %v", err)
	}
}

func TestProofsEndWithTheCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, ca := chain(t, "prov.example", 30*time.Second)
		var l learnt
		pool := anchorOf(ca)
		if err := l.trust(sent(server), pool, named("prov.example")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(31 * time.Second)
		var invalid x509.CertificateInvalidError
		if err := l.trust(sent(server), pool, named("prov.example")); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
			t.Errorf("%v, want it expired though it was good a moment ago", err)
		}
	})
}

func TestFailuresAreNotRemembered(t *testing.T) {
	var l learnt
	for range 2 {
		if _, err := l.authorities([]byte("x")); err == nil {
			t.Error("no error for a file that holds no certificate")
		}
		if _, err := l.client(&device.Certificates{Cert: []byte("x"), Key: []byte("y")}); err == nil {
			t.Error("no error for a file that holds no certificate")
		}
	}
	if len(l.pools.known)+len(l.pairs.known) != 0 {
		t.Error("something is remembered")
	}
}

// Different parts that join to the same bytes have different fingerprints.
func TestFingerprintsTellPartsApart(t *testing.T) {
	if fingerprintOf([]byte("ab"), []byte("c")) == fingerprintOf([]byte("a"), []byte("bc")) {
		t.Error("the same fingerprint for ab, c and a, bc")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var m memory[string, int]
	const most = 10
	for i := range 100 {
		m.put(most, strconv.Itoa(i), i)
		if got, ok := m.get(strconv.Itoa(i)); !ok || got != i {
			t.Fatalf("%d is %d, %v just after it was put", i, got, ok)
		}
	}
	if len(m.known) != most {
		t.Errorf("%d are known, want %d", len(m.known), most)
	}
}
