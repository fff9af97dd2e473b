package check

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"provsim/device"
	"provsim/internal/fetch/web"
)

// firstPhone returns the first phone of the target, or one without anything.
func (p *Probe) firstPhone() Phone {
	if len(p.Target.Phones) == 0 {
		return Phone{}
	}
	return p.Target.Phones[0]
}

// TLS returns how a phone shakes hands with the target's HTTPS server: the
// target's authorities, the server's name, the phone's certificate. The check
// may change it. A certificate that cannot be read, which [NewProbe] refuses, is
// left out.
func (p *Probe) TLS(phone Phone) *tls.Config {
	cert, _ := phone.Certificate.pair()
	return p.TLSWith(cert)
}

// TLSWith returns how a client with any certificate shakes hands, or, with the zero
// certificate, one without.
func (p *Probe) TLSWith(cert tls.Certificate) *tls.Config {
	config := web.Offer(p.First().TLS)
	config.ServerName, config.RootCAs = p.Server("https").Host, p.roots()
	if len(cert.Certificate) > 0 {
		// Whatever authorities the server names, the phone shows it (FV-OUT-2).
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	return config
}

// roots returns the target's authorities, or nil, which stands for the system's.
func (p *Probe) roots() *x509.CertPool {
	if len(p.Target.CA) == 0 {
		return nil
	}
	pool := x509.NewCertPool()
	for _, ca := range p.Authorities() {
		pool.AddCert(ca)
	}
	return pool
}

// Authorities returns those of the target, none where they are the system's.
func (p *Probe) Authorities() []*x509.Certificate {
	chain, _ := web.ParseChain(p.Target.CA) // which a phone's request has refused where it does not parse
	return chain
}

// pair reads a client certificate with its key.
func (c Certificate) pair() (tls.Certificate, error) {
	if !c.Given() {
		return tls.Certificate{}, nil
	}
	id, err := web.ParseCertificates(&device.Certificates{Cert: c.Cert, Key: c.Key, Pass: c.Pass})
	if err != nil {
		return tls.Certificate{}, err
	}
	return id.Client, nil
}

// Handshake connects to a server and shakes hands as config says. The caller
// closes the connection. A server that wants a client certificate may say so
// only at the first read (TLS 1.3).
func (p *Probe) Handshake(ctx context.Context, to Origin, config *tls.Config) (*tls.Conn, error) {
	raw, err := p.connect(ctx, to)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, config)
	shaking, cancel := context.WithTimeout(ctx, 3*p.Patience)
	defer cancel()
	if err := conn.HandshakeContext(shaking); err != nil {
		raw.Close()
		return nil, fmt.Errorf("handshake with %s: %w", to, err)
	}
	return conn, nil
}

// Alert returns the TLS alert by which a server ended a handshake or a
// connection, if that is what an error says.
func Alert(err error) (text string, ok bool) {
	var alert tls.AlertError
	var remote *net.OpError
	if errors.As(err, &alert) {
		return alert.Error(), true
	}
	// crypto/tls reports the other side's alert in this form, with an
	// unexported type.
	if errors.As(err, &remote) && remote.Op == "remote error" {
		return remote.Err.Error(), true
	}
	return "", false
}
