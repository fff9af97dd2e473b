package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"time"

	"provsim/device"
)

// An Algorithm is a kind of key.
type Algorithm uint8

// The algorithms of an Authority.
const (
	ECDSA Algorithm = iota // P-256
	RSA                    // 2048 bits, for servers and phones that know no other
)

func (a Algorithm) generate() (crypto.Signer, error) {
	if a == RSA {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// An Authority is a certificate authority.
type Authority struct {
	algorithm Algorithm
	cert      *x509.Certificate
	key       crypto.Signer
}

// lifetime is that of all certificates, an hour of the past included for clocks
// that are behind.
const lifetime = 10 * 365 * 24 * time.Hour

// NewAuthority makes an authority with the given common name, which has signed
// itself. The algorithm is also that of the certificates which it issues.
func NewAuthority(name string, algorithm Algorithm) (*Authority, error) {
	return (&Authority{algorithm: algorithm}).Intermediate(name)
}

// Intermediate makes an authority that is signed by this one. A server shows its
// certificate after its own.
func (a *Authority) Intermediate(name string) (*Authority, error) {
	key, err := a.algorithm.generate()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("authority %q: %w", name, err)
	}
	cert, err := x509.ParseCertificate(der)
	return &Authority{algorithm: a.algorithm, cert: cert, key: key}, err
}

// PEM returns the authority's certificate, for a phone's CA file or a server's
// list of client authorities.
func (a *Authority) PEM() []byte { return encode("CERTIFICATE", a.cert.Raw) }

// Pool returns the authority's certificate as the only one of a pool.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// A Leaf describes a certificate to issue.
type Leaf struct {
	Name               string    // the common name
	Organization, Unit string    // left out where empty
	Hosts              []string  // a server's names and addresses; none: a client's certificate
	Expires            time.Time // zero: in ten years
}

// Client describes a phone's certificate: the common name is the MAC address in
// upper case, the unit is the product. Servers authorize phones by that.
func Client(mac device.MAC, product string) Leaf {
	return Leaf{Name: mac.Upper(), Organization: "provsim lab", Unit: product}
}

// Issue makes a key and a certificate for it. The key is plain PKCS#8.
func (a *Authority) Issue(leaf Leaf) (certPEM, keyPEM []byte, err error) {
	key, err := a.algorithm.generate()
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf.template(), a.cert, key.Public(), a.key)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate %q: %w", leaf.Name, err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return encode("CERTIFICATE", cert), encode("PRIVATE KEY", der), nil
}

func (leaf Leaf) template() *x509.Certificate {
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: leaf.Name, Organization: list(leaf.Organization), OrganizationalUnit: list(leaf.Unit)},
		NotBefore:   time.Now().Add(-time.Hour),
		NotAfter:    leaf.Expires,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if leaf.Expires.IsZero() {
		t.NotAfter = time.Now().Add(lifetime)
	} else if t.NotAfter.Before(t.NotBefore) {
		t.NotBefore = t.NotAfter.Add(-time.Hour)
	}
	if len(leaf.Hosts) > 0 {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	for _, host := range leaf.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return t
}

// list returns a name's part as pkix.Name wants it.
func list(part string) []string {
	if part == "" {
		return nil
	}
	return []string{part}
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
