//go:build linux

package interop

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// A webCase is a request of a phone to a web server, and its result. A case without an
// outcome expects the file.
type webCase struct {
	server state
	name   string  // what is special
	rule   string  // a Profile Rule with the name of a site as its host (FV-RULE-1)
	has    uploads // the phone's certificates
	want   resync.Outcome
	note   string // a part of the reply's note
}

// check works off a table, each state with a server of its own.
func (k webKind) check(t *testing.T, cases []webCase) {
	t.Parallel()
	for _, now := range []state{running, stopped, frozen} {
		t.Run(string(now), func(t *testing.T) {
			t.Parallel()
			s := k.start(t)
			become(t, s.Program, now)
			for _, c := range cases {
				if c.server == now {
					t.Run(c.name, func(t *testing.T) { s.fetch(t, c.rule, c.has(t), c.want, c.note) })
				}
			}
		})
	}
}

// fetch expects what becomes of a rule, and the file that file returns.
func (s *webServer) fetch(t *testing.T, rule string, has device.Certificates, want resync.Outcome, note string) {
	t.Helper()
	req := s.request(t, rule, &has)
	fetch(t, req, want, note, s.file(req.Path))
}

// request returns what a phone asks for by a Profile Rule whose host is the name of
// one of the server's sites.
func (s *webServer) request(t *testing.T, text string, has *device.Certificates) device.Request {
	t.Helper()
	r, err := rule.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	port, ok := s.ports[r.Host]
	if !ok {
		t.Fatalf("rule %s: no site %q", text, r.Host)
	}
	return device.Request{
		Target: profile.Target{Scheme: r.Scheme, Host: s.host, Port: port, Path: r.Path, User: r.User, Password: r.Password},
		Agent:  "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19", // FV-HTTP-1
		Limit:  limit, Timeout: peer.Patience, TLS: device.TLSOptions{Certificates: has},
	}
}

// file returns what the server has at a path: a path that is no file is one of the
// redirects, which lead to IP542N.conf.
func (s *webServer) file(path string) []byte {
	path, _, _ = strings.Cut(path, "?")
	if body, ok := s.files[path]; ok {
		return body
	}
	return s.files["/IP542N.conf"]
}

// webFiles are what web servers offer.
func webFiles() map[string][]byte {
	return map[string][]byte{
		"/IP542N.conf":        sample,
		"/basic/IP542N.conf":  sample,
		"/digest/IP542N.conf": sample,
		"/unreadable.conf":    sample,
		"/denied.conf":        sample,
		"/Büro 1.conf":        []byte("DBID_DBASE_VERSION=1\n"),
		"/empty.conf":         {},
		"/limit.conf":         noise(limit),
		"/over.conf":          noise(limit + 1),
	}
}

// passwords are the files by which the servers know the user phone with the
// password secret.
func passwords() map[string][]byte {
	sum := sha1.Sum([]byte("secret"))
	hash := md5.Sum([]byte("phone:phones:secret")) // RFC 7616 section 3.4.2
	return map[string][]byte{
		"basic.txt":  []byte("phone:{SHA}" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"),
		"digest.txt": []byte("phone:phones:" + hex.EncodeToString(hash[:]) + "\n"),
	}
}

// A keyForm is a form in which a phone may hold its key (FV-TLS-2).
type keyForm struct {
	name    string
	openssl []string // arguments that bring a plain PKCS#8 key into the form
	pass    string   // the phone's setting
}

var keyForms = []keyForm{
	{name: "plain PKCS#8", openssl: []string{"pkey"}},
	{name: "plain traditional", openssl: []string{"pkey", "-traditional"}},
	{
		name:    "legacy, pass phrase whatever and none set",
		openssl: []string{"pkey", "-traditional", "-aes256", "-passout", "pass:whatever"},
	},
	{
		name:    "legacy triple DES, pass phrase set",
		openssl: []string{"pkey", "-traditional", "-des3", "-passout", "pass:cheese 42"}, pass: "cheese 42",
	},
	{
		name:    "encrypted PKCS#8, pass phrase whatever and none set",
		openssl: []string{"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:whatever"},
	},
	{
		name:    "encrypted PKCS#8, pass phrase set",
		openssl: []string{"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:cheese 42"}, pass: "cheese 42",
	},
}

// checkKeys fetches with each form of the key, by both kinds of key and both
// versions of TLS. The forms are made by the program with which administrators
// make them.
func (k webKind) checkKeys(t *testing.T) {
	t.Parallel()
	s := k.start(t)
	for _, form := range keyForms {
		t.Run(form.name, func(t *testing.T) {
			for algorithm, sites := range map[lab.Algorithm][]string{lab.ECDSA: {"tls1.2", "tls1.3"}, lab.RSA: {"rsa1.2", "rsa1.3"}} {
				ca := authorityOf(algorithm)
				has := issued(t, ca, ca, time.Time{})
				has.Key, has.Pass = openssl(t, has.Key, form.openssl...), form.pass
				for _, site := range sites {
					s.fetch(t, "https://"+site+"/IP542N.conf", has, resync.None, "")
				}
			}
		})
	}
}

// seen is what the access logs of both kinds of server say about a phone: its
// User-Agent (FV-HTTP-1), the version of TLS, and whose certificate it showed.
var seen = map[string]string{
	"http://plain/IP542N.conf":   `200 "GET /IP542N.conf HTTP/1.1" "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19" - "-"`,
	"https://tls1.2/IP542N.conf": `200 "GET /IP542N.conf HTTP/1.1" "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19" TLSv1.2 "CN=0021F2011B19,OU=IP542N,O=provsim lab"`,
	"https://tls1.3/IP542N.conf": `200 "GET /IP542N.conf HTTP/1.1" "Flyingvoice IP542N v3.3.8 00:21:F2:01:1B:19" TLSv1.3 "CN=0021F2011B19,OU=IP542N,O=provsim lab"`,
}

// checkLog fetches, and looks for the lines of seen. A server may write a line after
// the phone has got its answer.
func (k webKind) checkLog(t *testing.T) {
	t.Parallel()
	s := k.start(t)
	for rule, line := range seen {
		s.fetch(t, rule, fine(t), resync.None, "")
		peer.Await(t, "the line "+line+" in access.log", func(context.Context) error {
			text, err := os.ReadFile(filepath.Join(s.dir, "access.log"))
			if err == nil && !strings.Contains(string(text), line+"\n") {
				err = fmt.Errorf("the log is %q", text)
			}
			return err
		})
	}
}
