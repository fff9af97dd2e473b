package web_test

import (
	"bufio"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

const apacheConfig = `
ServerName localhost
PidFile DIR/pid
DefaultRuntimeDir DIR
Mutex file:DIR default
ErrorLog /dev/stderr
LoadModule mpm_event_module MODULES/mod_mpm_event.so
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule ssl_module MODULES/mod_ssl.so
User www-data
Group www-data
DocumentRoot DIR/www
SSLCertificateFile DIR/server.pem
SSLCertificateKeyFile DIR/server.key
SSLCACertificateFile DIR/ca.pem
`

// startApache runs Apache until the test ends, with one virtual host for each
// configuration, and returns their ports.
func startApache(t *testing.T, ca *lab.Authority, hosts ...string) (ports []int) {
	t.Helper()
	cert, key := issue(t, ca, lab.Leaf{Name: "server", Hosts: []string{"127.0.0.1"}})
	return startApacheWith(t, ca.PEM(), cert, key, hosts...)
}

// startApacheWith is startApache with files of its own for the authority of
// clients, its certificate and its key.
func startApacheWith(t *testing.T, ca, cert, key []byte, hosts ...string) (ports []int) {
	t.Helper()
	const modules = "/usr/lib/apache2/modules"
	apache, err := exec.LookPath("apache2")
	if _, missing := os.Stat(modules + "/mod_ssl.so"); err != nil || missing != nil {
		t.Skip("no Apache with mod_ssl (Debian: apache2)")
	}
	dir, err := os.MkdirTemp("", "provsim-apache")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	config := strings.NewReplacer("DIR", dir, "MODULES", modules).Replace(apacheConfig)
	first := int(peer.FreePorts(t, "tcp", "127.0.0.1", len(hosts)))
	for i, host := range hosts {
		port := first + i
		ports = append(ports, port)
		config += fmt.Sprintf("Listen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%[1]d>\nSSLEngine on\n%s\n</VirtualHost>\n", port, host)
	}
	for name, body := range map[string][]byte{
		"ca.pem": ca, "server.pem": cert, "server.key": key, "conf": []byte(config), "www/f": []byte("hello"),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Apache's children are another user
		t.Fatal(err)
	}
	run(t, exec.Command(apache, "-f", filepath.Join(dir, "conf"), "-DFOREGROUND"), "resuming normal operations")
	return ports
}

// run starts a server, waits until it says that it is ready, and ends it with
// the test.
func run(t *testing.T, server *exec.Cmd, ready string) {
	t.Helper()
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	drained := make(chan struct{})
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		<-drained
		server.Wait()
	})
	var all strings.Builder
	for lines.Scan() {
		if fmt.Fprintln(&all, lines.Text()); strings.Contains(lines.Text(), ready) {
			go func() {
				defer close(drained)
				for lines.Scan() {
				}
			}()
			return
		}
	}
	close(drained)
	t.Fatalf("%s does not get ready:\n%s", server.Path, all.String())
}

// What Apache says to a client certificate, by version of TLS and by the place
// where the certificate is asked for (FV-OUT-2).
func TestApache(t *testing.T) {
	ca, other := authority(t, "lab CA"), authority(t, "other CA")
	ports := startApache(t, ca,
		"SSLProtocol TLSv1.2\nSSLVerifyClient require",
		"SSLProtocol TLSv1.3\nSSLVerifyClient require",
		"SSLProtocol TLSv1.2\n<Location />\nSSLVerifyClient require\n</Location>")
	good, goodKey := issue(t, ca, lab.Client(phone, "IP542N"))
	bad, badKey := issue(t, other, lab.Client(phone, "IP542N"))
	for i, name := range []string{"TLS 1.2", "TLS 1.3", "TLS 1.2, for a directory"} {
		for _, c := range []struct {
			name      string
			cert, key []byte
			outcome   resync.Outcome
		}{
			{"good", good, goodKey, resync.None},
			{"of another CA", bad, badKey, resync.TLSClientCert},
			{"none", nil, nil, resync.TLSClientCert},
		} {
			t.Run(name+", "+c.name, func(t *testing.T) {
				req := request(t, fmt.Sprintf("https://127.0.0.1:%d/f", ports[i]))
				req.TLS.Certificates = &device.Certificates{CA: ca.PEM(), Cert: c.cert, Key: c.key}
				reply := fetch(t, req)
				if reply.Outcome != c.outcome || reply.Outcome == resync.None && string(reply.Body) != "hello" {
					t.Errorf("outcome %q, note %q, body %q; want %q", reply.Outcome, reply.Note, reply.Body, c.outcome)
				}
			})
		}
	}
}

// The set-up of the guide: Apache with TLS 1.0 alone, a certificate with a common
// name and no subjectAltName, and client certificates (FV-TLS-3).
func TestApacheOfTheGuidesAge(t *testing.T) {
	root := makeCert(t, "root", nil, x509.SHA1WithRSA, isAuthority)
	server := makeCert(t, "127.0.0.1", &root, x509.SHA1WithRSA, isServer)
	client := makeCert(t, phone.Upper(), &root, x509.SHA1WithRSA, isServer)
	ports := startApacheWith(t, root.pem(), server.pem(), server.keyPEM(),
		"SSLProtocol -all +TLSv1\nSSLCipherSuite ALL:!ADH:@SECLEVEL=0\nSSLVerifyClient require\nSSLVerifyDepth 1",
		"SSLProtocol -all +TLSv1\nSSLCipherSuite AES128-SHA:@SECLEVEL=0\nSSLVerifyClient require\nSSLVerifyDepth 1")
	old := device.TLSOptions{TLSRange: device.TLSRange{Min: 10}, RSA: true, SHA1: true, CommonName: true}
	modern := "TLS handshake: the server ends TLS with alert protocol version not supported; " +
		"the phone speaks TLS 1.2 to 1.3, and old phones TLS 1.0 as well (--tls-min 1.0)"
	for _, port := range ports {
		req := request(t, fmt.Sprintf("https://127.0.0.1:%d/f", port))
		certificates := &device.Certificates{CA: root.pem(), Cert: client.pem(), Key: client.keyPEM()}
		req.TLS = old
		req.TLS.Certificates = certificates
		reply := fetch(t, req)
		expect(t, reply, resync.None, "")
		if string(reply.Body) != "hello" {
			t.Errorf("body %q", reply.Body)
		}
		req.TLS = device.TLSOptions{Certificates: certificates}
		expect(t, fetch(t, req), resync.TLS, modern)
	}
}
