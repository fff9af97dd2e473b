package lab_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
)

func authority(t *testing.T, algorithm lab.Algorithm) *lab.Authority {
	t.Helper()
	a, err := lab.NewAuthority("test CA", algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *lab.Authority, leaf lab.Leaf) (certPEM, keyPEM []byte, cert *x509.Certificate) {
	t.Helper()
	certPEM, keyPEM, err := a.Issue(leaf)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return certPEM, keyPEM, pair.Leaf
}

func TestAClientsCertificateNamesThePhone(t *testing.T) {
	a := authority(t, lab.ECDSA)
	_, _, cert := issue(t, a, lab.Client(phone, "IP542N"))
	if got, want := cert.Subject.String(), "CN=0021F2011B19,OU=IP542N,O=provsim lab"; got != want {
		t.Errorf("subject %s, want %s", got, want)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Errorf("as a client's: %v", err)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool()}); err == nil {
		t.Error("a client's certificate passes for a server's")
	}
}

func TestAServersCertificate(t *testing.T) {
	for name, algorithm := range map[string]lab.Algorithm{"ECDSA": lab.ECDSA, "RSA": lab.RSA} {
		t.Run(name, func(t *testing.T) {
			a := authority(t, algorithm)
			_, _, cert := issue(t, a, lab.Leaf{Name: "server", Hosts: []string{"a.example", "192.0.2.1"}})
			for _, host := range []string{"a.example", "192.0.2.1"} {
				if _, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: host}); err != nil {
					t.Errorf("%s: %v", host, err)
				}
			}
			switch key := cert.PublicKey.(type) {
			case *rsa.PublicKey:
				if algorithm != lab.RSA || key.Size() != 256 {
					t.Errorf("an RSA key of %d bytes", key.Size())
				}
			case *ecdsa.PublicKey:
				if algorithm != lab.ECDSA {
					t.Error("an ECDSA key from an authority for RSA")
				}
			}
		})
	}
}

func TestAnExpiredCertificateIsNothingElse(t *testing.T) {
	a := authority(t, lab.ECDSA)
	end := time.Now().Add(-24 * time.Hour)
	_, _, cert := issue(t, a, lab.Leaf{Name: "server", Hosts: []string{"a.example"}, Expires: end})
	_, err := cert.Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: "a.example"})
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("today: %v, want it expired", err)
	}
	_, err = cert.Verify(x509.VerifyOptions{Roots: a.Pool(), DNSName: "a.example", CurrentTime: end.Add(-time.Minute)})
	if errors.As(err, &invalid) && invalid.Cert.Subject.CommonName == "server" {
		t.Errorf("before its end: %v", err)
	}
}

func TestOpenSSLOpensEveryKeyForm(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl to read the keys with (Debian: openssl)")
	}
	for _, algorithm := range []lab.Algorithm{lab.ECDSA, lab.RSA} {
		_, keyPEM, cert := issue(t, authority(t, algorithm), lab.Leaf{Name: "x"})
		want, err := x509.MarshalPKIXPublicKey(cert.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		for name, form := range map[string]keyform.Form{
			"traditional": keyform.Traditional, "encrypted traditional": keyform.EncryptedTraditional, "encrypted PKCS#8": keyform.EncryptedPKCS8,
		} {
			key, err := keyform.Encrypt(keyPEM, form, "whatever")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "key.pem")
			if err := os.WriteFile(file, key, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), openssl, "pkey", "-in", file, "-passin", "pass:whatever", "-pubout")
			out, err := cmd.Output()
			block, _ := pem.Decode(out)
			if err != nil || block == nil || string(block.Bytes) != string(want) {
				t.Errorf("algorithm %d, %s: openssl says %v and another public key\n%s", algorithm, name, err, key)
			}
			wrong := exec.CommandContext(t.Context(), openssl, "pkey", "-in", file, "-passin", "pass:other", "-noout")
			if err := wrong.Run(); err == nil && form != keyform.Traditional {
				t.Errorf("algorithm %d, %s: any pass phrase opens it", algorithm, name)
			}
		}
	}
}

func TestEncryptKeyTakesOnlyPlainPKCS8(t *testing.T) {
	for _, file := range []string{"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := keyform.Encrypt([]byte(file), keyform.Traditional, ""); err == nil {
			t.Errorf("%q passes for a key", file)
		}
	}
}
