package clientcert

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
)

// year is the unit of the life of a certificate.
const year = 365 * 24 * time.Hour

// An Authority signs client certificates.
type Authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	// above are the certificates that a device shows behind its own: the
	// authority's, unless that is a root, and those that came with it.
	above []byte
}

// ReadAuthority reads an authority's certificate, with any intermediates behind
// it, and its key; the key's forms are those of FV-TLS-2. The error says what is
// wrong with which file, and tells neither the key nor the pass phrase.
func ReadAuthority(cert, key []byte, pass string) (*Authority, error) {
	if len(cert) == 0 || len(key) == 0 {
		return nil, errors.New("client authority: want its certificate and its key")
	}
	id, err := web.ParseCertificates(&device.Certificates{Cert: cert, Key: key, Pass: pass})
	if err != nil {
		return nil, fmt.Errorf("client authority: %w", err)
	}
	return newAuthority(id.Client.Leaf, id.Client.PrivateKey.(crypto.Signer), id.Client.Certificate)
}

func newAuthority(cert *x509.Certificate, key crypto.Signer, chain [][]byte) (*Authority, error) {
	a := &Authority{cert: cert, key: key}
	wrong := func(why string) error { return fmt.Errorf("client authority %q: %s", cert.Subject, why) }
	switch now := time.Now(); {
	case !cert.BasicConstraintsValid || !cert.IsCA:
		return nil, wrong("its certificate is no authority's, want one with CA:TRUE among its basic constraints")
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return nil, wrong("its key usage does not allow it to sign certificates")
	case now.After(cert.NotAfter):
		return nil, wrong("expired on " + cert.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(cert.NotBefore):
		return nil, wrong("not valid before " + cert.NotBefore.UTC().Format(time.DateOnly))
	}
	for i, der := range chain {
		if i == 0 && cert.CheckSignatureFrom(cert) == nil {
			continue // a root, which servers have
		}
		a.above = append(a.above, block("CERTIFICATE", der)...)
	}
	return a, nil
}

// sign returns the certificate of a device's key, with those above it, as PEM. It ends
// after the life, or with the authority. A nil number stands for a random one.
func (a *Authority) sign(name pkix.Name, number *big.Int, key crypto.PublicKey, now time.Time, life time.Duration) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: number,
		Subject:      name,
		NotBefore:    latest(now.Add(-time.Hour), a.cert.NotBefore), // for clocks that are behind
		NotAfter:     earliest(now.Add(life), a.cert.NotAfter),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("client certificate for %q: %w", name, err)
	}
	return append(block("CERTIFICATE", der), a.above...), nil
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
