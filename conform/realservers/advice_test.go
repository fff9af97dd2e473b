//go:build linux

package realservers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// A parser is a server that says whether a configuration parses.
type parser struct {
	find string // the program, of Debian's package
	pkg  string
	args []string // FILE is the configuration
	// whole puts lines, which belong in a block, into a configuration that lacks
	// nothing else. DIR is a folder that the server may use.
	whole func(in, lines string) string
}

// parsers are those of the servers whose advice has lines of configuration. The lines
// for RouterOS are not tested, because its program is not available.
var parsers = map[check.Server]parser{
	check.Nginx:    {"nginx", "nginx", []string{"-t", "-q", "-e", "stderr", "-c", "FILE"}, wholeNginx},
	check.Apache:   {"apache2", "apache2", []string{"-t", "-f", "FILE"}, wholeApache},
	check.Lighttpd: {"lighttpd", "lighttpd and lighttpd-mod-openssl", []string{"-tt", "-f", "FILE"}, wholeLighttpd},
	check.Dnsmasq:  {"dnsmasq", "dnsmasq", []string{"--test", "--conf-file=FILE"}, func(_, lines string) string { return lines }},
	check.Kea:      {"kea-dhcp4", "kea-dhcp4-server", []string{"-t", "FILE"}, wholeKea},
	check.ISCDHCP:  {"dhcpd", "isc-dhcp-server", []string{"-t", "-cf", "FILE"}, func(_, lines string) string { return lines }},
}

func wholeNginx(in, lines string) string {
	const temp = "client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s; access_log off;\n"
	const top = "pid DIR/nginx.pid; error_log DIR/error.log;\n"
	const tls = "ssl_certificate_key DIR/etc/ssl/server.key;\n"
	shown := tls
	if !strings.Contains(lines, "ssl_certificate ") {
		shown += "ssl_certificate DIR/etc/ssl/server.pem;\n"
	}
	// A client certificate is asked for only with an authority to verify it.
	if strings.Contains(lines, "ssl_verify_client") && !strings.Contains(lines, "ssl_client_certificate") {
		shown += "ssl_client_certificate DIR/etc/ssl/server.pem;\n"
	}
	switch in {
	case "main":
		return top + strings.Replace(lines, "http {", "http {\n"+temp, 1)
	case "http":
		if strings.Contains(lines, "ssl_client") {
			lines = strings.Replace(lines, "server {", "server {\n"+shown, 1)
		}
		return top + "events {}\nhttp {\n" + temp + lines + "\n}\n"
	case "location":
		return top + "events {}\nhttp {\n" + temp + "server {\nlocation / {\n" + lines + "\n}\n}\n}\n"
	}
	return top + "events {}\nhttp {\n" + temp + "server {\n" + shown + lines + "\n}\n}\n"
}

func wholeApache(in, lines string) string {
	var b strings.Builder
	b.WriteString("ServerRoot /usr/lib/apache2\nServerName localhost\nDefaultRuntimeDir DIR\nPidFile DIR/pid\nErrorLog DIR/error.log\nListen 127.0.0.1:8080\n")
	for _, module := range []string{
		"mpm_event", "alias", "allowmethods", "auth_digest", "authn_core", "authn_file", "authz_core", "authz_user", "autoindex", "dir", "env",
		"headers", "reqtimeout", "rewrite", "socache_shmcb", "ssl",
	} {
		fmt.Fprintf(&b, "LoadModule %s_module modules/mod_%s.so\n", module, module)
	}
	switch in {
	case "server config":
		b.WriteString(lines)
	case "Directory":
		fmt.Fprintf(&b, "<Directory /srv/provisioning>\n%s\n</Directory>\n", lines)
	default:
		fmt.Fprintf(&b, "<VirtualHost *:8080>\n%s\n%s\n</VirtualHost>\n", apacheTLS(lines), lines)
	}
	return b.String()
}

