package https

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/internal/fetch/web"
)

var chainAdvice = check.Advices{
	check.Nginx:    {Text: "the file has the server's certificate first, then that of each issuer, without the root", In: "server", Config: "ssl_certificate /etc/ssl/fullchain.pem;"},
	check.Apache:   {Text: "the file has the server's certificate first, then that of each issuer, without the root", In: "VirtualHost", Config: "SSLCertificateFile /etc/ssl/fullchain.pem"},
	check.Lighttpd: {Text: "the file has the server's certificate first, then that of each issuer, without the root", Config: `ssl.pemfile = "/etc/ssl/fullchain.pem"`},
}

// shown returns the certificates that the server shows in a handshake, also
// where it ends that afterwards. They have not been verified.
func shown(ctx context.Context, p *check.Probe, change func(*tls.Config)) (certs []*x509.Certificate, err error) {
	var phone check.Phone
	if len(p.Target.Phones) > 0 {
		phone = p.Target.Phones[0]
	}
	config := p.TLS(phone)
	config.InsecureSkipVerify = true
	config.VerifyPeerCertificate = func(raw [][]byte, _ [][]*x509.Certificate) error {
		for _, der := range raw {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				return err
			}
			certs = append(certs, cert)
		}
		return nil
	}
	change(config)
	conn, err := p.Handshake(ctx, p.Server("https"), config)
	switch {
	case err == nil:
		conn.Close()
	case len(certs) > 0 && ctx.Err() == nil:
		err = nil
	}
	return certs, err
}

// anyhow is a handshake that succeeds with every server: what certificate it shows
// has nothing to do with its versions of TLS, which https/7 judges.
func anyhow(c *tls.Config) {
	c.MinVersion, c.MaxVersion, c.CipherSuites = tls.VersionTLS10, tls.VersionTLS13, allSuites()
}

// allSuites returns all cipher suites that are known here.
func allSuites() (ids []uint16) {
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		ids = append(ids, suite.ID)
	}
	return ids
}

// ofChain makes a check's function of one that judges the server's certificates.
func ofChain(judge func(*check.Probe, []*x509.Certificate) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		certs, err := shown(ctx, p, anyhow)
		if err != nil {
			return check.Errorf("looking for the server's certificate: %v", err)
		}
		return judge(p, certs)
	}
}

var chain = check.Check{
	ID:          "https/2",
	Title:       "the chain is complete",
	Requirement: "The server shows its certificate and those of the authorities between, up to one that phones have.",
	Source:      "RFC 8446 section 4.4.2; RFC 5246 section 7.4.2; FV-TLS-1: phones fetch no missing certificates",
	Level:       check.Must,
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      chainAdvice,
	Run: ofChain(func(p *check.Probe, certs []*x509.Certificate) check.Finding {
		// The dates are another check's.
		if err := verify(p, certs, latestStart(certs)); err != nil {
			return check.Fail("a chain to an authority of the phones", "%d certificates: %v", len(certs), err)
		}
		return check.Pass("%d certificates", len(certs))
	}),
}

// verify holds a chain against the phones' authorities, at a time.
func verify(p *check.Probe, certs []*x509.Certificate, at time.Time) error {
	return web.VerifyChain(certs, p.Authorities(), p.First().TLS.SHA1, at)
}

func latestStart(certs []*x509.Certificate) time.Time {
	return slices.MaxFunc(certs, func(a, b *x509.Certificate) int { return a.NotBefore.Compare(b.NotBefore) }).NotBefore
}

var order = check.Check{
	ID:          "https/3",
	Title:       "the chain is in order",
	Requirement: "Each certificate that the server shows is followed by that of its issuer, and nothing else is among them.",
	Source:      "RFC 5246 section 7.4.2; RFC 8446 section 4.4.2, on clients that do not reorder",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      chainAdvice,
	Run: ofChain(func(_ *check.Probe, certs []*x509.Certificate) check.Finding {
		for i, cert := range certs[1:] {
			// How strong a signature is, https/12 judges.
			if c := certs[i]; !bytes.Equal(c.RawIssuer, cert.RawSubject) || cert.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil {
				return check.Fail("the issuer after each certificate", "certificate %d is not by the issuer of certificate %d", i+2, i+1)
			}
		}
		return check.Pass("%d certificates", len(certs))
	}),
}

// Authorities that are new are often certified by an old one as well, so that the
// chain leads to either. OpenSSL up to 1.0.2 goes on to the end of what the server
// shows, and does not look whether it has met a trusted authority on the way.
var crossSigned = check.Check{
	ID:          "https/24",
	Title:       "the chain does not go past an authority of the phones",
	Requirement: "No certificate of the chain is that of an authority of the phones, issued by another that they lack or that has expired.",
	Source:      "OpenSSL 1.1.0 changes, X509_V_FLAG_TRUSTED_FIRST; the end of DST Root CA X3 in September 2021",
	Level:       check.Info,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "leave the last certificate out of the chain, or choose the shorter chain where the authority offers one (certbot --preferred-chain)"},
	},
	Run: ofChain(func(p *check.Probe, certs []*x509.Certificate) check.Finding {
		roots := p.Authorities()
		if len(roots) == 0 {
			return check.Pass("the phones' authorities are the system's")
		}
		for _, cert := range certs[1:] {
			own := slices.ContainsFunc(roots, func(root *x509.Certificate) bool {
				return bytes.Equal(root.RawSubject, cert.RawSubject) && bytes.Equal(root.RawSubjectPublicKeyInfo, cert.RawSubjectPublicKeyInfo)
			})
			issued := slices.ContainsFunc(roots, func(root *x509.Certificate) bool {
				return time.Now().Before(root.NotAfter) && cert.CheckSignatureFrom(root) == nil
			})
			if crossed := !bytes.Equal(cert.RawIssuer, cert.RawSubject); own && crossed && !issued {
				return check.Fail("a chain that ends at or before an authority of the phones", "%q issued by %q, which the phones lack or which has expired", cert.Subject, cert.Issuer)
			}
		}
		return check.Pass("%d certificates", len(certs))
	}),
}

var name = check.Check{
	ID:          "https/4",
	Title:       "the certificate has the server's name",
	Requirement: "The name or address in the phones' rule is among the subjectAltNames of the certificate.",
	Source:      "RFC 9110 section 4.3.4; RFC 9525 section 6; FV-TLS-1",
	Level:       check.Must,
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.AnyServer: {Text: "issue the certificate for the name that the rule has, an address as IP: and not as DNS:"},
	},
	Run: ofChain(func(p *check.Probe, certs []*x509.Certificate) check.Finding {
		if err := certs[0].VerifyHostname(p.Server("https").Host); err != nil {
			return check.Fail("a certificate for "+p.Server("https").Host, "%s", names(certs[0]))
		}
		return check.Pass("%s", names(certs[0]))
	}),
}

// names lists the servers that a certificate is for.
func names(cert *x509.Certificate) string {
	all := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return fmt.Sprintf("a certificate without subjectAltNames, CN %q, which only phones of the guide's age take (quirk tls-cn)", cert.Subject.CommonName)
	}
	return "a certificate for " + strings.Join(all, ", ")
}
