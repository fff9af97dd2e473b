package https

import (
	"context"
	"crypto/tls"

	"provsim/conform/check"
)

var resumptionAdvice = check.Advices{
	check.Nginx: {Text: "or use nginx 1.27.4 or newer (CVE-2025-23419)", In: "server", Config: `ssl_session_tickets off;
ssl_session_cache none;`},
	check.Apache: {Text: "or use Apache 2.4.64 or newer (CVE-2025-23048)", In: "server config", Config: `SSLSessionTickets off
SSLSessionCache none`},
	check.Lighttpd: {Config: `ssl.openssl.ssl-conf-cmd = ( "Options" => "-SessionTicket" )`},
}

// versions are those that resume in ways of their own: by ticket or session ID
// before TLS 1.3, by pre-shared key since.
var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

var resumedStranger = check.Check{
	ID:          "https/19",
	Title:       "a resumed session does not bypass the client certificate",
	Requirement: "A session that was begun without a certificate, also under another name, brings no file when it is resumed; that of one phone does not bring another phone's file.",
	Source:      "RFC 8446 section 4.6.1; CVE-2025-23419 (nginx); CVE-2025-23048 (Apache)",
	Level:       check.Must,
	Tags:        []check.Tag{check.Security},
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice:      resumptionAdvice,
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		for _, version := range versions {
			for _, name := range []string{p.Server("https").Host, "", "provsim.invalid"} {
				first := p.TLSWith(tls.Certificate{})
				first.ServerName = name
				answer, err := resume(ctx, p, version, first, p.TLSWith(tls.Certificate{}), p.First().Path)
				if found := fromResumed(ctx, answer, err); found.Verdict != check.Passed {
					return found.With("%s, a session begun without a certificate under the name %q", tls.VersionName(version), name)
				}
			}
			if found := resumeAsOther(ctx, p, version); found.Verdict != check.Passed {
				return found
			}
		}
		return check.Pass("no resumed session opens a file")
	}),
}

// resumeAsOther asks for the second phone's file by a resumed session of the
// first.
func resumeAsOther(ctx context.Context, p *check.Probe, version uint16) check.Finding {
	if len(p.Target.Phones) < 2 {
		return check.Pass("no second phone")
	}
	path, err := otherPath(p)
	if err != nil {
		return check.Pass("%v", err)
	}
	// https/17 finds a server that gives the file to this phone anyway.
	fresh, err := fetchWith(ctx, p, path, p.TLS(p.Target.Phones[0]))
	if err == nil && fresh.Status == 200 {
		return check.Pass("one phone's certificate opens all files")
	}
	answer, err := resume(ctx, p, version, p.TLS(p.Target.Phones[0]), p.TLS(p.Target.Phones[0]), path)
	found := fromResumed(ctx, answer, err)
	if found.Verdict == check.Failed {
		return found.With("%s, a session of phone %s and the file of another", tls.VersionName(version), p.Target.Phones[0].MAC)
	}
	return found
}

// fromResumed is the finding of a request over a resumed session. No answer is
// as good as a refusal: a client that could not begin a session has none to
// resume.
func fromResumed(ctx context.Context, answer *check.Answer, err error) check.Finding {
	switch {
	case ctx.Err() != nil:
		return check.Errorf("resuming a session: %w", ctx.Err())
	case err == nil && answer != nil && (answer.Status < 400 || answer.Status > 499):
		return check.Fail("a refusal, as to a session that is not resumed", "%s", answer)
	}
	return check.Pass("a refusal")
}

// resume begins a session by one handshake and a request, resumes it by another,
// and asks for a path then. The answer is nil where nothing was resumed.
func resume(ctx context.Context, p *check.Probe, version uint16, first, second *tls.Config, path string) (*check.Answer, error) {
	cache := &session{}
	for _, config := range []*tls.Config{first, second} {
		config.InsecureSkipVerify = true
		config.MinVersion, config.MaxVersion = version, version
		config.ClientSessionCache = cache
	}
	to := p.Server("https")
	// TLS 1.3 sends the ticket after the handshake, before the answer.
	if _, err := fetchWith(ctx, p, p.First().Path, first); err != nil && cache.state == nil {
		return nil, err
	}
	conn, err := p.Handshake(ctx, to, second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if !conn.ConnectionState().DidResume {
		return nil, nil
	}
	return p.AskOn(ctx, conn, p.Line(to, "GET", path))
}

// session is a cache for one session, which it gives to whatever server.
type session struct{ state *tls.ClientSessionState }

func (s *session) Get(string) (*tls.ClientSessionState, bool) { return s.state, s.state != nil }

func (s *session) Put(_ string, state *tls.ClientSessionState) {
	if state != nil {
		s.state = state
	}
}

// A resumed handshake shows no certificate. A server that keeps the session but
// not its certificate does not know the phone again.
var resumedPhone = check.Check{
	ID:          "https/20",
	Title:       "a phone that resumes gets its file",
	Requirement: "A phone that resumes its session is known by the certificate it was begun with.",
	Source:      "RFC 8446 section 2.2; RFC 5077 section 3.1",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile, check.HTTPSServer, check.ClientCertificate},
	Advice:      resumptionAdvice,
	Run: toPhones(func(ctx context.Context, p *check.Probe) check.Finding {
		resumed := false
		for _, version := range versions {
			phone := p.Target.Phones[0]
			answer, err := resume(ctx, p, version, p.TLS(phone), p.TLS(phone), p.First().Path)
			switch {
			case ctx.Err() != nil:
				return check.Errorf("resuming a session: %w", ctx.Err())
			case err != nil:
				// The version may not be offered; a fresh visit says whether it is.
				config := p.TLS(phone)
				config.MinVersion, config.MaxVersion = version, version
				if _, fresh := fetchWith(ctx, p, p.First().Path, config); fresh == nil {
					return check.Fail("the phone's file", "%v", err).With("%s", tls.VersionName(version))
				}
			case answer != nil && answer.Status != 200:
				return check.Fail("the phone's file", "%s", answer).With("%s", tls.VersionName(version))
			case answer != nil:
				resumed = true
			}
		}
		if !resumed {
			return check.Pass("the server resumes no sessions")
		}
		return check.Pass("the phone's file")
	}),
}
