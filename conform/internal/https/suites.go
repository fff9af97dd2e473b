package https

import (
	"context"
	"crypto/tls"

	"provsim/conform/check"
)

var weak = check.Check{
	ID:          "https/9",
	Title:       "no broken ciphers",
	Requirement: "A handshake that offers only RC4 and triple DES is refused.",
	Source:      "RFC 9325 section 4.1; RFC 7465; CVE-2016-2183",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "ssl_ciphers HIGH:!aNULL:!3DES:!RC4;"},
		check.Apache:   {In: "VirtualHost", Config: "SSLCipherSuite HIGH:!aNULL:!3DES:!RC4"},
		check.Lighttpd: {Config: `ssl.openssl.ssl-conf-cmd = ( "CipherString" => "HIGH:!aNULL:!3DES:!RC4" )`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		_, ok, err := offered(ctx, p, tls.VersionTLS12, tls.VersionTLS12, []uint16{
			tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA,
			tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
		})
		switch {
		case err != nil:
			return check.Errorf("trying RC4 and triple DES: %v", err)
		case ok:
			return check.Fail("a refusal", "a handshake with RC4 or triple DES")
		}
		return check.Pass("a refusal")
	},
}

// TLS 1.2 here, because in TLS 1.3 every phone knows P-256 (RFC 8446 section 9.1)
// and the question does not arise.
var commonCurve = check.Check{
	ID:          "https/10",
	Title:       "P-256 is accepted",
	Requirement: "A phone that knows no curve but P-256 gets through the handshake.",
	Source:      "RFC 8446 section 9.1; RFC 8422 section 5.1.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.Nginx:    {In: "server", Config: "ssl_ecdh_curve auto;"},
		check.Apache:   {In: "VirtualHost", Config: "SSLOpenSSLConfCmd Curves X25519:P-256"},
		check.Lighttpd: {Config: `ssl.openssl.ssl-conf-cmd = ( "Curves" => "X25519:P-256" )`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		_, err := shown(ctx, p, func(c *tls.Config) {
			c.MinVersion, c.MaxVersion, c.CurvePreferences = tls.VersionTLS12, tls.VersionTLS12, []tls.CurveID{tls.CurveP256}
		})
		if _, alert := check.Alert(err); alert || err != nil && hungUp(err) {
			if old := onlyOld(ctx, p); old != "" {
				return check.Skip("the server knows only %s: see https/7", old)
			}
			return check.Fail("a handshake", "a refusal")
		}
		if err != nil {
			return check.Errorf("trying P-256: %v", err)
		}
		return check.Pass("a handshake")
	},
}

var withoutName = check.Check{
	ID:          "https/11",
	Title:       "without a name the certificate is the same",
	Requirement: "A phone that names no server in the handshake is shown a certificate for the server of its rule.",
	Source:      "RFC 6066 section 3: the extension is the client's choice; old firmware does not know it",
	Level:       check.Should,
	Tags:        []check.Tag{check.OldPhones},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.Nginx:    {Text: "in the phones' server block", In: "server", Config: "listen 443 ssl default_server;"},
		check.Apache:   {Text: "let the phones' VirtualHost be the first of its address and port"},
		check.Lighttpd: {Text: `set the phones' ssl.pemfile in $SERVER["socket"], not in $HTTP["host"]`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		certs, err := shown(ctx, p, func(c *tls.Config) {
			anyhow(c)
			c.ServerName = ""
		})
		host := p.Server("https").Host
		if _, alert := check.Alert(err); alert || err != nil && hungUp(err) {
			return check.Fail("a certificate for "+host, "a refusal")
		}
		named, _ := shown(ctx, p, anyhow)
		switch {
		case err == nil && len(named) > 0 && named[0].VerifyHostname(host) != nil:
			return check.Skip("the certificate is for another server with a name too: see https/4")
		case err != nil:
			return check.Errorf("a handshake without a name: %v", err)
		case certs[0].VerifyHostname(host) != nil:
			return check.Fail("a certificate for "+host, "%s", names(certs[0]))
		}
		return check.Pass("%s", names(certs[0]))
	},
}
