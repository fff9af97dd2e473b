package web_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/profile"
	"provsim/resync"
)

// A made certificate and its key.
type made struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

func (m made) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.cert.Raw})
}

func (m made) keyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(m.key)})
}

// makeCert makes a certificate as a private authority of the guide's age does.
func makeCert(t *testing.T, name string, by *made, with x509.SignatureAlgorithm, change func(*x509.Certificate)) made {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, SignatureAlgorithm: with,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(template)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made{cert, key}
}

func isAuthority(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }

func isServer(*x509.Certificate) {}

// serveOld starts an HTTPS server with certificates, its own first.
func serveOld(t *testing.T, config *tls.Config, chain ...made) string {
	t.Helper()
	pair := tls.Certificate{PrivateKey: chain[0].key}
	for _, c := range chain {
		pair.Certificate = append(pair.Certificate, c.cert.Raw)
	}
	config.Certificates = []tls.Certificate{pair}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "x") }))
	server.TLS = config
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// What phones of the guide's age accept, and others do only by a quirk, which the
// note names (FV-TLS-3).
func TestCertificatesOfTheGuidesAge(t *testing.T) {
	const sha1, sha256 = x509.SHA1WithRSA, x509.SHA256WithRSA
	root := makeCert(t, "root", nil, sha1, isAuthority)
	middle := makeCert(t, "middle", &root, sha1, isAuthority)
	noAuthority := makeCert(t, "no authority", &root, sha1, isServer)
	over := makeCert(t, "over", &root, sha1, func(c *x509.Certificate) { isAuthority(c); c.NotAfter = time.Now().Add(-time.Minute) })
	other := makeCert(t, "root", nil, sha1, isAuthority)
	sha := device.TLSOptions{SHA1: true, AnyName: true}
	cn := device.TLSOptions{CommonName: true}
	const (
		untrusted = "server certificate: certificate signed by unknown authority: "
		old       = "server certificate: it is signed with SHA-1, which only old phones accept (quirk tls-sha1)"
		name      = "server certificate: it has 127.0.0.1 in its common name and no subjectAltName, which only old phones accept (quirk tls-cn)"
	)
	for _, c := range []struct {
		name    string
		chain   []made
		options device.TLSOptions
		outcome resync.Outcome
		note    string // the beginning
	}{
		{"common name", []made{makeCert(t, "127.0.0.1", &root, sha256, isServer)}, cn, resync.None, ""},
		{"common name without the quirk", []made{makeCert(t, "127.0.0.1", &root, sha256, isServer)}, device.TLSOptions{}, resync.TLSName, name},
		{"another common name", []made{makeCert(t, "127.0.0.2", &root, sha256, isServer)}, cn, resync.TLSName, "server certificate: "},
		{"common name beside a subjectAltName", []made{makeCert(t, "127.0.0.1", &root, sha256, func(c *x509.Certificate) { c.DNSNames = []string{"h"} })},
			cn, resync.TLSName, "server certificate: "},
		{"SHA-1", []made{makeCert(t, "s", &root, sha1, isServer)}, sha, resync.None, ""},
		{"SHA-1 without the quirk", []made{makeCert(t, "s", &root, sha1, isServer)}, device.TLSOptions{AnyName: true}, resync.TLSUntrusted, old},
		{"SHA-1 and an intermediate", []made{makeCert(t, "s", &middle, sha1, isServer), middle}, sha, resync.None, ""},
		{"SHA-1 of the intermediate only", []made{makeCert(t, "s", &middle, sha256, isServer), middle}, sha, resync.None, ""},
		{"SHA-1, the intermediate is missing", []made{makeCert(t, "s", &middle, sha1, isServer)}, sha, resync.TLSUntrusted,
			untrusted + `it is signed by "CN=middle", which neither the server sent nor the CA file has`},
		{"SHA-1 by what is no authority", []made{makeCert(t, "s", &noAuthority, sha1, isServer), noAuthority}, sha, resync.TLSUntrusted, untrusted},
		{"SHA-1 by an authority that is over", []made{makeCert(t, "s", &over, sha1, isServer), over}, sha, resync.TLSUntrusted, untrusted},
		{"SHA-1, a client's certificate", []made{makeCert(t, "s", &root, sha1, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })},
			sha, resync.TLSUntrusted, "server certificate: "},
		{"SHA-1 of another authority with the name", []made{makeCert(t, "s", &other, sha1, isServer)}, sha, resync.TLSUntrusted,
			untrusted + `the CA file has a "CN=root", but that one did not sign what the server sent`},
		{"both", []made{makeCert(t, "127.0.0.1", &root, sha1, isServer)}, device.TLSOptions{SHA1: true, CommonName: true}, resync.None, ""},
		{"expired", []made{makeCert(t, "s", &root, sha1, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })},
			sha, resync.TLSUntrusted, "server certificate: expired on "},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := request(t, serveOld(t, &tls.Config{}, c.chain...))
			req.TLS = c.options
			req.TLS.Certificates = &device.Certificates{CA: root.pem()}
			reply := fetch(t, req)
			if reply.Outcome != c.outcome || !strings.HasPrefix(reply.Note, c.note) || c.note == "" && reply.Note != "" {
				t.Errorf("outcome %q, note %q\nwant    %q, note %q", reply.Outcome, reply.Note, c.outcome, c.note)
			}
		})
	}
}

