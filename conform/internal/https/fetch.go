package https

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"syscall"

	"provsim/conform/check"
)

// fetchWith asks for a path over a new connection. It does not verify the
// server's certificate: an attacker would not either.
func fetchWith(ctx context.Context, p *check.Probe, path string, config *tls.Config) (*check.Answer, error) {
	config.InsecureSkipVerify = true
	to := p.Server("https")
	conn, err := p.Handshake(ctx, to, config)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return p.AskOn(ctx, conn, p.Line(to, "GET", path))
}

// toPhones makes a check's function of one that asks as other clients for the
// phone's file, once the phone itself gets it.
func toPhones(run func(context.Context, *check.Probe) check.Finding) func(context.Context, *check.Probe) check.Finding {
	return func(ctx context.Context, p *check.Probe) check.Finding {
		if by := p.Target.Policy.Access; by == check.Open || by == check.ByPassword {
			return check.Skip("access is declared as %s", by)
		}
		answer, err := fetchWith(ctx, p, p.First().Path, p.TLS(p.Target.Phones[0]))
		switch {
		case err != nil:
			return check.Errorf("asking as the phone: %v", err)
		case answer.Status != http.StatusOK:
			return check.Skip("the phone itself is answered with %s", answer)
		}
		return run(ctx, p)
	}
}

// kept is what a server does with a client that should not get a file.
const kept = "a refusal in the handshake, or a status from 400 to 499"

// expectRefusal is the finding of a visit that the server should refuse: in the
// handshake, at the first read after it (TLS 1.3), or by a status (nginx).
func expectRefusal(ctx context.Context, answer *check.Answer, err error) check.Finding {
	alert, alerted := check.Alert(err)
	switch {
	case ctx.Err() != nil:
		return check.Errorf("waiting for a refusal: %w", ctx.Err())
	case alerted:
		return check.Pass("TLS alert: %s", alert)
	case err != nil && hungUp(err):
		return check.Pass("the server ends the connection")
	case err != nil:
		return check.Errorf("waiting for a refusal: %w", err)
	case answer.Status < 400 || answer.Status > 499:
		return check.Fail(kept, "%s", answer)
	}
	return check.Pass("%s", answer)
}

// hungUp reports whether the other side has ended a connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
