//go:build linux

package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"provsim/internal/testing/peer"
)

// The DHCP servers of this file know one phone, whose number is fixed, and run a script
// at its lease, which posts the event (SMG-SWAP-1).
var (
	dnsmasqGateway = dhcpKind{
		program: "dnsmasq", pkg: "dnsmasq", ready: "DHCP, IP range",
		config: `port=0
interface=vsrv
bind-interfaces
dhcp-range=10.66.1.1,10.66.1.9,255.255.0.0,1h
dhcp-authoritative
no-ping
dhcp-host=@MAC@,set:p1,` + leased + `
dhcp-option=tag:p1,66,"@OPTION66@"
dhcp-script=@DIR@/lease
dhcp-scriptuser=root
dhcp-leasefile=@DIR@/leases
`,
		args: func(dir string) []string {
			return []string{"dnsmasq", "--keep-in-foreground", "--conf-file=" + filepath.Join(dir, "server.conf"), "--pid-file=", "--log-facility=-", "--user=nobody"}
		},
	}
	keaGateway = dhcpKind{
		program: "kea-dhcp4", pkg: "kea-dhcp4-server", ready: kea.ready, args: kea.args,
		config: `{"Dhcp4": {
	"interfaces-config": {"interfaces": ["vsrv"], "re-detect": false},
	"lease-database": {"type": "memfile", "persist": false},
	"subnet4": [{"id": 1, "subnet": "10.66.0.0/16", "pools": [{"pool": "10.66.1.1 - 10.66.1.9"}], "reservations": [
		{"hw-address": "@MAC@", "ip-address": "` + leased + `", "option-data": [{"name": "tftp-server-name", "data": "@OPTION66@"}]}]}],
	"hooks-libraries": [{"library": "@HOOK@", "parameters": {"name": "@DIR@/lease", "sync": false}}],
	"loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}]
}}`,
	}
)

// eventScript posts the event of a new lease: dnsmasq says add, MAC and address, Kea the
// name of a hook, with the rest in the environment.
const eventScript = `#!/bin/sh
case "$1" in
add) mac=$2 ;;
leases4_committed) mac=$LEASES4_AT0_HWADDR ;; # empty at a release
esac
[ -z "$mac" ] || exec curl -s -d class=DHCP -d subclass=67 -d mac="$(echo "$mac" | tr -d :)" -d rand=%s http://` + dhcpHost + `:8081/activator/eventHandler.asp
`

