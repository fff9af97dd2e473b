//go:build linux

package interop

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"text/template"
	"time"

	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// A webPort is one port of a web server. Those with TLS speak one version of it and
// require a client certificate.
type webPort struct {
	Name      string // what the tables call it
	TLS       string // "1.2" or "1.3"; empty: it speaks plain HTTP
	Algorithm lab.Algorithm
	Host      string        // the name in its certificate; empty: the server's address
	Age       time.Duration // since its certificate ended; zero: it has not

	// Where it is on the running server.
	Port          uint16
	Cert, Key, CA string // files; CA is of the clients
}

// sites are the ports of each web server.
var sites = []webPort{
	{Name: "plain"},
	{Name: "tls1.2", TLS: "1.2"},
	{Name: "tls1.3", TLS: "1.3"},
	{Name: "rsa1.2", TLS: "1.2", Algorithm: lab.RSA},
	{Name: "rsa1.3", TLS: "1.3", Algorithm: lab.RSA},
	{Name: "other-name", TLS: "1.2", Host: "another.example"},
	{Name: "expired", TLS: "1.3", Age: 24 * time.Hour},
}

// A webKind is how to run a kind of web server.
type webKind struct {
	program, pkg string
	config       string // a template, from a webConfig
	args         func(config string) []string
}

// A webConfig is what the template of a configuration is filled with.
type webConfig struct {
	Dir, Root, Host string
	Sites           []webPort
	Secure          uint16 // the port of tls1.3, to which a redirect leads
	Plain           uint16 // the port of plain
}

// A webServer is a web server that runs.
type webServer struct {
	*peer.Program
	dir   string
	host  string
	ports map[string]uint16 // by the name of the site
	files map[string][]byte // by path
}

// start runs a web server that offers files, some of them behind passwords,
// prohibitions and redirects (see testdata).
func (k webKind) start(t *testing.T) *webServer {
	t.Helper()
	path := peer.Find(t, k.program, k.pkg)
	dir := peer.PublicDir(t)
	s := &webServer{dir: dir, host: peer.Loopback(), ports: map[string]uint16{}, files: webFiles()}
	config := webConfig{Dir: dir, Root: s.root(), Host: s.host}
	peer.Publish(t, config.Root, s.files)
	peer.Chmod(t, filepath.Join(config.Root, "unreadable.conf"), 0)
	peer.Publish(t, dir, passwords())
	port := peer.FreePorts(t, "tcp", s.host, len(sites))
	for i, site := range sites {
		config.Sites = append(config.Sites, s.build(t, site, port+uint16(i)))
	}
	config.Plain, config.Secure = s.ports["plain"], s.ports["tls1.3"]
	file := filepath.Join(dir, "server.conf")
	fill(t, k.config, file, config)
	var open []string
	for _, port := range s.ports {
		open = append(open, s.address(port))
	}
	s.Program = peer.Start(t, dir, peer.Listens(open...), path, k.args(file)...)
	return s
}

// root returns where the files are.
func (s *webServer) root() string { return filepath.Join(s.dir, "www") }

// url returns where a site is, without a path.
func (s *webServer) url(scheme, site string) string {
	return scheme + "://" + s.address(s.ports[site])
}

func (s *webServer) address(port uint16) string {
	return net.JoinHostPort(s.host, strconv.Itoa(int(port)))
}

// build gives a site its port and a certificate.
func (s *webServer) build(t *testing.T, site webPort, port uint16) webPort {
	t.Helper()
	site.Port, s.ports[site.Name] = port, port
	if site.TLS == "" {
		return site
	}
	leaf := lab.Leaf{Name: "provisioning server", Hosts: []string{s.host}}
	if site.Host != "" {
		leaf.Hosts = []string{site.Host}
	}
	if site.Age > 0 {
		leaf.Expires = time.Now().Add(-site.Age)
	}
	ca := authorityOf(site.Algorithm)
	cert, key := issue(t, ca, leaf)
	base := filepath.Join("pki", site.Name)
	peer.Publish(t, s.dir, map[string][]byte{base + ".pem": cert, base + ".key": key, base + ".ca": ca.PEM()})
	base = filepath.Join(s.dir, base)
	site.Cert, site.Key, site.CA = base+".pem", base+".key", base+".ca"
	return site
}

// fill writes a file from a template of testdata.
func fill(t *testing.T, name, file string, data any) {
	t.Helper()
	tmpl, err := template.ParseFiles(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := tmpl.Execute(&text, data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
