//go:build linux

package realservers

import (
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"provsim/conform/check"
	"provsim/conform/internal/testing/goodserver"
	"provsim/encrypt"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// A setup is a server in one configuration, and how phones are led to it.
type setup struct {
	name   string   // "default"; with over it is the name of a record
	about  string   // what is special, in a sentence
	over   string   // how phones come: tftp, http or https
	args   []string // of the program; templates of a place
	config string   // the name of a configuration in testdata, a template of a place; empty: none
	site   string   // the name of the file in examples/servers that the configuration includes; empty: none
	port   uint16   // the only one that the server can have; 0: any
	keyed  bool     // the phones' files are encrypted, and the rule has the key
	// owned says that the files belong to the server's user.
	owned bool
	// rootless says that names of files are those of this machine.
	rootless bool
}

// A place is where a server runs, for the templates.
type place struct {
	Dir, Root, Host string
	Port, Secure    uint16   // of the server; Secure is that of HTTPS
	MACs            []string // of the phones, in upper case
}

// key is that of encrypted files. No check guesses it.
const key = "5f0c1be1f3d9a2 of the test"

// start runs a server until the test ends, and returns how it looks from outside.
func (s *setup) start(t testing.TB, path string) (check.Target, place) {
	t.Helper()
	files := goodserver.New(t)
	p := s.place(t, files)
	peer.Publish(t, p.Root, s.files(t, files))
	s.settle(t, p.Root)
	args := []string{}
	for _, arg := range s.args {
		args = append(args, p.fill(t, arg))
	}
	if s.config != "" {
		text, err := os.ReadFile(filepath.Join("testdata", s.config))
		if err != nil {
			t.Fatal(err)
		}
		peer.Publish(t, p.Dir, map[string][]byte{"server.conf": []byte(p.fill(t, string(text)))})
	}
	if s.site != "" {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "servers", s.site))
		if err != nil {
			t.Fatal(err)
		}
		peer.Publish(t, p.Dir, map[string][]byte{"site.conf": []byte(p.adapt(string(text)))})
	}
	if s.over == "tftp" {
		peer.Start(t, p.Dir, peer.AnswersTFTP(p.address(p.Port)), path, args...)
		return s.tftp(files, p), p
	}
	certify(t, p.Dir, files.CA)
	peer.Start(t, p.Dir, peer.Listens(p.address(p.Port), p.address(p.Secure)), path, args...)
	return s.web(files, p), p
}

// place finds one on loopback. Web servers are asked by name, which is localhost.
func (s *setup) place(t testing.TB, files *goodserver.Setup) place {
	dir := peer.PublicDir(t)
	p := place{Dir: dir, Root: filepath.Join(dir, "phones"), Host: "127.0.0.1", Port: s.port}
	network := "tcp"
	if s.over == "tftp" {
		network, p.Host = "udp", peer.Loopback()
	}
	if p.Port == 0 {
		p.Port = peer.FreePorts(t, network, p.Host, 2)
		p.Secure = p.Port + 1
	}
	for _, phone := range files.Phones {
		p.MACs = append(p.MACs, phone.MAC.Upper())
	}
	return p
}

func (p *place) address(port uint16) string {
	return net.JoinHostPort(p.Host, strconv.Itoa(int(port)))
}

// adapt puts a place into an example, whose names, ports and folders are those of a
// server in use.
func (p *place) adapt(example string) string {
	port, secure := p.address(p.Port), p.address(p.Secure)
	return strings.NewReplacer(
		"https://prov.example.com", "https://"+net.JoinHostPort("localhost", strconv.Itoa(int(p.Secure))),
		"/srv/phones", p.Root, "/etc/ssl/phones", filepath.Join(p.Dir, "pki"), "192.0.2.1", p.Host,
		"listen 80", "listen "+port, "listen 443", "listen "+secure, "*:80", port, "*:443", secure,
		`"0.0.0.0:443"`, `"`+secure+`"`, `"0.0.0.0"`, `"`+p.Host+`"`, "server.port = 80", "server.port = "+strconv.Itoa(int(p.Port)),
	).Replace(example)
}

// fill puts a place into a template.
func (p *place) fill(t testing.TB, text string) string {
	t.Helper()
	form, err := template.New("").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := form.Execute(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// files returns those of the site, as they are served.
func (s *setup) files(t testing.TB, files *goodserver.Setup) map[string][]byte {
	for _, phone := range files.Phones {
		path := goodserver.Path(phone.MAC)
		// Several blocks of 512 bytes, as of a real phone, and a size that findings
		// can name.
		files.Files[path] = append(files.Files[path], strings.Repeat("# nothing to set here\n", 50)...)[:1300]
		if s.keyed {
			files.Files[path] = sealed(t, files.Files[path])
		}
	}
	return files.Files
}

func sealed(t testing.TB, plain []byte) []byte {
	t.Helper()
	cipher, err := encrypt.Lookup(encrypt.Default)
	if err != nil {
		t.Fatal(err)
	}
	var entropy encrypt.Entropy
	rand.Read(entropy[:])
	body, err := cipher.Encrypt(nil, plain, key, entropy)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// settle makes the files a day old, for servers treat younger than a second in
// their own ways, and gives them to the user nobody where the server wants that.
func (s *setup) settle(t testing.TB, root string) {
	t.Helper()
	const nobody = 65534
	files, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	for _, file := range files {
		path := filepath.Join(root, file.Name())
		err := os.Chtimes(path, yesterday, yesterday)
		if err == nil && s.owned {
			err = os.Chown(path, nobody, nobody)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// certify writes the certificate of the server, and that of the authority.
func certify(t testing.TB, dir string, ca *lab.Authority) {
	t.Helper()
	cert, key, err := ca.Issue(lab.Leaf{Name: "provisioning server", Hosts: []string{"localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	peer.Publish(t, dir, map[string][]byte{
		"pki/ca.pem": ca.PEM(), "pki/server.pem": cert, "pki/server.key": key,
		"pki/both.pem": append(append([]byte{}, cert...), key...),
	})
}
