//go:build linux

package realservers

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
	"provsim/profile"
)

// applications are servers whose application answers every name with its page. MENDED is
// where the advice goes.
var applications = map[check.Server]struct {
	find, pkg string
	args      []string
	config    string
}{
	check.Nginx: {"nginx", "nginx", nginxArgs, `user www-data; daemon off; pid {{.Dir}}/nginx.pid; error_log {{.Dir}}/error.log;
events {}
http {
client_body_temp_path {{.Dir}}/b; proxy_temp_path {{.Dir}}/p; fastcgi_temp_path {{.Dir}}/f; uwsgi_temp_path {{.Dir}}/u; scgi_temp_path {{.Dir}}/s;
access_log off;
server {
listen {{.Host}}:{{.Port}};
root {{.Root}};
location / { try_files $uri /index.html; }
MENDED
}
}
`},
	check.Apache: {"apache2", "apache2", []string{"-D", "FOREGROUND", "-f", "{{.Dir}}/server.conf"}, `ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule dir_module modules/mod_dir.so
User www-data
Group www-data
ServerName localhost
DefaultRuntimeDir {{.Dir}}
PidFile {{.Dir}}/apache.pid
Mutex file:{{.Dir}} default
ErrorLog {{.Dir}}/error.log
Listen {{.Host}}:{{.Port}}
DocumentRoot {{.Root}}
FallbackResource /index.html
<Directory {{.Root}}>
MENDED
</Directory>
`},
}

// What a check of a vendor's phones advises mends the server: the check fails on one that
// answers every name with a page, and passes when the advised lines are in its
// configuration.
func TestAdviceMends(t *testing.T) {
	for server, application := range applications {
		for _, c := range conform.Catalogue() {
			if !slices.Contains([]string{"yealink/1", "flyingvoice-fip/1", "snom/1", "polycom/2"}, c.ID) {
				continue
			}
			t.Run(string(server)+" "+c.ID, func(t *testing.T) {
				t.Parallel()
				program := peer.Find(t, application.find, application.pkg)
				for _, mended := range []bool{false, true} {
					lines, want := "", check.Failed
					if mended {
						lines, want = c.Advice[server].Config, check.Passed
					}
					target := provisions(t, path.Dir(c.ID), program, application.args, strings.Replace(application.config, "MENDED", lines, 1))
					report, err := conform.Examine(t.Context(), target, conform.Options{Checks: []check.Check{c}, Timeout: time.Minute})
					if err != nil {
						t.Fatal(err)
					}
					if got := report.Results[0]; got.Verdict != want {
						t.Errorf("with %q in the configuration: %v, want %v; %s %s", lines, got.Verdict, want, got.Actual, got.Detail)
					}
				}
			})
		}
	}
}

// provisions starts a server that has a phone's own file and a page, and leads the phone to it.
func provisions(t *testing.T, vendor, program string, args []string, config string) check.Target {
	by, err := vendors.Lookup(vendor)
	if err != nil {
		t.Fatal(err)
	}
	id := by.Shipped
	copy(id.MAC[:], append(by.OUIs[0][:], 0xab, 0xcd, 0xef))
	files := map[string][]byte{"index.html": []byte("<!DOCTYPE html>\n<title>The application</title>\n")}
	for i := range by.Tree.Files {
		if f := &by.Tree.Files[i]; f.Own {
			own := by.Own(by.Tree.Sample, by.Vars(id, device.Lease{}))
			files[by.TreeName(f, id)] = by.Tree.File(f, "7", profile.Config{}, own)
		}
	}
	dir := peer.PublicDir(t)
	p := place{Dir: dir, Root: filepath.Join(dir, "www"), Host: "127.0.0.1", Port: peer.FreePorts(t, "tcp", "127.0.0.1", 1)}
	peer.Publish(t, p.Root, files)
	peer.Publish(t, p.Dir, map[string][]byte{"server.conf": []byte(p.fill(t, config))})
	filled := make([]string, len(args))
	for i, arg := range args {
		filled[i] = p.fill(t, arg)
	}
	at := p.address(p.Port)
	peer.Start(t, p.Dir, peer.Listens(at), program, filled...)
	return check.Target{Vendor: vendor, Server: "http://" + at + "/", Phones: []check.Phone{{MAC: id.MAC}}}
}