// A failure for the version or the key exchange says so (FV-TLS-3).
func TestVersionsOfTheGuidesAge(t *testing.T) {
	root := makeCert(t, "root", nil, x509.SHA256WithRSA, isAuthority)
	server := makeCert(t, "s", &root, x509.SHA256WithRSA, isServer)
	only := func(low, high uint16) *tls.Config { return &tls.Config{MinVersion: low, MaxVersion: high} }
	rsaOnly := only(tls.VersionTLS12, tls.VersionTLS12)
	rsaOnly.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
	const alert = "TLS handshake: the server ends TLS with alert "
	for _, c := range []struct {
		name   string
		server *tls.Config
		phone  device.TLSOptions
		note   string // of outcome tls; empty: it works
	}{
		{"TLS 1.0 and a modern phone", only(tls.VersionTLS10, tls.VersionTLS10), device.TLSOptions{},
			alert + "protocol version not supported; the phone speaks TLS 1.2 to 1.3, and old phones TLS 1.0 as well (--tls-min 1.0)"},
		{"TLS 1.0 and an old phone", only(tls.VersionTLS10, tls.VersionTLS10), device.TLSOptions{TLSRange: device.TLSRange{Min: 10}}, ""},
		{"TLS 1.3 and an old phone", only(tls.VersionTLS13, tls.VersionTLS13), device.TLSOptions{TLSRange: device.TLSRange{Max: 10}},
			alert + "protocol version not supported; the phone speaks TLS 1.0 to 1.0"},
		{"TLS 1.2 and a phone of 1.0 to 1.2", only(tls.VersionTLS12, tls.VersionTLS12), device.TLSOptions{TLSRange: device.TLSRange{Min: 10, Max: 12}}, ""},
		{"RSA key exchange", rsaOnly, device.TLSOptions{}, alert + "handshake failure; perhaps it knows RSA key exchange only, which old phones offer (quirk tls-rsa)"},
		{"RSA key exchange and an old phone", rsaOnly, device.TLSOptions{RSA: true}, ""},
		{"an empty range", only(tls.VersionTLS12, tls.VersionTLS12), device.TLSOptions{TLSRange: device.TLSRange{Min: 13, Max: 12}},
			"TLS versions from 1.3 to 1.2, want the lowest first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := request(t, serveOld(t, c.server, server))
			req.TLS = c.phone
			req.TLS.AnyName, req.TLS.Certificates = true, &device.Certificates{CA: root.pem()}
			outcome := resync.None
			if c.note != "" {
				outcome = resync.TLS
			}
			expect(t, fetch(t, req), outcome, c.note)
		})
	}
}

// What Windows editors write before a certificate does not hide it.
func TestFilesOfAuthorities(t *testing.T) {
	root := makeCert(t, "root", nil, x509.SHA256WithRSA, isAuthority)
	server := makeCert(t, "s", &root, x509.SHA256WithRSA, isServer)
	at := serveOld(t, &tls.Config{}, server)
	var utf16 []byte
	for _, b := range root.pem() {
		utf16 = append(utf16, b, 0)
	}
	mark := []byte("\xef\xbb\xbf")
	for name, c := range map[string]struct {
		file []byte
		note string
	}{
		"plain":                    {root.pem(), ""},
		"a byte order mark":        {append(mark, root.pem()...), ""},
		"one after another file's": {bytes.Join([][]byte{makeCert(t, "x", nil, x509.SHA256WithRSA, isAuthority).pem(), mark, root.pem()}, nil), ""},
		"UTF-16":                   {append([]byte("\xff\xfe"), utf16...), "; it is UTF-16, save it as ASCII or UTF-8"},
		"UTF-16 without a mark":    {utf16, "; it is UTF-16, save it as ASCII or UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, at)
			req.TLS.AnyName, req.TLS.Certificates = true, &device.Certificates{CA: c.file}
			if c.note == "" {
				expect(t, fetch(t, req), resync.None, "")
			} else {
				expect(t, fetch(t, req), resync.TLSUntrusted, "provisioning CA: the file has no PEM block -----BEGIN CERTIFICATE-----"+c.note)
			}
		})
	}
}

// Phones that want HTTP/1.1 take an answer of HTTP/1.0 for none, whatever it has, and
// others take it (AV-HTTP-2).
func TestAnswerOfHTTP10(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, "HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\nSET A 1")
			conn.Close()
		}
	}()
	for strict, want := range map[bool]resync.Outcome{false: resync.None, true: resync.HTTPStatus} {
		reply := new(web.Client).Fetch(t.Context(), device.Request{
			Target: profile.Target{Scheme: "http", Host: "127.0.0.1", Port: uint16(listener.Addr().(*net.TCPAddr).Port), Path: "/x"},
			HTTP11: strict, Limit: 1000, Timeout: time.Minute,
		})
		if reply.Outcome != want || reply.Status != 0 || strict && !strings.Contains(reply.Note, "HTTP/1.0") {
			t.Errorf("strict %v: %v, status %d, %q", strict, reply.Outcome, reply.Status, reply.Note)
		}
	}
}
