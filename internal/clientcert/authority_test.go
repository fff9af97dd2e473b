package clientcert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"provsim/macro"
)

// issued is an authority that signs others.
type issued struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func issue(t testing.TB, by *issued, change func(*x509.Certificate)) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", keyDER)
}

func TestAuthoritiesThatAreNone(t *testing.T) {
	good, key := authority(t, nil)
	_, foreign := authority(t, nil)
	with := func(change func(*x509.Certificate)) [2][]byte {
		cert, key := authority(t, change)
		return [2][]byte{cert, key}
	}
	for _, c := range []struct {
		rule  string
		files [2][]byte
		want  string
	}{
		{"no files", [2][]byte{}, "its certificate and its key"},
		{"no key", [2][]byte{good}, "its certificate and its key"},
		{"no PEM", [2][]byte{[]byte("x"), key}, "no PEM block"},
		{"another's key", [2][]byte{good, foreign}, "belongs to another certificate"},
		{"no authority", with(func(c *x509.Certificate) { c.IsCA = false; c.KeyUsage = 0 }), "CA:TRUE"},
		{"not for signing", with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), "key usage"},
		{"expired", with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), "expired on"},
		{"of tomorrow", with(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), "not valid before"},
	} {
		_, err := ReadAuthority(c.files[0], c.files[1], "")
		if err == nil || !strings.Contains(err.Error(), "client ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.rule, err, c.want)
		}
	}
}

// A device shows what the server lacks: all but the root.
func TestIntermediatesAreShown(t *testing.T) {
	rootPEM, rootKey := authority(t, nil)
	root, err := ReadAuthority(rootPEM, rootKey, "")
	if err != nil {
		t.Fatal(err)
	}
	middlePEM, middleKey := issue(t, &issued{root.cert, root.key.(*ecdsa.PrivateKey)}, func(c *x509.Certificate) { c.Subject.CommonName = "middle" })
	subject, err := ParseSubject("CN=$MAU", macro.Sipura)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cert, key []byte
		shown     int
	}{
		"a root":                    {rootPEM, rootKey, 1},
		"an intermediate":           {middlePEM, middleKey, 2},
		"an intermediate with root": {append(append([]byte{}, middlePEM...), rootPEM...), middleKey, 3},
	} {
		a, err := ReadAuthority(c.cert, c.key, "")
		if err != nil {
			t.Fatal(err)
		}
		m, err := Open(t.TempDir(), a, Form{Subject: subject})
		if err != nil {
			t.Fatal(err)
		}
		pair, err := m.Pair(mac(1), vars(1))
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		for rest := pair.Cert; ; shown++ {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
				break
			}
		}
		if shown != c.shown {
			t.Errorf("%s: %d certificates, want %d", name, shown, c.shown)
		}
	}
}

func TestCertificatesEndWithTheirAuthority(t *testing.T) {
	m, _ := open(t, t.TempDir(), "CN=$MAU")
	pair, err := m.Pair(mac(1), vars(1))
	if err != nil {
		t.Fatal(err)
	}
	if cert := leaf(t, pair); cert.NotAfter.After(m.authority.cert.NotAfter) || cert.NotBefore.Before(m.authority.cert.NotBefore) {
		t.Errorf("valid from %v to %v, its authority from %v to %v", cert.NotBefore, cert.NotAfter, m.authority.cert.NotBefore, m.authority.cert.NotAfter)
	}
}
