package https

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"provsim/conform/check"
)

var versionAdvice = check.Advices{
	check.Nginx:    {In: "server", Config: "ssl_protocols TLSv1.2 TLSv1.3;"},
	check.Apache:   {In: "VirtualHost", Config: "SSLProtocol -all +TLSv1.2 +TLSv1.3"},
	check.Lighttpd: {Config: `ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2" )`},
}

// offered reports whether the server goes on in a handshake of some versions and
// suites; nil stands for all that are known here.
func offered(ctx context.Context, p *check.Probe, least, most uint16, suites []uint16) ([]*x509.Certificate, bool, error) {
	if suites == nil {
		suites = allSuites()
	}
	certs, err := shown(ctx, p, func(c *tls.Config) {
		c.MinVersion, c.MaxVersion, c.CipherSuites = least, most, suites
	})
	if err == nil {
		return certs, true, nil
	}
	if _, alert := check.Alert(err); alert || hungUp(err) {
		return nil, false, nil
	}
	return nil, false, err
}

// onlyOld says which version of TLS the server has where it has none that phones
// know which do not want old ones, or "".
func onlyOld(ctx context.Context, p *check.Probe) string {
	if _, ok, err := offered(ctx, p, tls.VersionTLS12, tls.VersionTLS13, nil); ok || err != nil {
		return ""
	}
	for _, version := range []uint16{tls.VersionTLS11, tls.VersionTLS10} {
		if _, ok, _ := offered(ctx, p, version, version, nil); ok {
			return tls.VersionName(version)
		}
	}
	return ""
}

var current = check.Check{
	ID:          "https/7",
	Title:       "TLS 1.2 is offered",
	Requirement: "A phone that knows TLS 1.2 and nothing newer gets through the handshake.",
	Source:      "RFC 9325 section 3.1.1; RFC 5246",
	Level:       check.Must,
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      versionAdvice,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		_, ok, err := offered(ctx, p, tls.VersionTLS12, tls.VersionTLS12, nil)
		switch {
		case err != nil:
			return check.Errorf("trying TLS 1.2: %v", err)
		case !ok:
			return check.Fail("TLS 1.2", "a refusal")
		}
		return check.Pass("TLS 1.2")
	},
}

// Old firmware knows neither elliptic curves in certificates nor any but the
// CBC suites of TLS 1.0; some know no key exchange but RSA.
var suitesOfOld = []uint16{
	tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA,
	tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
}

var old = check.Check{
	ID:          "https/8",
	Title:       "TLS below 1.2 is offered as declared",
	Requirement: "TLS 1.0 and 1.1 are refused; where phones without TLS 1.2 are declared, TLS 1.0 is there with an RSA certificate and AES-CBC.",
	Source:      "RFC 8996 sections 4 and 5; RFC 9325 section 3.1.1",
	Level:       check.Should,
	Tags:        []check.Tag{check.Security, check.OldPhones},
	Needs:       []check.Need{check.HTTPSServer},
	Advice: check.Advices{
		check.Nginx:    {Text: "for old phones: a server block of their own with ssl_protocols TLSv1 and ssl_ciphers DEFAULT@SECLEVEL=0", In: "server", Config: "ssl_protocols TLSv1.2 TLSv1.3;"},
		check.Apache:   {Text: "for old phones: a VirtualHost of their own with SSLProtocol +TLSv1 and SSLCipherSuite DEFAULT@SECLEVEL=0", In: "VirtualHost", Config: "SSLProtocol -all +TLSv1.2 +TLSv1.3"},
		check.Lighttpd: {Text: `for old phones: "MinProtocol" => "TLSv1" and "CipherString" => "DEFAULT@SECLEVEL=0"`, Config: `ssl.openssl.ssl-conf-cmd = ( "MinProtocol" => "TLSv1.2" )`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if p.Target.Policy.LegacyPhones {
			return forOldPhones(ctx, p)
		}
		for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
			_, ok, err := offered(ctx, p, version, version, nil)
			switch {
			case err != nil:
				return check.Errorf("trying %s: %v", tls.VersionName(version), err)
			case ok:
				return check.Fail("TLS 1.2 and newer only", "%s", tls.VersionName(version))
			}
		}
		return check.Pass("TLS 1.0 and 1.1 are refused")
	},
}

func forOldPhones(ctx context.Context, p *check.Probe) check.Finding {
	const want = "TLS 1.0 with an RSA certificate and AES-CBC, as declared"
	certs, ok, err := offered(ctx, p, tls.VersionTLS10, tls.VersionTLS10, suitesOfOld)
	switch {
	case err != nil:
		return check.Errorf("trying TLS 1.0: %v", err)
	case !ok:
		return check.Fail(want, "a refusal")
	case certs[0].PublicKeyAlgorithm != x509.RSA:
		return check.Fail(want, "a certificate with %v", certs[0].PublicKeyAlgorithm)
	}
	return check.Pass("TLS 1.0 with RSA")
}

var newest = check.Check{
	ID:          "https/13",
	Title:       "TLS 1.3 is offered",
	Requirement: "A phone that knows TLS 1.3 gets it.",
	Source:      "RFC 9325 section 3.1.1",
	Level:       check.Info,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.HTTPSServer},
	Advice:      versionAdvice,
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		_, ok, err := offered(ctx, p, tls.VersionTLS13, tls.VersionTLS13, nil)
		switch {
		case err != nil:
			return check.Errorf("trying TLS 1.3: %v", err)
		case !ok:
			return check.Fail("TLS 1.3", "a refusal")
		}
		return check.Pass("TLS 1.3")
	},
}
