package web

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"provsim/resync"
)

// An anchor is the authorities that a device trusts: those of an uploaded file, or
// without such a file a pool that stands for the system's.
type anchor struct {
	pool  *x509.CertPool
	certs []*x509.Certificate // of an uploaded file
}

// anchorOf returns the anchor of an uploaded file's certificates.
func anchorOf(certs ...*x509.Certificate) anchor {
	pool := x509.NewCertPool()
	for _, ca := range certs {
		pool.AddCert(ca)
	}
	return anchor{pool, certs}
}

// A standard is what a device asks of a server's certificate.
type standard struct {
	name       string // empty: it may be for any (quirk tls-no-hostname)
	sha1       bool   // quirk tls-sha1
	commonName bool   // quirk tls-cn
}

// A proof is that a chain ends in the authorities of a pool and meets a standard.
type proof struct {
	roots *x509.CertPool
	standard
	chain fingerprint
}

// proofLasts is how long a proof is believed at most: the system's authorities
// may change under a run.
const proofLasts = time.Minute

// trust does what crypto/tls does by itself, but not again for a chain that has
// been proved a moment ago: thousands of devices meet the same server, and the
// proof is a fifth of what a handshake costs them. That the server has the key
// of its certificate is crypto/tls's own proof, and made each time.
func (l *learnt) trust(sent []*x509.Certificate, a anchor, s standard) error {
	now := time.Now()
	p := proof{a.pool, s, fingerprintOfChain(sent)}
	if until, ok := l.proofs.get(p); ok && now.Before(until) {
		return nil
	}
	chain, err := prove(sent, a, s, now)
	if err == nil {
		l.proofs.put(mostProofs, p, expiry(now.Add(proofLasts), chain))
	}
	return err
}

// prove returns a chain from the server's certificate to an authority.
func prove(sent []*x509.Certificate, a anchor, s standard, now time.Time) ([]*x509.Certificate, error) {
	leaf := sent[0]
	options := x509.VerifyOptions{Roots: a.pool, Intermediates: x509.NewCertPool(), DNSName: s.name, CurrentTime: now}
	for _, cert := range sent[1:] {
		options.Intermediates.AddCert(cert)
	}
	if s.commonName && s.name != "" && !hasAltName(leaf) {
		if !namedInCommonName(leaf, s.name) {
			return nil, x509.HostnameError{Certificate: leaf, Host: s.name}
		}
		options.DNSName = ""
	}
	chains, err := leaf.Verify(options)
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
		return chains[0], nil
	case s.sha1 && errors.As(err, &unknown):
		w := weakSearch{sent: sent[1:], anchor: a, now: now, left: mostSignatures}
		if chain := w.from(leaf); chain != nil && mayServe(leaf) {
			return chain, nil
		}
	}
	return nil, err
}

// VerifyChain reports whether the certificates that a server shows, its own first, lead
// to an authority: an uploaded one, or one of the system if none is uploaded. With sha1
// signatures may use SHA-1 (FV-TLS-3). The error is one of crypto/x509.
func VerifyChain(shown, uploaded []*x509.Certificate, sha1 bool, at time.Time) error {
	var a anchor
	if len(uploaded) > 0 {
		a = anchorOf(uploaded...)
	}
	_, err := prove(shown, a, standard{sha1: sha1}, at)
	return err
}

// oidSubjectAltName is that of RFC 5280 section 4.2.1.6.
var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

func hasAltName(cert *x509.Certificate) bool {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidSubjectAltName) {
			return true
		}
	}
	return false
}

// namedInCommonName reports whether the common name is the host, by the rules
// for subjectAltName (RFC 2818 section 3.1), an address included.
func namedInCommonName(cert *x509.Certificate, host string) bool {
	name := cert.Subject.CommonName
	as := &x509.Certificate{DNSNames: []string{name}}
	if ip := net.ParseIP(name); ip != nil {
		as.IPAddresses = []net.IP{ip}
	}
	return as.VerifyHostname(host) == nil
}

// mayServe reports whether a certificate may be a server's.
func mayServe(leaf *x509.Certificate) bool {
	uses := leaf.ExtKeyUsage
	return len(uses)+len(leaf.UnknownExtKeyUsage) == 0 ||
		slices.Contains(uses, x509.ExtKeyUsageServerAuth) || slices.Contains(uses, x509.ExtKeyUsageAny)
}

// mostSignatures bounds the search through what a hostile server sends.
const mostSignatures = 100

