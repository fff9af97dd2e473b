package web_test

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
)

func TestNoCertificates(t *testing.T) {
	for name, c := range map[string]*device.Certificates{"nil": nil, "empty": {}, "a pass phrase alone": {Pass: "x"}} {
		id, err := web.ParseCertificates(c)
		if err != nil || len(id.CA) != 0 || id.Client.Certificate != nil {
			t.Errorf("%s: %+v, error %v; want an empty identity", name, id, err)
		}
	}
}

func TestSeveralCertificatesInAFile(t *testing.T) {
	ca, other := authority(t, "lab CA"), authority(t, "other CA")
	cert, key := issue(t, ca, lab.Client(phone, "IP542N"))
	id, err := web.ParseCertificates(&device.Certificates{
		CA:   bytes.Join([][]byte{[]byte("some words\n"), ca.PEM(), other.PEM()}, nil),
		Cert: bytes.Join([][]byte{key, cert, ca.PEM()}, nil), // a key in it does no harm
		Key:  bytes.Join([][]byte{[]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), key}, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(id.CA) != 2 || id.CA[1].Subject.CommonName != "other CA" {
		t.Errorf("%d authorities, want two", len(id.CA))
	}
	if len(id.Client.Certificate) != 2 || id.Client.Leaf.Subject.CommonName != phone.Upper() {
		t.Errorf("a chain of %d for %s, want 2 for the phone", len(id.Client.Certificate), id.Client.Leaf.Subject)
	}
}

// All forms of a key that the lab makes open with their pass phrase, and with
// no other.
func TestKeyForms(t *testing.T) {
	for name, algorithm := range map[string]lab.Algorithm{"ECDSA": lab.ECDSA, "RSA": lab.RSA} {
		ca, err := lab.NewAuthority("lab CA", algorithm)
		if err != nil {
			t.Fatal(err)
		}
		cert, plain := issue(t, ca, lab.Client(phone, "IP542N"))
		for _, c := range []struct {
			name      string
			form      keyform.Form
			sealed    string // the pass phrase of the file
			set       string // the pass phrase of the setting
			encrypted bool
			ok        bool
		}{
			{"traditional", keyform.Traditional, "", "", false, true},
			{"traditional, with a pass phrase that it does not need", keyform.Traditional, "", "x", false, true},
			{"encrypted traditional", keyform.EncryptedTraditional, "päss", "päss", true, true},
			{"encrypted traditional, none set", keyform.EncryptedTraditional, "whatever", "", true, true},
			{"encrypted traditional, none set and another needed", keyform.EncryptedTraditional, "other", "", true, false},
			{"encrypted traditional, wrong", keyform.EncryptedTraditional, "whatever", "Whatever", true, false},
			{"encrypted PKCS#8", keyform.EncryptedPKCS8, "päss", "päss", true, true},
			{"encrypted PKCS#8, none set", keyform.EncryptedPKCS8, "whatever", "", true, true},
			{"encrypted PKCS#8, wrong", keyform.EncryptedPKCS8, "whatever", "other", true, false},
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				key, err := keyform.Encrypt(plain, c.form, c.sealed)
				if err != nil {
					t.Fatal(err)
				}
				if c.encrypted != bytes.Contains(key, []byte("ENCRYPTED")) {
					t.Fatalf("the key is encrypted: %v, want %v", !c.encrypted, c.encrypted)
				}
				_, err = web.ParseCertificates(&device.Certificates{Cert: cert, Key: key, Pass: c.set})
				if c.ok && err != nil || !c.ok && !errors.Is(err, web.ErrClient) {
					t.Errorf("error %v, want a good key: %v", err, c.ok)
				}
				if blame := map[bool]string{false: "the pass phrase does not open it", true: "no pass phrase is given"}[c.set == ""]; err != nil && !strings.Contains(err.Error(), blame) {
					t.Errorf("error %v, want it to blame the pass phrase", err)
				}
			})
		}
	}
	// The key of the certificate in PKCS#8, as it was issued.
	cert, plain := issue(t, authority(t, "lab CA"), lab.Client(phone, "IP542N"))
	if _, err := web.ParseCertificates(&device.Certificates{Cert: cert, Key: plain}); err != nil {
		t.Error(err)
	}
}

// CBC padding passes by luck once in 256 wrong pass phrases.
func TestNoWrongPassPhraseOpens(t *testing.T) {
	cert, plain := issue(t, authority(t, "lab CA"), lab.Client(phone, "IP542N"))
	key, err := keyform.Encrypt(plain, keyform.EncryptedTraditional, "right")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2000 {
		_, err := web.ParseCertificates(&device.Certificates{Cert: cert, Key: key, Pass: fmt.Sprint("wrong ", n)})
		if !errors.Is(err, web.ErrClient) || strings.Contains(err.Error(), "wrong") {
			t.Fatalf("pass phrase %d: error %v, want one that does not tell it", n, err)
		}
	}
}

func TestKeysOfOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl to write keys with (Debian: openssl)")
	}
	run := func(t *testing.T, stdin []byte, args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), openssl, args...)
		cmd.Stdin = bytes.NewReader(stdin)
		var complaint strings.Builder
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
		}
		return out
	}
	ca, err := lab.NewAuthority("lab CA", lab.RSA)
	if err != nil {
		t.Fatal(err)
	}
	cert, plain := issue(t, ca, lab.Client(phone, "IP542N"))
	for name, command := range map[string]string{
		"plain":                       "pkey",
		"plain PKCS#1":                "rsa -traditional",
		"PKCS#1, AES-128":             "rsa -traditional -aes128 -passout pass:whatever",
		"PKCS#1, AES-192":             "rsa -traditional -aes192 -passout pass:whatever",
		"PKCS#1, AES-256":             "rsa -traditional -aes256 -passout pass:whatever",
		"PKCS#1, triple DES":          "rsa -traditional -des3 -passout pass:whatever",
		"PKCS#8 as OpenSSL makes it":  "pkcs8 -topk8 -passout pass:whatever",
		"PKCS#8, AES-128 and SHA-1":   "pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:whatever",
		"PKCS#8, AES-192 and SHA-224": "pkcs8 -topk8 -v2 aes-192-cbc -v2prf hmacWithSHA224 -passout pass:whatever",
		"PKCS#8, DES and SHA-512":     "pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA512 -iter 1000 -passout pass:whatever",
		"PKCS#8, SHA-384":             "pkcs8 -topk8 -v2 aes256 -v2prf hmacWithSHA384 -passout pass:whatever",
	} {
		t.Run(name, func(t *testing.T) {
			key := run(t, plain, strings.Fields(command)...)
			if _, err := web.ParseCertificates(&device.Certificates{Cert: cert, Key: key}); err != nil {
				t.Errorf("error %v\n%s", err, key)
			}
		})
	}
	for name, c := range map[string]struct{ command, complaint string }{
		"scrypt":          {"pkcs8 -topk8 -scrypt -passout pass:whatever", "key derivation 1.3.6.1.4.1.11591.4.11 is not known here, want PBKDF2"},
		"PBES1":           {"pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:whatever", "scheme 1.2.840.113549.1.12.1.3 is not known here, want PBES2 as openssl pkcs8 -topk8 -v2 aes256 writes it"},
		"another cipher":  {"pkcs8 -topk8 -v2 camellia256 -passout pass:whatever", "cipher 1.2.392.200011.61.1.1.1.4 is not known here, want AES or triple DES in CBC mode"},
		"many iterations": {"pkcs8 -topk8 -iter 1000001 -passout pass:whatever", "1000001 iterations of PBKDF2, want 1 to 1000000"},
		"legacy cipher":   {"rsa -traditional -camellia256 -passout pass:whatever", `cipher "CAMELLIA-256-CBC" of its DEK-Info is not known here`},
	} {
		t.Run(name, func(t *testing.T) {
			key := run(t, plain, strings.Fields(c.command)...)
			_, err := web.ParseCertificates(&device.Certificates{Cert: cert, Key: key})
			if want := "client certificate: key: " + c.complaint; err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func TestFilesThatAreNoCertificates(t *testing.T) {
	ca := authority(t, "lab CA")
	cert, key := issue(t, ca, lab.Client(phone, "IP542N"))
	der, _ := pem.Decode(cert)
	keyDER, _ := pem.Decode(key)
	block := func(kind string, content []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	}
	for _, c := range []struct {
		certs device.Certificates
		is    error
		want  string
	}{
		{device.Certificates{CA: []byte("<html>")}, web.ErrCA, "provisioning CA: the file has no PEM block -----BEGIN CERTIFICATE-----"},
		{device.Certificates{CA: key}, web.ErrCA, "provisioning CA: the file has no PEM block -----BEGIN CERTIFICATE-----"},
		{device.Certificates{CA: der.Bytes}, web.ErrCA,
			"provisioning CA: the file has no PEM block -----BEGIN CERTIFICATE-----; it looks like DER, which openssl turns into PEM"},
		{device.Certificates{CA: append(ca.PEM(), block("CERTIFICATE", []byte("x"))...)}, web.ErrCA,
			"provisioning CA: certificate 2 of the file: x509: malformed certificate"},
		{device.Certificates{Cert: block("CERTIFICATE", nil), Key: key}, web.ErrClient,
			"client certificate: certificate 1 of the file: x509: malformed certificate"},
		{device.Certificates{Cert: cert, Key: cert}, web.ErrClient, "client certificate: key: the file has no PEM block -----BEGIN PRIVATE KEY-----"},
		{device.Certificates{Cert: cert, Key: block("DSA PRIVATE KEY", keyDER.Bytes)}, web.ErrClient,
			`client certificate: key: a "DSA PRIVATE KEY" is no key for TLS, want RSA, EC or PKCS#8`},
		{device.Certificates{Cert: cert, Key: block("ENCRYPTED PRIVATE KEY", []byte("x"))}, web.ErrClient,
			"client certificate: key: it is no PKCS#8 EncryptedPrivateKeyInfo"},
		{device.Certificates{Cert: ca.PEM(), Key: key}, web.ErrClient,
			"client certificate: the key belongs to another certificate; the client's own has to be the first in its file"},
		{device.Certificates{Cert: cert, Key: []byte("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,zz\n\nAAAA\n-----END RSA PRIVATE KEY-----\n")}, web.ErrClient,
			"client certificate: key: the IV of its DEK-Info is not 16 or more hex digits"},
		{device.Certificates{Cert: cert, Key: []byte("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,0011223344556677\n\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n")}, web.ErrClient,
			"client certificate: key: it is damaged: IV of 8 and data of 16 bytes, want 16 and a multiple of it"},
	} {
		id, err := web.ParseCertificates(&c.certs)
		if !errors.Is(err, c.is) || err.Error() != c.want || id != nil {
			t.Errorf("error %v\nwant  %s", err, c.want)
		}
	}
}
