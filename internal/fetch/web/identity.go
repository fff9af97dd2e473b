package web

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"provsim/device"
)

// Faults of uploaded certificates. Errors of [ParseCertificates] wrap one of them and
// say more.
var (
	ErrCA     = errors.New("provisioning CA")    // the file of the authorities
	ErrClient = errors.New("client certificate") // the client's certificate or key
)

// An Identity is what the uploaded certificates of a device hold.
type Identity struct {
	CA     []*x509.Certificate // the authorities; none: the system's count (FV-TLS-1)
	Client tls.Certificate     // with its Leaf; empty where none was uploaded
}

// ParseCertificates reads the files of FV-TLS-1 and FV-TLS-2. No certificates,
// or nil, are an empty Identity. An error wraps [ErrCA] or [ErrClient]; it
// tells neither the key nor the pass phrase. A [Client] reads them once, as far
// as it remembers.
func ParseCertificates(c *device.Certificates) (*Identity, error) {
	if c == nil {
		return &Identity{}, nil
	}
	var id Identity
	var err error
	if len(c.CA) > 0 {
		if id.CA, err = ParseChain(c.CA); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCA, err)
		}
	}
	if len(c.Cert) > 0 || len(c.Key) > 0 {
		if id.Client, err = parsePair(c); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrClient, err)
		}
	}
	return &id, nil
}

// parsePair reads the client's certificate and the key that belongs to it.
func parsePair(c *device.Certificates) (tls.Certificate, error) {
	switch {
	case len(c.Cert) == 0:
		return tls.Certificate{}, errors.New("there is a key and no certificate, upload both")
	case len(c.Key) == 0:
		return tls.Certificate{}, errors.New("there is a certificate and no key, upload both")
	}
	chain, err := ParseChain(c.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := ParseKey(c.Key, c.Pass)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("key: %w", err)
	}
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(chain[0].PublicKey) {
		return tls.Certificate{}, errors.New("the key belongs to another certificate; the client's own has to be the first in its file")
	}
	pair := tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, cert := range chain {
		pair.Certificate = append(pair.Certificate, cert.Raw)
	}
	return pair, nil
}

// ParseChain returns the certificates of a PEM file, which may hold other
// blocks beside them, such as a key.
func ParseChain(file []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for block := range pemBlocks(file) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the file: %w", len(chain)+1, err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, errors.New("the file has no PEM block -----BEGIN CERTIFICATE-----" + otherForm(file))
	}
	return chain, nil
}

// pemBlocks yields the PEM blocks of a file, in their order. A byte order mark of
// UTF-8 would hide a block at the beginning.
func pemBlocks(file []byte) func(yield func(*pem.Block) bool) {
	return func(yield func(*pem.Block) bool) {
		file := bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
		for {
			block, rest := pem.Decode(file)
			if block == nil || !yield(block) {
				return
			}
			file = bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf")) // of a file that was appended
		}
	}
}

// otherForm returns a hint for a file that is not PEM: the binary form, or a text
// in UTF-16, which editors of Windows write.
func otherForm(file []byte) string {
	const utf16 = "; it is UTF-16, save it as ASCII or UTF-8"
	switch {
	case bytes.HasPrefix(file, []byte{0x30, 0x82}):
		return "; it looks like DER, which openssl turns into PEM"
	case bytes.HasPrefix(file, []byte("\xff\xfe")), bytes.HasPrefix(file, []byte("\xfe\xff")),
		bytes.HasPrefix(file, []byte("-\x00-\x00")), bytes.HasPrefix(file, []byte("\x00-\x00-")):
		return utf16
	}
	return ""
}