// A weakSearch looks for a chain in which signatures may be made with SHA-1,
// which crypto/x509 refuses. It checks names, dates, authority and signatures,
// and leaves name constraints and path lengths aside, as clients of that age did.
type weakSearch struct {
	sent   []*x509.Certificate // above the leaf
	anchor anchor
	now    time.Time
	left   int // signatures to check
}

// from returns a chain that begins with a certificate, or nil.
func (w *weakSearch) from(cert *x509.Certificate) []*x509.Certificate {
	for _, above := range slices.Concat(w.anchor.certs, w.sent) {
		if !bytes.Equal(above.RawSubject, cert.RawIssuer) || above.Equal(cert) || !w.signs(above, cert) {
			continue
		}
		if slices.ContainsFunc(w.anchor.certs, above.Equal) {
			return []*x509.Certificate{cert, above}
		}
		roots := x509.VerifyOptions{Roots: w.anchor.pool, CurrentTime: w.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
		if chains, err := above.Verify(roots); err == nil {
			return append([]*x509.Certificate{cert}, chains[0]...)
		}
		if chain := w.from(above); chain != nil {
			return append([]*x509.Certificate{cert}, chain...)
		}
	}
	return nil
}

// signs reports whether an authority that is valid now has signed a certificate.
func (w *weakSearch) signs(above, cert *x509.Certificate) bool {
	if w.left == 0 || w.now.Before(above.NotBefore) || w.now.After(above.NotAfter) ||
		above.Version == 3 && !above.BasicConstraintsValid || above.BasicConstraintsValid && !above.IsCA ||
		above.KeyUsage != 0 && above.KeyUsage&x509.KeyUsageCertSign == 0 {
		return false
	}
	w.left--
	return above.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil
}

// distrust turns what is wrong with a server's certificate into its failure, and
// says what phones of the guide's age make of it (FV-TLS-3).
func distrust(err error, sent []*x509.Certificate, a anchor, s standard) error {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	outcome, note := resync.TLSUntrusted, strings.TrimPrefix(err.Error(), "x509: ")
	switch {
	case errors.As(err, &name):
		outcome = resync.TLSName
		if !s.commonName && !hasAltName(sent[0]) && namedInCommonName(sent[0], s.name) {
			note = fmt.Sprintf("it has %s in its common name and no subjectAltName, which only old phones accept (quirk tls-cn)", s.name)
		}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		note = outOfDate(invalid.Cert)
	case errors.As(err, &unknown):
		note = "certificate signed by unknown authority: " + missing(sent, a)
		s.sha1 = true
		if _, err := prove(sent, a, s, time.Now()); err == nil {
			note = "it is signed with SHA-1, which only old phones accept (quirk tls-sha1)"
		}
	}
	return fail(outcome, "server certificate: %s", note)
}

// outOfDate tells on which side of its validity a certificate is; it may be
// the server's or one of its authorities'.
func outOfDate(cert *x509.Certificate) string {
	if now := time.Now(); now.Before(cert.NotBefore) {
		return "not valid before " + cert.NotBefore.UTC().Format(time.DateTime) + " UTC"
	}
	return "expired on " + cert.NotAfter.UTC().Format(time.DateTime) + " UTC"
}

// missing names the authority that a chain lacks, at the end of what was sent.
func missing(sent []*x509.Certificate, a anchor) string {
	last := sent[0]
	for range sent {
		next := slices.IndexFunc(sent, func(c *x509.Certificate) bool {
			return !c.Equal(last) && bytes.Equal(c.RawSubject, last.RawIssuer)
		})
		if next < 0 {
			break
		}
		last = sent[next]
	}
	counted := "the CA file"
	if a.certs == nil {
		counted = "the system's list"
	}
	issuer := last.Issuer.String()
	switch {
	case slices.ContainsFunc(a.certs, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) }):
		return fmt.Sprintf("%s has a %q, but that one did not sign what the server sent", counted, issuer)
	case bytes.Equal(last.RawSubject, last.RawIssuer):
		return fmt.Sprintf("the chain ends in %q, which is not in %s", issuer, counted)
	}
	return fmt.Sprintf("it is signed by %q, which neither the server sent nor %s has", issuer, counted)
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

// verifier returns what the handshake calls with the certificates of the server.
func (t *transfer) verifier(a anchor) func(tls.ConnectionState) error {
	s := standard{name: t.req.Host, sha1: t.req.TLS.SHA1, commonName: t.req.TLS.CommonName}
	if t.req.TLS.AnyName {
		s.name = ""
	}
	return func(state tls.ConnectionState) error {
		err := t.client.learnt.trust(state.PeerCertificates, a, s)
		if err != nil {
			return distrust(err, state.PeerCertificates, a, s)
		}
		return nil
	}
}
