package web

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"reflect"
	"strings"
	"time"

	"provsim/resync"
)

// keyExchanges are those of crypto/tls without the post-quantum one: no phone of
// this age offers it, and it makes the hello too long for one packet.
var keyExchanges = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// tlsConfig prepares the handshake with the server of the request (FV-TLS-1).
func (t *transfer) tlsConfig() (*tls.Config, error) {
	client, roots, err := t.identity()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		ServerName:       t.req.Host,
		CurvePreferences: keyExchanges,
		// The chain is checked below. Nothing is, for quirk tls-no-verify.
		InsecureSkipVerify: true,
		// Apache with SSLVerifyClient for a directory asks for the certificate in
		// a second handshake, once it has read the path.
		Renegotiation: tls.RenegotiateOnceAsClient,
		// Whatever authorities the server names, the phone shows what it has
		// (FV-OUT-2).
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			t.asked = true
			return &client, nil
		},
	}
	if t.req.TLS.AnyChain {
		return config, nil
	}
	name := t.req.Host
	if t.req.TLS.AnyName {
		name = ""
	}
	config.VerifyConnection = func(state tls.ConnectionState) error { return t.client.learnt.trust(state, roots, name) }
	return config, nil
}

// identity returns the client certificate, which may be none, and the
// authorities that count.
func (t *transfer) identity() (tls.Certificate, *x509.CertPool, error) {
	uploaded := t.req.TLS.Certificates
	if uploaded == nil {
		return tls.Certificate{}, t.client.Roots, nil
	}
	roots := t.client.Roots
	if len(uploaded.CA) > 0 {
		var err error
		if roots, err = t.client.learnt.authorities(uploaded.CA); err != nil {
			return tls.Certificate{}, nil, fail(resync.TLSUntrusted, "%v: %v", ErrCA, err)
		}
	}
	client, err := t.client.learnt.client(uploaded)
	if err != nil {
		return tls.Certificate{}, nil, fail(resync.TLSClientCert, "%v: %v", ErrClient, err)
	}
	return client, roots, nil
}

// classifyTLS returns the outcome of an error of the TLS layer, or None for
// any other error.
func (t *transfer) classifyTLS(err error) (resync.Outcome, string) {
	if alert, ok := remoteAlert(err); ok {
		return t.classifyAlert(alert)
	}
	var (
		name       x509.HostnameError
		invalid    x509.CertificateInvalidError
		unverified *tls.CertificateVerificationError
		record     tls.RecordHeaderError
		op         *net.OpError
	)
	switch {
	case errors.As(err, &name):
		return resync.TLSName, "server certificate: " + strings.TrimPrefix(name.Error(), "x509: ")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return resync.TLSUntrusted, "server certificate: " + outOfDate(invalid.Cert)
	case errors.As(err, &unverified):
		return resync.TLSUntrusted, "server certificate: " + strings.TrimPrefix(unverified.Err.Error(), "x509: ")
	case errors.As(err, &record):
		return resync.TLS, t.phase + ": the server does not speak TLS on this port"
	case errors.As(err, &op) && op.Op == "local error":
		return resync.TLS, t.phase + ": " + op.Err.Error()
	}
	return resync.None, ""
}

// outOfDate tells on which side of its validity a certificate is; it may be
// the server's or one of its authorities'.
func outOfDate(cert *x509.Certificate) string {
	if now := time.Now(); now.Before(cert.NotBefore) {
		return "not valid before " + cert.NotBefore.UTC().Format(time.DateTime) + " UTC"
	}
	return "expired on " + cert.NotAfter.UTC().Format(time.DateTime) + " UTC"
}

// Alerts of RFC 8446 section 6.2 by which a server refuses the client.
const (
	handshakeFailure    tls.AlertError = 40
	certificateRequired tls.AlertError = 116
)

var refusals = map[tls.AlertError]bool{
	42:                  true, // bad_certificate
	43:                  true, // unsupported_certificate
	44:                  true, // certificate_revoked
	45:                  true, // certificate_expired
	46:                  true, // certificate_unknown
	48:                  true, // unknown_ca
	49:                  true, // access_denied
	certificateRequired: true,
}

// classifyAlert tells whether an alert is about the client certificate
// (FV-OUT-2). In TLS 1.2 a missing one is a handshake_failure, which has many
// other causes where the server did not ask for one.
func (t *transfer) classifyAlert(alert tls.AlertError) (resync.Outcome, string) {
	note := "the server ends TLS with alert " + strings.TrimPrefix(alert.Error(), "tls: ")
	if !refusals[alert] && !(alert == handshakeFailure && t.asked) {
		return resync.TLS, t.phase + ": " + note
	}
	if c := t.req.TLS.Certificates; c == nil || len(c.Cert) == 0 {
		note += "; it asks for a client certificate, and none is uploaded"
	}
	return resync.TLSClientCert, note
}

// remoteAlert returns the alert by which the server ended the connection.
// crypto/tls wraps it in a net.OpError as a number of an unexported type.
func remoteAlert(err error) (tls.AlertError, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0, false
	}
	number := reflect.ValueOf(op.Err)
	if number.Kind() != reflect.Uint8 {
		return 0, false
	}
	return tls.AlertError(number.Uint()), true
}
