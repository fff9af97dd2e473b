//go:build linux

package interop

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// polycomTree is what the Activator publishes for the phone of the document's
// Figure 9, below a folder.
func polycomTree(folder string) map[string][]byte {
	files := map[string][]byte{}
	for name, text := range map[string]string{
		"0004f21a2457.cfg":       `<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="phone-0004f21a2457.cfg, phone1.cfg, sip.cfg" MISC_FILES="" LOG_FILE_DIRECTORY=""/>`,
		"phone-0004f21a2457.cfg": `<phone reg.1.address="2001" reg.1.auth.userId="2001" reg.1.auth.password="s3cret"/>`,
		"phone1.cfg":             `<phone1 reg.1.label="unset"/>`,
		"sip.cfg":                `<sip voIpProt.SIP.local.port="5060"/>`,
		"bootrom.ld":             strings.Repeat("B", 64),
		"sip.ld":                 strings.Repeat("S", 64),
	} {
		files[folder+name] = []byte(text)
	}
	return files
}

// polycomPlan is what a phone of a generation asks that tree for (PC-FILE-1): method,
// name, and whether the tree has it.
func polycomPlan(product string) string {
	text := `GET 2345-12450-001.bootrom.ld -, GET bootrom.ld +, GET 0004f21a2457.cfg +, GET 2345-12450-001.sip.ld -, GET sip.ld +, PUT 0004f21a2457-boot.log +,
GET 2345-12450-001.bootrom.ld -, GET bootrom.ld +, GET 0004f21a2457.cfg +, GET 2345-12450-001.sip.ld -, GET sip.ld +,
GET phone-0004f21a2457.cfg +, GET phone1.cfg +, GET sip.cfg +, GET 0004f21a2457-directory.xml -, GET 000000000000-directory.xml -,
GET 0004f21a2457-phone.cfg -, GET 0004f21a2457-directory.xml -, PUT 0004f21a2457-app.log +`
	if product == "VVX_500" {
		text = `PUT 0004f21a2457-boot.log +, GET 0004f21a2457.cfg +, GET 3111-44500-001.sip.ld -, GET sip.ld +,
GET phone-0004f21a2457.cfg +, GET phone1.cfg +, GET sip.cfg +, GET 0004f21a2457-phone.cfg -, GET 0004f21a2457-web.cfg -,
GET 000000000000-license.cfg -, GET 0004f21a2457-license.cfg -, GET 0004f21a2457-calls.xml -, GET 0004f21a2457-directory.xml -,
GET 000000000000-directory.xml -, HEAD 0004f21a2457-app.log -, PUT 0004f21a2457-app.log +`
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), ", ", "\n")
}

var polycomProducts = []string{"SPIP_450", "VVX_500"}

// polycomPhone boots a phone whose option 66 names a server.
func polycomPhone(t *testing.T, product, option66 string, has device.Certificates) (*device.Stored, []journal.Record) {
	t.Helper()
	id := device.Identity{MAC: device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x57}, Product: product}
	stored, records := vendorPhone(t, "polycom", id, device.TextOffer(66, option66), has, map[string]string{"emulator.start.delay": "0", "emulator.application.delay": "0"})
	user, _ := stored.Config.Get("reg.1.auth.userId")
	label, _ := stored.Config.Get("reg.1.label")
	if _, outcome := urlsOf(records); outcome != resync.Applied || user != "2001" || label != "unset" {
		t.Errorf("%s: the boot ends as %v, user %q, label %q", product, outcome, user, label)
	}
	return stored, records
}

// sameInLog waits until a server's own log has the requests of a plan, in its order.
func sameInLog(t *testing.T, file, want string, read func(log string) []string) {
	t.Helper()
	var got []string
	peer.Await(t, "the requests in "+file, func(context.Context) error {
		log, err := os.ReadFile(file)
		if got = read(string(log)); err == nil && len(got) < len(strings.Split(want, "\n")) {
			err = fmt.Errorf("%d requests", len(got))
		}
		return err
	})
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("the server's log (-want +got):\n%s", diff)
	}
}