// Each role but the phone's and the Activator's is a real program: dnsmasq or Kea in the
// gateway's place, nginx in Teleware's (SMG-SWAP-4), and Apache in front of the published
// trees, which takes the phone's logs by WebDAV (SMG-SWAP-2). curl is the forger.
func TestRolesReplaced(t *testing.T) {
	peer.NeedRoot(t, "it makes network namespaces, and raw sockets in them")
	for _, program := range []string{"nginx", "apache2", "curl"} {
		peer.Find(t, program, program)
	}
	setpriv := peer.Find(t, "setpriv", "util-linux")
	const number = "020319816065123456"
	for kind, product := range map[*dhcpKind]string{&dnsmasqGateway: "SPIP_450", &keaGateway: "VVX_500"} {
		t.Run(kind.program+", "+product, func(t *testing.T) {
			t.Parallel()
			peer.Find(t, kind.program, kind.pkg)
			n, dir := newNetwork(t), peer.PublicDir(t)
			ip(t, "-n", n.servers, "link", "set", "lo", "up")
			command := filepath.Join(dir, "provsim")
			if err := os.Link(buildCommand(t), command); err != nil { // where another user may run it
				t.Fatal(err)
			}
			file := func(name string) string { return filepath.Join(dir, name) }
			peer.Publish(t, dir, map[string][]byte{
				"nginx.conf": fmt.Appendf(nil, `daemon off; pid %[1]s/nginx.pid; events { }
http { access_log %[1]s/teleware.log; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s:8082; default_type application/x-www-form-urlencoded;
  location = /twautoprovisioning { auth_basic teleware; auth_basic_user_file %[1]s/users; try_files /none @account; }
  location @account { return 200 "user=2001&password=s3cret&server=sip.example.net&reseller=Acme"; } } }
`, dir, dhcpHost),
				"users": []byte("tw:{PLAIN}pa55word\n"),
				"apache.conf": fmt.Appendf(nil, `ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule alias_module modules/mod_alias.so
LoadModule dav_module modules/mod_dav.so
LoadModule dav_fs_module modules/mod_dav_fs.so
Listen %[2]s:80
User www-data
Group www-data
ServerName %[2]s
DefaultRuntimeDir %[1]s
PidFile %[1]s/apache.pid
Mutex file:%[1]s default
ErrorLog %[1]s/error.log
LogFormat "%%{begin:usec}t %%m %%U %%>s" phones
CustomLog %[1]s/access.log phones
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
DocumentRoot %[1]s/state/web
<Directory %[1]s/state/web>
    Require all granted
</Directory>
RedirectMatch 404 ^/phoneprovisioning(/[0-9]*)?/?$
DavLockDB %[1]s/state/locks
<LocationMatch "^/phoneprovisioning/[0-9]{12,18}/[0-9a-f]{12}-(boot\.log|app\.log|phone\.cfg|web\.cfg|directory\.xml)$">
    Dav On
    <LimitExcept GET PUT>
        Require all denied
    </LimitExcept>
</LocationMatch>
`, dir, dhcpHost),
				"server.conf": []byte(strings.NewReplacer(
					"@MAC@", "00:04:f2:1a:24:57", "@OPTION66@", "http://"+dhcpHost+"/phoneprovisioning/"+number, "@DIR@", dir, "@HOOK@", runScript(t, kind),
				).Replace(kind.config)),
				"lease": fmt.Appendf(nil, eventScript, number),
			})
			peer.Chmod(t, file("lease"), 0o755)
			if err := os.Mkdir(file("state"), 0o755); err != nil {
				t.Fatal(err)
			}
			peer.Chmod(t, file("state"), 0o777)
			logs := map[string]string{}
			start := func(name, ready string, args ...string) { // without ready the name is a port
				own := peer.PublicDir(t)
				logs[name] = filepath.Join(own, "output.log")
				until := logHas(logs[name], ready)
				if ready == "" {
					until = n.hasTCP(name)
				}
				n.start(t, own, until, args)
			}
			start("8082", "", "nginx", "-c", file("nginx.conf"), "-e", file("nginx.log"))
			start("activator", "listens at", setpriv, "--reuid=www-data", "--regid=www-data", "--clear-groups", command, "serve", "activator", "--state", file("state"),
				"--listen", dhcpHost+":8081", "--allow", dhcpHost, "--teleware", "http://tw:pa55word@"+dhcpHost+":8082/twautoprovisioning")
			start("80", "", "apache2", "-f", file("apache.conf"), "-DFOREGROUND")
			start("dhcp", kind.ready, kind.args(dir)...)

			out, err := exec.CommandContext(t.Context(), "ip", "netns", "exec", n.phones, command, "phone", "--once", "--json", "--vendor", "polycom", "--product", product,
				"--mac", "0004f21a2457", "--dhcp", "vcli", "--boot-time", "50ms", "--set", "emulator.application.delay=1", "--for", peer.Patience.String()).CombinedOutput()
			if err != nil {
				t.Fatalf("the phone: %v\n%s", err, out)
			}
			sameInLog(t, file("access.log"), polycomPlan(product), func(log string) (requests []string) {
				lines := strings.Split(strings.TrimSpace(log), "\n")
				slices.Sort(lines) // by time: Apache's threads write them in any order
				for _, line := range lines {
					if words := strings.Fields(line); len(words) == 4 {
						found := map[string]string{"200": " +", "201": " +", "404": " -"}[words[3]]
						requests = append(requests, words[1]+" "+strings.TrimPrefix(words[2], "/phoneprovisioning/"+number+"/")+found)
					}
				}
				return requests
			})
			peer.Await(t, "the application's log", logHas(file("state/web/phoneprovisioning/"+number+"/0004f21a2457-app.log"), "|cfg  |4|00|master has been read"))
			if !strings.Contains(string(out), `reg.1.auth.userId: \"\" to \"2001\"`) {
				t.Errorf("the phone has no account: %s", out)
			}

			curl := func(from string, args ...string) string {
				t.Helper()
				out, err := exec.CommandContext(t.Context(), "ip", append([]string{"netns", "exec", from, "curl", "-s", "-i"}, args...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("curl %v: %v", args, err)
				}
				return regexp.MustCompile(`(?m)^Date: .*$`).ReplaceAllString(string(out), "")
			}
			// An outsider learns nothing from Apache: the folder of a live number and a
			// number that does not exist have the same answer.
			const base = "http://" + dhcpHost + "/phoneprovisioning/"
			missing := curl(n.phones, base+"999/sip.cfg")
			for _, path := range []string{number, number + "/", "999", "", number + "/0004f21a2458.cfg"} {
				if got := curl(n.phones, base+path); got != missing || !strings.Contains(got, " 404 ") {
					t.Errorf("Apache answers %q with\n%s\nand a wrong number with\n%s", path, got, missing)
				}
			}
			// A forger is refused from where no gateway is; from the gateway's own
			// address he gets any account (ACT-SEC-2).
			forged := []string{"-d", "class=DHCP&subclass=67&mac=0004f21a2499&rand=777", "http://" + dhcpHost + ":8081/activator/eventHandler.asp"}
			if got := curl(n.phones, forged...); !strings.Contains(got, " 403 ") {
				t.Errorf("a forged event gets %s", got)
			}
			if got := curl(n.phones, base+"777/sip.cfg"); got != missing {
				t.Errorf("after a forged event the number 777 has %s", got)
			}
			peer.Await(t, "the refusal in the Activator's log", logHas(logs["activator"], "event.refused"))
			curl(n.servers, forged...)
			peer.Await(t, "a tree for the forger", logHas(file("state/web/phoneprovisioning/777/phone-0004f21a2499.cfg"), "s3cret"))
			for name, log := range logs {
				if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "s3cret") || strings.Contains(string(text), "pa55word") {
					t.Errorf("the output of %s has a password (%v)", name, err)
				}
			}
		})
	}
}

// runScript returns Kea's library that runs scripts, and skips where it is not there.
func runScript(t *testing.T, kind *dhcpKind) string {
	t.Helper()
	if kind != &keaGateway {
		return ""
	}
	files, err := filepath.Glob("/usr/lib/*/kea/hooks/libdhcp_run_script.so")
	if err != nil || len(files) == 0 {
		t.Skip("needs libdhcp_run_script.so of kea-common")
	}
	return files[0]
}

// hasTCP waits for a server on a port, by the kernel's table of TCP sockets.
func (n network) hasTCP(port string) func(context.Context) error {
	number, err := strconv.Atoi(port)
	return func(ctx context.Context) error {
		table, runErr := exec.CommandContext(ctx, "ip", "netns", "exec", n.servers, "cat", "/proc/net/tcp").Output()
		const listening = "0A"
		if !regexp.MustCompile(fmt.Sprintf(":%04X [0-9A-F]+:0000 %s ", number, listening)).Match(table) {
			return errors.Join(err, runErr, errors.New("no server on port "+port))
		}
		return nil
	}
}