// apacheTLS returns what a virtual host needs beside lines about TLS.
func apacheTLS(lines string) string {
	if !strings.Contains(lines, "SSL") {
		return ""
	}
	own := "SSLEngine on\nSSLCertificateKeyFile DIR/etc/ssl/server.key\n"
	if !strings.Contains(lines, "SSLCertificateFile") {
		own += "SSLCertificateFile DIR/etc/ssl/server.pem\n"
	}
	if strings.Contains(lines, "SSLVerifyClient") && !strings.Contains(lines, "SSLCACertificateFile") {
		own += "SSLCACertificateFile DIR/etc/ssl/server.pem\n"
	}
	return own
}

func wholeLighttpd(_, lines string) string {
	return `server.modules = ( "mod_access", "mod_auth", "mod_authn_file", "mod_redirect", "mod_setenv", "mod_openssl" )
server.document-root = "DIR"
server.port = 8080
` + lines + "\n"
}

func wholeKea(_, lines string) string {
	return `{ "Dhcp4": { "interfaces-config": { "interfaces": [] }, "lease-database": { "type": "memfile", "persist": false },` + "\n" + lines + "\n} }\n"
}

// fileNames finds the files that a configuration names, for instance /etc/ssl/phones-ca.pem.
var fileNames = regexp.MustCompile(`(?:DIR)?(/(?:etc|srv)/[\w./-]*\w)`)

// Every line of configuration that a check advises parses.
func TestAdviceParses(t *testing.T) {
	for server, p := range parsers {
		t.Run(string(server), func(t *testing.T) {
			t.Parallel()
			program := peer.Find(t, p.find, p.pkg)
			tried := 0
			for _, c := range conform.Catalogue() {
				if advice := c.Advice[server]; advice.Config != "" {
					tried++
					if out, err := p.parse(t, program, p.whole(advice.In, advice.Config)); err != nil {
						t.Errorf("%s, in %q: %v\n%s\n%s", c.ID, advice.In, err, advice.Config, out)
					}
				}
			}
			if tried == 0 {
				t.Error("no advice has lines for it")
			}
			// A parser that takes anything would prove nothing.
			if out, err := p.parse(t, program, p.whole("", "provsim nonsense {")); err == nil {
				t.Errorf("nonsense parses: %s", out)
			}
		})
	}
}

// parse asks the server about a configuration.
func (p parser) parse(t *testing.T, program, text string) ([]byte, error) {
	t.Helper()
	dir, pair := peer.PublicDir(t), serverPEM(t)
	files := map[string][]byte{"etc/ssl/server.pem": pair.cert, "etc/ssl/server.key": pair.key}
	text = fileNames.ReplaceAllStringFunc(text, func(name string) string {
		name = strings.TrimPrefix(name, "DIR")
		rel := strings.TrimPrefix(name, "/")
		switch {
		case path.Ext(name) == ".pem" && files[rel] == nil:
			files[rel] = append(bytes.Clone(pair.cert), pair.key...)
		case strings.HasPrefix(name, "/etc/") && path.Ext(name) == "":
			files[rel] = []byte("phone:phones:0\n")
		case strings.HasPrefix(name, "/srv/"):
			if err := os.MkdirAll(filepath.Join(dir, rel), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(dir, rel)
	})
	files["server.conf"] = []byte(strings.ReplaceAll(text, "DIR", dir) + "\n")
	peer.Publish(t, dir, files)
	args := make([]string, len(p.args))
	for i, arg := range p.args {
		args[i] = strings.ReplaceAll(arg, "FILE", filepath.Join(dir, "server.conf"))
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	// lighttpd goes on. Debian has its mod_deflate in a package of its own.
	if err == nil && bytes.Contains(out, []byte("unknown config-key")) && !bytes.Contains(out, []byte("unknown config-key: deflate.")) {
		err = errors.New("a setting that the server does not know")
	}
	return out, err
}

type certified struct{ cert, key []byte }

// serverPEM returns a certificate that a configuration can name.
func serverPEM(t *testing.T) certified {
	t.Helper()
	ca, err := lab.NewAuthority("advice", lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := ca.Issue(lab.Leaf{Name: "localhost", Hosts: []string{"localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	return certified{cert, key}
}
