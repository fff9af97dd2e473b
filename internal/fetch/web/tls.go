package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"

	"provsim/device"
	"provsim/resync"
)

// keyExchanges are those of crypto/tls without the post-quantum one: no phone of
// this age offers it, and it makes the hello too long for one packet.
var keyExchanges = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// tlsConfig prepares the handshake with the server of the request (FV-TLS-1).
func (t *transfer) tlsConfig() (*tls.Config, error) {
	client, authorities, err := t.identity()
	if err != nil {
		return nil, err
	}
	if err := t.req.TLS.Check(); err != nil {
		return nil, fail(resync.TLS, "%v", err)
	}
	config := Offer(t.req.TLS)
	config.ServerName = t.req.Host
	// The chain is checked below. Nothing is, for quirk tls-no-verify.
	config.InsecureSkipVerify = true
	// Apache with SSLVerifyClient for a directory asks for the certificate in a
	// second handshake, once it has read the path.
	config.Renegotiation = tls.RenegotiateOnceAsClient
	// Whatever authorities the server names, the phone shows what it has (FV-OUT-2).
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		t.asked = true
		return &client, nil
	}
	if !t.req.TLS.AnyChain {
		config.VerifyConnection = t.verifier(authorities)
	}
	return config, nil
}

// Offer returns what a device offers in a handshake: curves, versions and, where
// it is of the guide's age, old key exchange (FV-TLS-3).
func Offer(options device.TLSOptions) *tls.Config {
	low, high := options.Versions()
	config := &tls.Config{CurvePreferences: keyExchanges, MinVersion: versions[low], MaxVersion: versions[high]}
	if options.RSA {
		config.CipherSuites = oldCiphers()
	}
	return config
}

var versions = map[device.TLSVersion]uint16{10: tls.VersionTLS10, 11: tls.VersionTLS11, 12: tls.VersionTLS12, 13: tls.VersionTLS13}

// oldCiphers are those that crypto/tls offers by itself, and those with RSA key
// exchange, without RC4 (quirk tls-rsa).
func oldCiphers() []uint16 {
	ids := []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	for _, suite := range tls.InsecureCipherSuites() {
		if strings.HasPrefix(suite.Name, "TLS_RSA_WITH_AES_") {
			ids = append(ids, suite.ID)
		}
	}
	return ids
}

// identity returns the client certificate, which is empty where the device has none,
// and the authorities that the device trusts.
func (t *transfer) identity() (client tls.Certificate, authorities anchor, err error) {
	uploaded := t.req.TLS.Certificates
	authorities = anchor{pool: t.client.Roots}
	if uploaded == nil {
		return client, authorities, nil
	}
	if len(uploaded.CA) > 0 {
		if authorities, err = t.client.learnt.authorities(uploaded.CA); err != nil {
			return client, authorities, fail(resync.TLSUntrusted, "%v: %v", ErrCA, err)
		}
	}
	if client, err = t.client.learnt.client(uploaded); err != nil {
		err = fail(resync.TLSClientCert, "%v: %v", ErrClient, err)
	}
	return client, authorities, err
}

// classifyTLS returns the outcome of an error of the TLS layer, or None for
// any other error.
func (t *transfer) classifyTLS(err error) (resync.Outcome, string) {
	if alert, ok := remoteAlert(err); ok {
		return t.classifyAlert(alert)
	}
	var record tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.As(err, &record):
		return resync.TLS, t.phase + ": the server does not speak TLS on this port"
	case errors.As(err, &op) && op.Op == "local error":
		return resync.TLS, t.phase + ": " + op.Err.Error()
	case t.phase == handshaking && strings.HasPrefix(err.Error(), "tls: server selected unsupported protocol version"):
		// crypto/tls has no value for it. A server of the guide's age chooses the
		// highest version that it knows, whatever the client wants.
		return resync.TLS, t.phase + ": the server chooses a version of TLS that the phone does not speak" + t.oldVersion()
	}
	return resync.None, ""
}

// oldVersion says what phones of the guide's age do about versions, or "".
func (t *transfer) oldVersion() string {
	low, high := t.req.TLS.Versions()
	note := fmt.Sprintf("; the phone speaks TLS %v to %v", low, high)
	if low == device.OldestTLS {
		return note
	}
	return note + ", and old phones TLS 1.0 as well (--tls-min 1.0)"
}

// Alerts of RFC 8446 section 6.2 by which a server refuses the client.
const (
	handshakeFailure    tls.AlertError = 40
	protocolVersion     tls.AlertError = 70
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
		switch {
		case alert == protocolVersion:
			note += t.oldVersion()
		case alert == handshakeFailure && !t.req.TLS.RSA:
			note += "; perhaps it knows RSA key exchange only, which old phones offer (quirk tls-rsa)"
		}
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
