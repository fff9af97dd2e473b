package https

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"provsim/conform/check"
)

var chainAdvice = map[check.Server]string{
	check.Nginx:    "ssl_certificate fullchain.pem; with the server's certificate first, then each issuer's, without the root",
	check.Apache:   "SSLCertificateFile fullchain.pem",
	check.Lighttpd: `ssl.pemfile = "fullchain.pem"`,
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

// plainly is a handshake as the phone makes it.
func plainly(*tls.Config) {}

// ofChain makes a check's function of one that judges the server's certificates.
func ofChain(judge func(*check.Probe, []*x509.Certificate) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		certs, err := shown(ctx, p, plainly)
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
	between := x509.NewCertPool()
	for _, cert := range certs[1:] {
		between.AddCert(cert)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{
		Roots: p.TLSWith(tls.Certificate{}).RootCAs, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
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
			if err := certs[i].CheckSignatureFrom(cert); err != nil {
				return check.Fail("the issuer after each certificate", "certificate %d is not by the issuer of certificate %d", i+2, i+1)
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
	Advice: map[check.Server]string{
		check.AnyServer: "issue the certificate for the name that the rule has, an address as IP: and not as DNS:",
	},
	Run: ofChain(func(p *check.Probe, certs []*x509.Certificate) check.Finding {
		if err := certs[0].VerifyHostname(p.Server("https").Host); err != nil {
			return check.Fail("a certificate for "+p.Server("https").Host, "%s", names(certs[0]))
		}
		return check.Pass("%s", names(certs[0]))
	}),
}

// names tells whom a certificate is for.
func names(cert *x509.Certificate) string {
	all := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "a certificate without subjectAltNames"
	}
	return "a certificate for " + strings.Join(all, ", ")
}
