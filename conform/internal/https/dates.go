package https

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"provsim/conform/check"
)

var validNow = check.Check{
	ID:          "https/5",
	Title:       "the certificates are valid now",
	Requirement: "The present time lies within the dates of every certificate of the chain.",
	Source:      "RFC 5280 section 4.1.2.5; FV-TLS-1",
	Level:       check.Must,
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      renewal,
	Run: ofChain(func(p *check.Probe, certs []*x509.Certificate) check.Finding {
		now := time.Now()
		for _, cert := range certs {
			if now.Before(cert.NotBefore) {
				return check.Fail("certificates that are valid now", "%q begins on %s", cert.Subject, day(cert.NotBefore))
			}
			if now.After(cert.NotAfter) {
				return check.Fail("certificates that are valid now", "%q has expired on %s", cert.Subject, day(cert.NotAfter))
			}
		}
		// The authority itself is not shown, but has dates as well.
		var invalid x509.CertificateInvalidError
		if err := verify(p, certs, now); errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			return check.Fail("certificates that are valid now", "%v", err)
		}
		return check.Pass("valid until %s", day(end(certs)))
	}),
}

// renewal is what keeps certificates alive.
var renewal = check.Advices{
	check.Nginx:    {Text: "run nginx -s reload after the renewal, for instance as certbot's --deploy-hook"},
	check.Apache:   {Text: "run apachectl graceful after the renewal"},
	check.Lighttpd: {Text: "run systemctl reload lighttpd after the renewal"},
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// end returns when the first of some certificates expires.
func end(certs []*x509.Certificate) time.Time {
	return slices.MinFunc(certs, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }).NotAfter
}

// notice is how long before its end a certificate is warned of.
const notice = 30 * 24 * time.Hour

// A month is enough to find out why the renewal does not run, and little enough
// that a certificate for 90 days passes until it should have been renewed.
var lasts = check.Check{
	ID:          "https/6",
	Title:       "the certificates last another 30 days",
	Requirement: "No certificate of the chain expires within 30 days.",
	Source:      "usual practice of renewal, such as certbot's 30 days before the end",
	Level:       check.Should,
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      renewal,
	Run: ofChain(func(_ *check.Probe, certs []*x509.Certificate) check.Finding {
		switch until := end(certs); {
		case time.Now().After(until):
			return check.Skip("a certificate has expired already")
		case time.Until(until) < notice:
			return check.Fail("certificates that last 30 days", "the first ends on %s", day(until))
		default:
			return check.Pass("until %s", day(until))
		}
	}),
}

var phonesLast = check.Check{
	ID:          "https/22",
	Title:       "the phones' certificates last another 30 days",
	Requirement: "No phone's own certificate expires within 30 days: a phone that is locked out cannot get another one.",
	Source:      "FV-TLS-1; RFC 5280 section 4.1.2.5",
	Level:       check.Should,
	Needs:       []check.Need{check.ClientCertificate},
	Advice: check.Advices{
		check.AnyServer: {Text: "issue new certificates and upload them to the phones while the old ones still open the door"},
	},
	Run: func(_ context.Context, p *check.Probe) check.Finding {
		for _, phone := range p.Target.Phones {
			if !phone.Certificate.Given() {
				continue
			}
			cert, err := leaf(p, phone)
			if err != nil {
				return check.Errorf("certificate of phone %s: %w", phone.MAC, err)
			}
			if time.Until(cert.NotAfter) < notice {
				return check.Fail("certificates that last 30 days", "that of phone %s ends on %s", phone.MAC, day(cert.NotAfter))
			}
		}
		return check.Pass("all of them")
	},
}
