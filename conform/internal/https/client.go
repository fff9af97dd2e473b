package https

import (
	"context"
	"crypto/tls"

	"provsim/conform/check"
)

var clientAdvice = check.Advices{
	check.Nginx: {In: "server", Config: `ssl_verify_client on;
ssl_client_certificate /etc/ssl/phones-ca.pem;`},
	check.Apache: {Text: "and not in a Directory", In: "VirtualHost", Config: `SSLVerifyClient require
SSLCACertificateFile /etc/ssl/phones-ca.pem`},
	check.Lighttpd: {Config: `ssl.verifyclient.activate = "enable"
ssl.verifyclient.enforce = "enable"
ssl.verifyclient.ca-file = "/etc/ssl/phones-ca.pem"`},
}

var certificateRequired = check.Check{
	ID:          "https/1",
	Title:       "no file without a client certificate",
	Requirement: "A server that lets phones in by certificate refuses a client without one, in the handshake or with a status from 400 to 499.",
	Source:      "Flying Voice auto-provision overview, section 4.2; FV-TLS-1, FV-OUT-2",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice:      clientAdvice,
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		answer, err := fetchWith(ctx, p, p.First().Path, p.TLSWith(tls.Certificate{}))
		return expectRefusal(ctx, answer, err)
	}),
}

// Some firmware knows neither renegotiation nor authentication after the
// handshake, which RFC 8446 section 4.2.6 makes an option of the client.
var asked = check.Check{
	ID:          "https/14",
	Title:       "the certificate is asked for in the handshake",
	Requirement: "The server asks for the phone's certificate in the first handshake, not when it sees the path.",
	Source:      "RFC 8446 sections 4.3.2 and 4.6.2; RFC 5746; Apache manual, SSLVerifyClient",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice:      clientAdvice,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		switch wanted, err := request(ctx, p); {
		case wanted != nil:
			return check.Pass("a request for a certificate")
		case err != nil:
			return check.Errorf("looking for the server's request: %v", err)
		}
		// Another check finds a server that never asks: https/1.
		answer, err := fetchWith(ctx, p, p.First().Path, p.TLSWith(tls.Certificate{}))
		if err == nil && answer.Status == 200 {
			return check.Skip("the server gives the file to anybody")
		}
		return check.Fail("a request for a certificate", "no request for a certificate, and no file")
	},
}

// request returns the server's request for a certificate, nil where it makes
// none.
func request(ctx context.Context, p *check.Probe) (wanted *tls.CertificateRequestInfo, err error) {
	config := p.TLS(p.Target.Phones[0])
	config.InsecureSkipVerify = true
	show := config.GetClientCertificate
	config.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		wanted = info
		return show(info)
	}
	conn, err := p.Handshake(ctx, p.Server("https"), config)
	if err == nil {
		conn.Close()
	}
	return wanted, err
}
