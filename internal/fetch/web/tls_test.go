package web_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/lab"
	"provsim/resync"
)

func authority(t *testing.T, name string) *lab.Authority {
	t.Helper()
	a, err := lab.NewAuthority(name, lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *lab.Authority, leaf lab.Leaf) (certPEM, keyPEM []byte) {
	t.Helper()
	certPEM, keyPEM, err := a.Issue(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return certPEM, keyPEM
}

var phone = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}

// serveTLS starts an HTTPS server with a certificate for 127.0.0.1.
func serveTLS(t *testing.T, ca *lab.Authority, config *tls.Config) string {
	t.Helper()
	pair, err := tls.X509KeyPair(issue(t, ca, lab.Leaf{Name: "server", Hosts: []string{"127.0.0.1"}}))
	if err != nil {
		t.Fatal(err)
	}
	config.Certificates = []tls.Certificate{pair}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		w.Write([]byte(name))
	}))
	server.TLS = config
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

var versions = map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13}

// The server says by an alert that it does not like the client's certificate:
// in TLS 1.2 within the handshake, in TLS 1.3 afterwards (FV-OUT-2).
func TestClientCertificates(t *testing.T) {
	ca, other := authority(t, "lab CA"), authority(t, "other CA")
	good := func(a *lab.Authority, leaf lab.Leaf) *device.Certificates {
		cert, key := issue(t, a, leaf)
		return &device.Certificates{CA: ca.PEM(), Cert: cert, Key: key}
	}
	expired := lab.Client(phone, "IP542N")
	expired.Expires = time.Now().Add(-time.Hour)
	const (
		alert = "the server ends TLS with alert "
		none  = "; it asks for a client certificate, and none is uploaded"
	)
	for name, version := range versions {
		for _, c := range []struct {
			name  string
			certs *device.Certificates
			ok    bool
		}{
			{"good", good(ca, lab.Client(phone, "IP542N")), true},
			{"none", &device.Certificates{CA: ca.PEM()}, false},
			{"of another CA", good(other, lab.Client(phone, "IP542N")), false},
			{"expired", good(ca, expired), false},
			{"a server's", good(ca, lab.Leaf{Name: "x", Hosts: []string{"x"}}), false},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				at := serveTLS(t, ca, &tls.Config{
					MinVersion: version, MaxVersion: version,
					ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.Pool(),
				})
				req := request(t, at+"/f")
				req.TLS.Certificates = c.certs
				reply := fetch(t, req)
				if c.ok {
					expect(t, reply, resync.None, "")
					if string(reply.Body) != phone.Upper() {
						t.Errorf("the server saw the certificate of %s, want %s", reply.Body, phone.Upper())
					}
					return
				}
				if reply.Outcome != resync.TLSClientCert || !strings.HasPrefix(reply.Note, alert) {
					t.Errorf("outcome %q, note %q; want tls-client-cert and an alert", reply.Outcome, reply.Note)
				}
				if told := strings.HasSuffix(reply.Note, none); told != (c.certs.Cert == nil) {
					t.Errorf("note %q, want it to say whether none is uploaded", reply.Note)
				}
			})
		}
	}
}

// The phone shows its certificate whatever authorities the server names.
func TestTheListOfAuthoritiesDoesNotMatter(t *testing.T) {
	ca, other := authority(t, "lab CA"), authority(t, "other CA")
	cert, key := issue(t, other, lab.Client(phone, "IP542N"))
	for name, version := range versions {
		at := serveTLS(t, ca, &tls.Config{
			MinVersion: version, MaxVersion: version, ClientAuth: tls.RequireAnyClientCert, ClientCAs: ca.Pool(),
		})
		req := request(t, at+"/f")
		req.TLS.Certificates = &device.Certificates{CA: ca.PEM(), Cert: cert, Key: key}
		if reply := fetch(t, req); string(reply.Body) != phone.Upper() {
			t.Errorf("%s: outcome %q, note %q, the server saw %q", name, reply.Outcome, reply.Note, reply.Body)
		}
	}
}

func TestServerCertificates(t *testing.T) {
	l := startLab(t, lab.Config{ClientOptional: true})
	l.Files.Put("f", []byte("x"))
	mine := l.CA.PEM()
	anyName, anyChain := device.TLSOptions{AnyName: true}, device.TLSOptions{AnyChain: true}
	const (
		name    = "server certificate: certificate is valid for wrong-name.invalid, not 127.0.0.1"
		unknown = "server certificate: certificate signed by unknown authority"
		address = "server certificate: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"
	)
	for _, c := range []struct {
		name    string
		fault   lab.TLSFault
		options device.TLSOptions
		ca      []byte
		outcome resync.Outcome
		note    string // the beginning
	}{
		{"sound", lab.Sound, device.TLSOptions{}, mine, resync.None, ""},
		{"sound, several CAs", lab.Sound, device.TLSOptions{}, append(authority(t, "other CA").PEM(), mine...), resync.None, ""},
		{"sound, any name", lab.Sound, anyName, mine, resync.None, ""},
		{"sound, another CA", lab.Sound, device.TLSOptions{}, authority(t, "other CA").PEM(), resync.TLSUntrusted, unknown},
		{"sound, the system's CAs", lab.Sound, device.TLSOptions{}, nil, resync.TLSUntrusted, unknown},
		{"sound, the system's CAs, any name", lab.Sound, anyName, nil, resync.TLSUntrusted, unknown},
		{"wrong name", lab.WrongName, device.TLSOptions{}, mine, resync.TLSName, address},
		{"wrong name, any name", lab.WrongName, anyName, mine, resync.None, ""},
		{"wrong name, any chain", lab.WrongName, anyChain, mine, resync.None, ""},
		{"expired", lab.Expired, device.TLSOptions{}, mine, resync.TLSUntrusted, "server certificate: expired on "},
		{"expired, any name", lab.Expired, anyName, mine, resync.TLSUntrusted, "server certificate: expired on "},
		{"expired, any chain", lab.Expired, anyChain, mine, resync.None, ""},
		{"other CA", lab.OtherCA, device.TLSOptions{}, mine, resync.TLSUntrusted, unknown},
		{"other CA, any name", lab.OtherCA, anyName, mine, resync.TLSUntrusted, unknown},
		{"other CA, any chain and name", lab.OtherCA, device.TLSOptions{AnyChain: true, AnyName: true}, nil, resync.None, ""},
		{"no client certificate asked for", lab.NoClientRequest, device.TLSOptions{}, mine, resync.None, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := l.BreakTLS(c.fault); err != nil {
				t.Fatal(err)
			}
			req := request(t, l.URL("https", "f"))
			req.TLS = c.options
			req.TLS.Certificates = &device.Certificates{CA: c.ca}
			reply := fetch(t, req)
			if reply.Outcome != c.outcome || !strings.HasPrefix(reply.Note, c.note) || c.note == "" && reply.Note != "" {
				t.Errorf("outcome %q, note %q\nwant    %q, note %q", reply.Outcome, reply.Note, c.outcome, c.note)
			}
		})
	}
	req := request(t, l.URL("https", "f"))
	req.Host = "localhost"
	req.TLS.Certificates = &device.Certificates{CA: mine}
	if err := l.BreakTLS(lab.WrongName); err != nil {
		t.Fatal(err)
	}
	expect(t, fetch(t, req), resync.TLSName, strings.Replace(name, "127.0.0.1", "localhost", 1))
}

