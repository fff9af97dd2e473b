package lab_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"provsim/internal/lab"
)

// shake tries a handshake and reports whether the server asked for a client
// certificate.
func shake(t *testing.T, l *lab.Lab, config *tls.Config) (asked bool, err error) {
	t.Helper()
	tcp, err := net.Dial("tcp", l.Addr("https").String())
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	tcp.SetDeadline(time.Now().Add(10 * time.Second))
	config.ServerName = "127.0.0.1"
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return new(tls.Certificate), nil
	}
	return asked, tls.Client(tcp, config).Handshake()
}

func TestTLSFaults(t *testing.T) {
	l, _ := start(t, lab.Config{ClientOptional: true})
	is := func(match func(error) bool) func(error) bool { return match }
	for _, c := range []struct {
		name  string
		fault lab.TLSFault
		asked bool
		want  func(error) bool
	}{
		{"wrong name", lab.WrongName, true, as[x509.HostnameError]},
		{"expired", lab.Expired, true, as[x509.CertificateInvalidError]},
		{"other authority", lab.OtherCA, true, as[x509.UnknownAuthorityError]},
		{"no certificate asked for", lab.NoClientRequest, false, is(func(err error) bool { return err == nil })},
		{"sound", lab.Sound, true, is(func(err error) bool { return err == nil })},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := l.BreakTLS(c.fault); err != nil {
				t.Fatal(err)
			}
			// In TLS 1.2 the client certificate is asked for before the server's
			// is judged.
			asked, err := shake(t, l, &tls.Config{RootCAs: l.CA.Pool(), MaxVersion: tls.VersionTLS12})
			if err == nil && asked != c.asked {
				t.Errorf("asked for a client certificate: %v, want %v", asked, c.asked)
			}
			if !c.want(err) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func as[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func TestSilentHandshake(t *testing.T) {
	l, _ := start(t, lab.Config{})
	if err := l.BreakTLS(lab.Silent); err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Dial("tcp", l.Addr("https").String())
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	tcp.SetDeadline(time.Now().Add(50 * time.Millisecond))
	err = tls.Client(tcp, &tls.Config{RootCAs: l.CA.Pool(), ServerName: "localhost"}).Handshake()
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("handshake: %v, want none until the deadline", err)
	}
}

func TestAClientCertificateIsRequired(t *testing.T) {
	l, served := start(t, lab.Config{})
	if _, err := shake(t, l, &tls.Config{RootCAs: l.CA.Pool(), MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("a client without a certificate got in")
	}
	if got := <-served; got.Server != "https" || got.Err == nil {
		t.Errorf("served %+v, want the failed handshake", got)
	}
}

func TestNamesOfTheServer(t *testing.T) {
	l, _ := start(t, lab.Config{ClientOptional: true, Names: []string{"prov.example", "192.0.2.7"}})
	for name, good := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "::1": true, "prov.example": true, "192.0.2.7": true,
		"other.example": false, "192.0.2.8": false,
	} {
		conn, err := tls.Dial("tcp", l.Addr("https").String(), &tls.Config{RootCAs: l.CA.Pool(), ServerName: name})
		if (err == nil) != good {
			t.Errorf("server name %s: error %v, want a good certificate: %v", name, err, good)
		}
		if err == nil {
			conn.Close()
		}
	}
}
