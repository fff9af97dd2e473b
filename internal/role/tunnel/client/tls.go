package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"provsim/internal/fetch/shortage"
	"provsim/internal/role/tunnel"
)

// handshake is that of TLS (WT-CON-2).
func (a *attempt) handshake(ctx context.Context, plain net.Conn, host string) (net.Conn, error) {
	config := &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		ClientSessionCache: a.sessions,
		InsecureSkipVerify: true, // the chain is checked by VerifyConnection, where it is to be
	}
	if a.Cert != nil {
		config.Certificates = []tls.Certificate{*a.Cert}
	}
	if a.parameters.VerifyPeer {
		config.VerifyConnection = func(s tls.ConnectionState) error { return a.verify(s, host) }
	}
	begun := time.Now()
	c := tls.Client(plain, config)
	err := c.HandshakeContext(ctx)
	a.times.Handshake = time.Since(begun)
	if err != nil {
		plain.Close()
		var refused *net.OpError
		if errors.As(err, &refused) && refused.Op == "remote error" || errors.As(err, new(tls.RecordHeaderError)) {
			err = fmt.Errorf("%w: %w", errTLS, err)
		}
		return nil, err
	}
	a.times.Resumed = c.ConnectionState().DidResume
	return c, nil
}

var errTLS = errors.New("TLS handshake")

func (a *attempt) verify(s tls.ConnectionState, host string) error {
	roots := a.Roots
	if roots == nil {
		roots = x509.NewCertPool()
	}
	others := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		others.AddCert(c)
	}
	if _, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: others}); err != nil {
		return errUntrusted
	}
	if a.CheckName && s.PeerCertificates[0].VerifyHostname(host) != nil {
		return errName
	}
	return nil
}

// explain names an error of the connection (the specification's section 8).
func (a *attempt) explain(ctx context.Context, err error) *Failure {
	var dns *net.DNSError
	var failed net.Error
	f := &Failure{}
	switch {
	case shortage.Caused(err):
		f.Outcome, f.Note = tunnel.Local, "this machine has no port, descriptor or memory left"
	case errors.Is(err, errNoResolver):
		f.Outcome, f.Note = tunnel.NoName, errNoResolver.Error()
	case errors.As(err, &dns):
		f.Outcome, f.Note = tunnel.NoName, dns.Err
	case errors.Is(err, errUntrusted):
		f.Outcome, f.Note = tunnel.Untrusted, errUntrusted.Error()
	case errors.Is(err, errName):
		f.Outcome, f.Note = tunnel.WrongName, errName.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Outcome = tunnel.Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		f.Outcome = tunnel.Unreachable
	case ctx.Err() != nil, errors.As(err, &failed) && failed.Timeout():
		f.Outcome = tunnel.Timeout
	case errors.Is(err, errTLS):
		f.Outcome, f.Note = tunnel.TLS, "the server ended the handshake, or does not speak TLS"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.EPIPE):
		f.Outcome, f.Note = tunnel.Lost, "the server ended the connection without an answer"
	default:
		f.Outcome, f.Note = tunnel.BadUpgrade, "the answer is no HTTP/1.1"
	}
	return f
}