func TestAServerWithAnIntermediate(t *testing.T) {
	root := authority(t, "root CA")
	middle, err := root.Intermediate("middle CA")
	if err != nil {
		t.Fatal(err)
	}
	cert, key := issue(t, middle, lab.Leaf{Name: "server", Hosts: []string{"127.0.0.1"}})
	for name, c := range map[string]struct {
		chain []byte
		want  resync.Outcome
	}{
		"with it":    {append(cert, middle.PEM()...), resync.None},
		"without it": {cert, resync.TLSUntrusted},
	} {
		pair, err := tls.X509KeyPair(c.chain, key)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
		server.Config.ErrorLog = quiet
		server.StartTLS()
		defer server.Close()
		for _, anyName := range []bool{false, true} {
			req := request(t, server.URL)
			req.TLS = device.TLSOptions{AnyName: anyName, Certificates: &device.Certificates{CA: root.PEM()}}
			if reply := fetch(t, req); reply.Outcome != c.want {
				t.Errorf("%s, any name %v: outcome %q, note %q; want %q", name, anyName, reply.Outcome, reply.Note, c.want)
			}
		}
	}
}

func TestRootsStandInForTheSystems(t *testing.T) {
	l := startLab(t, lab.Config{ClientOptional: true})
	l.Files.Put("f", []byte("x"))
	client := web.Client{Roots: l.CA.Pool()}
	req := request(t, l.URL("https", "f"))
	expect(t, client.Fetch(t.Context(), req), resync.None, "")
	req.TLS.Certificates = &device.Certificates{CA: authority(t, "other CA").PEM()}
	if reply := client.Fetch(t.Context(), req); reply.Outcome != resync.TLSUntrusted {
		t.Errorf("outcome %q, want tls-untrusted: an uploaded CA is the only one", reply.Outcome)
	}
}

func TestNginxAnswers400(t *testing.T) {
	ca := authority(t, "lab CA")
	pair, err := tls.X509KeyPair(issue(t, ca, lab.Leaf{Name: "server", Hosts: []string{"127.0.0.1"}}))
	if err != nil {
		t.Fatal(err)
	}
	for page, hint := range map[string]string{
		"<center>No required SSL certificate was sent</center>": "nginx asks for a client certificate and got none",
		"<center>The SSL certificate error</center>":            "nginx refuses the client certificate",
	} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, page, http.StatusBadRequest)
		}))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
		server.StartTLS()
		defer server.Close()
		req := request(t, server.URL)
		req.TLS.Certificates = &device.Certificates{CA: ca.PEM()}
		expect(t, fetch(t, req), resync.HTTPStatus, "400 Bad Request: "+hint)
	}
}

// Bad files of our own are reported before a connection to any server.
func TestBadFilesMakeNoContact(t *testing.T) {
	ca := authority(t, "lab CA")
	cert, key := issue(t, ca, lab.Client(phone, "IP542N"))
	_, otherKey := issue(t, ca, lab.Client(phone, "IP542N"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // a contact would be refused
	for _, c := range []struct {
		certs   device.Certificates
		outcome resync.Outcome
		note    string
	}{
		{device.Certificates{CA: []byte("x")}, resync.TLSUntrusted, "provisioning CA: the file has no PEM block -----BEGIN CERTIFICATE-----"},
		{device.Certificates{Cert: cert}, resync.TLSClientCert, "client certificate: there is a certificate and no key, upload both"},
		{device.Certificates{Key: key}, resync.TLSClientCert, "client certificate: there is a key and no certificate, upload both"},
		{device.Certificates{Cert: cert, Key: otherKey}, resync.TLSClientCert,
			"client certificate: the key belongs to another certificate; the client's own has to be the first in its file"},
	} {
		req := request(t, "https://"+listener.Addr().String())
		req.TLS.Certificates = &c.certs
		expect(t, fetch(t, req), c.outcome, c.note)
	}
	expect(t, fetch(t, request(t, "https://"+listener.Addr().String())), resync.Refused,
		"connecting to 127.0.0.1:"+strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)+": connection refused")
}
