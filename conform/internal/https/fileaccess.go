package https

import (
	"context"
	"crypto/tls"
	"fmt"

	"provsim/conform/check"
	"provsim/profile"
	"provsim/profile/rule"
)

// The directives that ask for a certificate, as manuals of phones give them, let
// each phone read the files of all: the file is found by its path, which
// nothing compares with the certificate.
var ownFileOnly = check.Check{
	ID:          "https/17",
	Title:       "one phone's certificate does not open another's file",
	Requirement: "A phone with its own valid certificate is refused the configuration of another.",
	Source:      "CWE-639; Flying Voice auto-provision overview, section 4.2; FV-TLS-1",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate, check.SecondPhone},
	Advice: check.Advices{
		check.Nginx: {Text: "the location belongs into the phones' server block", In: "http", Config: `map $ssl_client_s_dn $mac { default none; "~CN=(?<m>[0-9A-F]{12})" $m; }
server {
    location ~ "^/fv(?<file>[0-9A-F]{12})" {
        if ($file != $mac) { return 403; }
    }
}`},
		check.Apache: {In: "VirtualHost", Config: `<LocationMatch "^/fv(?<MAC>[0-9A-F]{12})">
    Require expr %{SSL_CLIENT_S_DN_CN} == %{env:MATCH_MAC}
</LocationMatch>`},
		check.Lighttpd: {Text: "auth.require has such a line for each phone", Config: `ssl.verifyclient.username = "SSL_CLIENT_S_DN_CN"
auth.extern-authn = "enable"
auth.require = (
    "/fv0021F2011B19" => ( "method" => "extern", "realm" => "phones", "require" => "user=0021F2011B19" ),
)`},
	},
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		path, err := otherPath(p)
		if err != nil {
			return check.Skip("%v", err)
		}
		answer, err := fetchWith(ctx, p, path, p.TLS(p.Target.Phones[0]))
		return expectRefusal(ctx, answer, err)
	}),
}

// otherPath returns where the second phone's file is.
func otherPath(p *check.Probe) (string, error) {
	req, err := p.Request(p.Target.Phones[1].MAC)
	if err == nil && req.Path == p.First().Path {
		err = fmt.Errorf("the rule leads all phones to one file")
	}
	return req.Path, err
}

// A server that serves several names may ask for a certificate under one of
// them only, and take the name of the file from Host afterwards.
var otherName = check.Check{
	ID:          "https/18",
	Title:       "another server name does not bypass the client certificate",
	Requirement: "A client that names another server in the handshake, in Host or in both, or names none, is refused without a certificate too.",
	Source:      "RFC 9110 section 7.4; Apache manual, SSLStrictSNIVHostCheck",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice: check.Advices{
		check.Nginx: {In: "http", Config: `server {
    listen 443 ssl default_server;
    ssl_reject_handshake on;
}`},
		check.Apache:   {In: "server config", Config: "SSLStrictSNIVHostCheck on"},
		check.Lighttpd: {Text: `keep the ssl.verifyclient settings in the socket's own block, not in $HTTP["host"]`},
	},
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		for _, by := range []struct{ name, host string }{
			{"", p.Server("https").Authority()}, {"provsim.invalid", p.Server("https").Authority()},
			{"", "provsim.invalid"}, {"provsim.invalid", "provsim.invalid"},
		} {
			answer, err := fetchNamed(ctx, p, by.name, by.host)
			if found := expectRefusal(ctx, answer, err); found.Verdict != check.Passed {
				return found.With("the name in the handshake was %q, Host %s", by.name, by.host)
			}
		}
		return check.Pass("refused without a name and under another")
	}),
}

// fetchNamed asks for the phone's file without a certificate, under any names.
func fetchNamed(ctx context.Context, p *check.Probe, name, host string) (*check.Answer, error) {
	config := p.TLSWith(tls.Certificate{})
	config.ServerName, config.InsecureSkipVerify = name, true
	conn, err := p.Handshake(ctx, p.Server("https"), config)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return p.AskOn(ctx, conn, "GET "+p.First().Path+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
}

var beside = check.Check{
	ID:          "https/21",
	Title:       "the file is not served over plain HTTP as well",
	Requirement: "What phones get over HTTPS is not served over plain HTTP from the same host.",
	Source:      "RFC 9325 section 3.2; CWE-319",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer},
	Advice: check.Advices{
		check.Nginx: {In: "http", Config: `server {
    listen 80;
    return 301 https://$host$request_uri;
}`},
		check.Apache:   {Text: "in the VirtualHost of port 80", In: "VirtualHost", Config: "Redirect permanent / https://phones.example/"},
		check.Lighttpd: {Config: `$HTTP["scheme"] == "http" { url.redirect = ( "" => "https://${url.authority}${url.path}${qsa}" ) }`},
	},
	Run: func(ctx context.Context, p *check.Probe) check.Finding {
		if p.Target.Policy.Access == check.Open {
			return check.Skip("access is declared as open")
		}
		if rule, err := rule.Parse(p.Target.ProfileRule); err == nil && rule.Keyed {
			return check.Pass("the file is encrypted by a key")
		}
		to := p.Server("http")
		if to == (check.Origin{}) {
			to = check.Origin{Scheme: "http", Host: p.Server("https").Host, Port: profile.DefaultPort("http")}
		}
		answer, err := p.Get(ctx, to, p.First().Path)
		switch {
		case ctx.Err() != nil:
			return check.Errorf("asking over plain HTTP: %w", ctx.Err())
		case err != nil:
			return check.Pass("no plain HTTP")
		case answer.Status == 200 && holdsFile(ctx, p, answer.Body):
			return check.Fail("no file over plain HTTP", "%s", answer)
		}
		return check.Pass("%s", answer)
	},
}

// holdsFile reports whether a body is the phone's configuration.
func holdsFile(ctx context.Context, p *check.Probe, body []byte) bool {
	answer, err := fetchWith(ctx, p, p.First().Path, p.TLS(p.Target.Phones[0]))
	if err == nil && answer.Status == 200 {
		return check.SameText(answer.Body, body)
	}
	return p.Reads(body) // what it is, though HTTPS does not say so
}