// A real web server in the Activator's place (SMG-SWAP-2): each generation boots from
// the published tree, its logs arrive by WebDAV's PUT, and an outsider learns nothing.
func TestPolycomOnPublishedTree(t *testing.T) {
	t.Parallel()
	program := peer.Find(t, "nginx", "nginx")
	peer.NeedRoot(t, "the worker of nginx gives up root's rights")
	const number = "/phoneprovisioning/020319816065123456/"
	for _, product := range polycomProducts {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			dir := peer.PublicDir(t)
			root := filepath.Join(dir, "web")
			peer.Publish(t, root, polycomTree(number))
			peer.Chmod(t, filepath.Join(root, number), 0o777)
			host := peer.Loopback()
			address := net.JoinHostPort(host, strconv.Itoa(int(peer.FreePorts(t, "tcp", host, 1))))
			log := filepath.Join(dir, "access.log")
			config := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; user www-data; worker_processes 1; events { }
http { log_format p '$request_method $request_uri $status $connection'; access_log %[4]s p;
client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; root %[3]s;
  location ~ ^/phoneprovisioning(/[0-9]*)?/?$ { return 404; }
  location ~ "^/phoneprovisioning/[0-9]{12,18}/[0-9a-f]{12}-(boot\.log|app\.log|phone\.cfg|directory\.xml)$" { dav_methods PUT; }
} }
`, dir, address, root, log)
			if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o644); err != nil {
				t.Fatal(err)
			}
			peer.Start(t, dir, peer.Listens(address), program, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log"))
			polycomPhone(t, product, "http://"+address+strings.TrimSuffix(number, "/"), device.Certificates{})
			connections := map[string]bool{} // PC-FILE-8: one a stage
			sameInLog(t, log, polycomPlan(product), func(log string) (requests []string) {
				for line := range strings.Lines(log) {
					words := strings.Fields(line)
					connections[words[3]] = true
					found := " +"
					if words[2] == "404" {
						found = " -"
					}
					requests = append(requests, words[0]+" "+strings.TrimPrefix(words[1], number)+found)
				}
				return requests
			})
			if n := len(connections); n < 2 || n > 6 { // on a slow machine a connection may wait for too long
				t.Errorf("the phone has opened %d connections, want one as loader and one as application", n)
			}
			text, err := os.ReadFile(filepath.Join(root, number, "0004f21a2457-app.log"))
			if err != nil || !strings.Contains(string(text), "|cfg  |4|00|master has been read") {
				t.Errorf("the application's log is %q, %v", text, err)
			}
		})
	}
}

// Each generation boots over TFTP, and the server's own log has the plan in order,
// with the files that are rightly missing.
func TestPolycomOverTFTP(t *testing.T) {
	for _, product := range polycomProducts {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			s := atftpd.start(t, polycomTree("/"))
			peer.Chmod(t, s.root, 0o777)
			server := strings.TrimSuffix(s.request("/", plain).URL(), "/")
			_, records := polycomPhone(t, product, server, device.Certificates{})
			plan := strings.ReplaceAll(polycomPlan(product), "HEAD 0004f21a2457-app.log -\n", "") // TFTP has no such request
			sameInLog(t, filepath.Join(filepath.Dir(s.root), "output.log"), onlyNames(plan), func(log string) (names []string) {
				for _, m := range regexp.MustCompile(`(?:Serving (\S+) to|Fetching from \S+ to (\S+))`).FindAllStringSubmatch(log, -1) {
					if name := m[1] + m[2]; !strings.HasPrefix(name, "is-anybody") {
						names = append(names, name)
					}
				}
				return names
			})
			for _, r := range records {
				if r.Kind == device.Transferred && r.Outcome == resync.NotFound && !r.Expected {
					t.Errorf("%s is missing, and not as expected", r.URL)
				}
			}
		})
	}
}

func onlyNames(plan string) string {
	var names []string
	for line := range strings.SplitSeq(plan, "\n") {
		names = append(names, strings.Fields(line)[1])
	}
	return strings.Join(names, "\n")
}

// Each generation boots over tftpd-hpa, which takes the logs where it is configured to
// create files.
func TestPolycomUploadsToHPA(t *testing.T) {
	kind := hpa
	kind.args = func(host string, port uint16, root string) []string {
		return append([]string{"--create"}, hpa.args(host, port, root)...)
	}
	for _, product := range polycomProducts {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t, polycomTree("/"))
			peer.Chmod(t, s.root, 0o777)
			polycomPhone(t, product, strings.TrimSuffix(s.request("/", plain).URL(), "/"), device.Certificates{})
			for _, name := range []string{"boot.log", "app.log"} {
				peer.Await(t, name, logHas(filepath.Join(s.root, "0004f21a2457-"+name), "|4|00|"))
			}
		})
	}
}

// A phone from the box takes a bare address for that of an FTP server (PC-SRC-3,
// PC-FILE-9).
func TestPolycomOverFTP(t *testing.T) {
	t.Parallel()
	for _, product := range polycomProducts {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			s := startFTP(t, polycomTree("/"))
			server := fmt.Sprintf("anonymous:@%s:%d", s.to.Host, s.to.Port)
			polycomPhone(t, product, server, device.Certificates{})
			want := strings.Split(strings.NewReplacer("GET ", "RETR ", "PUT ", "STOR ", "HEAD ", "SIZE ", " +", "", " -", "").Replace(polycomPlan(product)), "\n")
			sameInLog(t, s.log, strings.Join(want, "\n"), func(log string) (commands []string) {
				for _, m := range regexp.MustCompile(`FTP command: Client "[^"]*", "((?:RETR|STOR|SIZE) [^"]*)"`).FindAllStringSubmatch(log, -1) {
					commands = append(commands, m[1])
				}
				return commands
			})
		})
	}
}

// A phone of the younger generation shows its factory certificate (PC-ID-7).
func TestPolycomOverHTTPS(t *testing.T) {
	t.Parallel()
	s := nginx.start(t)
	peer.Publish(t, s.root(), polycomTree("/pc/"))
	_, records := polycomPhone(t, "VVX_500", s.url("https", "tls1.2")+"/pc", fine(t))
	if urls, _ := urlsOf(records); len(urls) != 16 {
		t.Errorf("%d requests, want 16: %v", len(urls), urls)
	}
}

// What a request says on the wire: no question whether a file has changed, no part of it
// and no compression (PC-FILE-7); a log above 1024 bytes says Expect, and
// user and password follow a 401 only.
func TestPolycomOnTheWire(t *testing.T) {
	t.Parallel()
	files := polycomTree("/p/")
	misc := strings.Repeat("misc.txt, ", 30)
	files["/p/0004f21a2457.cfg"] = fmt.Appendf(nil, `<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="phone-0004f21a2457.cfg, phone1.cfg, sip.cfg" MISC_FILES="%s"/>`, misc)
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		line := r.Method + " " + r.Proto
		for _, name := range slices.Sorted(maps.Keys(r.Header)) {
			value := r.Header.Get(name)
			if name == "Content-Length" || name == "User-Agent" {
				value = "*"
			}
			line += ", " + name + ": " + value
		}
		switch user, password, named := r.BasicAuth(); {
		case r.Method == "PUT":
			w.WriteHeader(http.StatusCreated)
		case strings.HasSuffix(r.URL.Path, "/phone1.cfg") && !named:
			w.Header().Set("WWW-Authenticate", `Basic realm="p"`)
			w.WriteHeader(http.StatusUnauthorized)
		case named && user+":"+password != "PlcmSpIp:PlcmSpIp":
			w.WriteHeader(http.StatusForbidden)
		case files[r.URL.Path] == nil:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Write(files[r.URL.Path])
		}
		seen = append(seen, strings.ReplaceAll(line, "Basic "+base64.StdEncoding.EncodeToString([]byte("PlcmSpIp:PlcmSpIp")), "Basic *"))
	}))
	defer server.Close()
	id := device.Identity{MAC: device.MAC{0x00, 0x04, 0xf2, 0x1a, 0x24, 0x57}, Product: "VVX_500"}
	settings := map[string]string{"emulator.start.delay": "0"}
	vendorPhone(t, "polycom", id, device.TextOffer(66, server.URL+"/p"), device.Certificates{}, settings)
	counts := map[string]int{}
	for _, line := range seen {
		counts[line]++
	}
	want := map[string]int{
		"GET HTTP/1.1, Accept: */*, User-Agent: *":                                          13 + 30,
		"GET HTTP/1.1, Accept: */*, Authorization: Basic *, User-Agent: *":                  1,
		"HEAD HTTP/1.1, Accept: */*, User-Agent: *":                                         1,
		"PUT HTTP/1.1, Accept: */*, Content-Length: *, User-Agent: *":                       1,
		"PUT HTTP/1.1, Accept: */*, Content-Length: *, Expect: 100-continue, User-Agent: *": 1,
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
