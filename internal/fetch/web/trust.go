package web

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"time"
)

// A proof is that a chain ends in the authorities of a pool, and is for a name.
type proof struct {
	roots *x509.CertPool
	name  string // empty: it may be for any (quirk tls-no-hostname)
	chain fingerprint
}

// proofLasts is how long a proof is believed at most: the system's authorities
// may change under a run.
const proofLasts = time.Minute

// trust does what crypto/tls does by itself, but not again for a chain that has
// been proved a moment ago: thousands of devices meet the same server, and the
// proof is a fifth of what a handshake costs them. That the server has the key
// of its certificate is crypto/tls's own proof, and made each time.
func (l *learnt) trust(state tls.ConnectionState, roots *x509.CertPool, name string) error {
	now := time.Now()
	p := proof{roots, name, fingerprintOfChain(state.PeerCertificates)}
	if until, ok := l.proofs.get(p); ok && now.Before(until) {
		return nil
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), DNSName: name, CurrentTime: now}
	for _, cert := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(cert)
	}
	chains, err := state.PeerCertificates[0].Verify(options)
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	l.proofs.put(mostProofs, p, expiry(now.Add(proofLasts), chains[0]))
	return nil
}

// expiry returns the earliest end of a chain's validity, or an instant before.
func expiry(end time.Time, chain []*x509.Certificate) time.Time {
	for _, cert := range chain {
		if cert.NotAfter.Before(end) {
			end = cert.NotAfter
		}
	}
	return end
}

func fingerprintOfChain(chain []*x509.Certificate) (sum fingerprint) {
	h := sha256.New()
	for _, cert := range chain { // DER tells its own length
		h.Write(cert.Raw)
	}
	h.Sum(sum[:0])
	return sum
}
