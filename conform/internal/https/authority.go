package https

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"provsim/conform/check"
	"provsim/internal/lab"
)

// The phone presents its certificate whatever the list says (FV-OUT-2); other
// vendors' do not.
var listed = check.Check{
	ID:          "https/23",
	Title:       "the phone's authority is on the server's list",
	Requirement: "The authorities that the server names in its request for a certificate, if any, include the one that has issued the phone's.",
	Source:      "RFC 5246 section 7.4.4; RFC 8446 section 4.2.4",
	Level:       check.Info,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice: check.Advices{
		check.Nginx:    {Text: "ssl_client_certificate names what is sent; ssl_trusted_certificate does not"},
		check.Apache:   {In: "VirtualHost", Config: "SSLCADNRequestFile /etc/ssl/phones-ca.pem"},
		check.Lighttpd: {Config: `ssl.verifyclient.ca-dn-file = "/etc/ssl/phones-ca.pem"`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		wanted, err := request(ctx, p)
		switch {
		case wanted == nil && err == nil:
			return check.Skip("the server asks for no certificate")
		case wanted == nil:
			return check.Errorf("looking for the server's request: %v", err)
		}
		shown, err := p.TLS(p.Target.Phones[0]).GetClientCertificate(wanted)
		if err != nil {
			return check.Errorf("certificate of the phone: %w", err)
		}
		if err := wanted.SupportsCertificate(shown); err != nil {
			return check.Fail("a request that fits the phone's certificate", "%v", err)
		}
		return check.Pass("%d authorities named", len(wanted.AcceptableCAs))
	},
}

var unknownAuthority = check.Check{
	ID:          "https/15",
	Title:       "a client certificate of another authority is refused",
	Requirement: "A certificate with the phone's name, of an authority that has the right name and another key, is refused.",
	Source:      "RFC 5280 section 6.1; FV-TLS-1",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice: check.Advices{
		check.Nginx:    {Text: "and not optional_no_ca", In: "server", Config: "ssl_verify_client on;"},
		check.Apache:   {Text: "and not optional_no_ca", In: "VirtualHost", Config: "SSLVerifyClient require"},
		check.Lighttpd: {Config: `ssl.verifyclient.enforce = "enable"`},
	},
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		forged, err := forge(p, p.Target.Phones[0])
		if err != nil {
			return check.Errorf("certificate of another authority: %w", err)
		}
		answer, err := fetchWith(ctx, p, p.First().Path, p.TLSWith(forged))
		return expectRefusal(ctx, answer, err)
	}),
}

// forge issues a certificate that is like the phone's except for its keys.
func forge(p *check.Probe, phone check.Phone) (tls.Certificate, error) {
	real, err := leaf(p, phone)
	if err != nil {
		return tls.Certificate{}, err
	}
	ca, err := lab.NewAuthority(real.Issuer.CommonName, lab.ECDSA)
	if err != nil {
		return tls.Certificate{}, err
	}
	like := lab.Leaf{Name: real.Subject.CommonName}
	for _, part := range []struct {
		to   *string
		from []string
	}{{&like.Organization, real.Subject.Organization}, {&like.Unit, real.Subject.OrganizationalUnit}} {
		if len(part.from) > 0 {
			*part.to = part.from[0]
		}
	}
	cert, key, err := ca.Issue(like)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// leaf returns a phone's certificate.
func leaf(p *check.Probe, phone check.Phone) (*x509.Certificate, error) {
	shown, err := p.TLS(phone).GetClientCertificate(nil)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(shown.Certificate[0])
}

var expired = check.Check{
	ID:          "https/16",
	Title:       "an expired client certificate is refused",
	Requirement: "A certificate of the right authority that has expired is refused.",
	Source:      "RFC 5280 section 6.1.3",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate, check.ExpiredCertificate},
	Advice: check.Advices{
		check.AnyServer: {Text: "the server's clock must be right; a script that verifies certificates must look at their dates"},
	},
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		answer, err := fetchWith(ctx, p, p.First().Path, p.TLS(check.Phone{Certificate: p.Target.Expired}))
		return expectRefusal(ctx, answer, err)
	}),
}
