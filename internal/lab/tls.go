package lab

import (
	"crypto/tls"
	"fmt"
	"time"
)

// A TLSFault is what goes wrong in the handshake of the HTTPS server.
type TLSFault uint8

// The faults of [Lab.BreakTLS].
const (
	Sound           TLSFault = iota // none
	WrongName                       // the certificate is for another name
	Expired                         // the certificate ended yesterday
	OtherCA                         // the certificate is of an authority that no client knows
	NoClientRequest                 // the server asks for no client certificate
	Silent                          // the server accepts connections and says nothing
)

// A handshake is how the HTTPS server meets its clients at present.
type handshake struct {
	fault  TLSFault
	config *tls.Config
}

// BreakTLS makes later handshakes go wrong, or right again. It makes a new
// certificate for the server.
func (l *Lab) BreakTLS(fault TLSFault) error {
	issuer := l.CA
	leaf := Leaf{Name: "provsim lab", Hosts: append([]string{"localhost", "127.0.0.1", "::1"}, l.config.Names...)}
	switch fault {
	case WrongName:
		leaf.Hosts = []string{"wrong-name.invalid"}
	case Expired:
		leaf.Expires = time.Now().Add(-24 * time.Hour)
	case OtherCA:
		other, err := NewAuthority("another CA", l.config.Algorithm)
		if err != nil {
			return err
		}
		issuer = other
	}
	certPEM, keyPEM, err := issuer.Issue(leaf)
	if err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: l.CA.Pool()}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	switch {
	case fault == NoClientRequest:
		config.ClientAuth = tls.NoClientCert
	case l.config.ClientOptional:
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	l.tls.Store(&handshake{fault, config})
	return nil
}

// tlsConfig returns the configuration that asks for the present one.
func (l *Lab) tlsConfig() *tls.Config {
	return &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := l.tls.Load()
		if now.fault == Silent {
			<-l.done
			return nil, errEnded
		}
		return now.config, nil
	}}
}
