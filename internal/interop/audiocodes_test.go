//go:build linux

package interop

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// audiocodesServers are real web servers in the Device Manager's place. Both log method,
// path, status, bytes and User-Agent.
var audiocodesServers = map[string]struct {
	pkg, config string // with the verbs dir, address, root and log
	args        func(dir string) []string
	counts      bool // the bytes are those that were sent, not those of the file
}{
	"nginx": {"nginx", `daemon off; pid %[1]s/pid; error_log %[1]s/error.log; user www-data; worker_processes 1; events { }
http { log_format p '$request_method $request_uri $status $body_bytes_sent "$http_user_agent"'; access_log %[4]s p;
client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; root %[3]s; location /rest/ { default_type application/json; return 200 '{"requests":[]}'; } } }
`, func(dir string) []string {
		return []string{"-c", filepath.Join(dir, "server.conf"), "-e", filepath.Join(dir, "error.log")}
	}, true},
	"apache2": {"apache2", `ServerRoot /usr/lib/apache2
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
User www-data
Group www-data
ServerName manager
DefaultRuntimeDir %[1]s
PidFile %[1]s/pid
Mutex file:%[1]s default
ErrorLog %[1]s/error.log
LogFormat "%%m %%U %%>s %%B \"%%{User-Agent}i\"" p
CustomLog %[4]s p
StartServers 1
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
Listen %[2]s
DocumentRoot %[3]s
<Directory %[3]s>
    Require all granted
</Directory>
`, func(dir string) []string { return []string{"-f", filepath.Join(dir, "server.conf"), "-DFOREGROUND"} }, false},
}

// A real web server in the Device Manager's place: zero touch in two steps. Its own log
// has every request in order, and the image of the running version, of which the phone
// reads the head by one request, was not sent whole (AC-FILE-1, AC-FILE-2, AC-FILE-4).
func TestAudioCodesOnWebServers(t *testing.T) {
	for name := range audiocodesServers {
		t.Run(name, func(t *testing.T) { testAudioCodesOn(t, name) })
	}
}

func testAudioCodesOn(t *testing.T, name string) {
	t.Parallel()
	server := audiocodesServers[name]
	program := peer.Find(t, name, server.pkg)
	peer.NeedRoot(t, "the workers of the server give up root's rights")
	phones, err := vendors.Lookup("audiocodes")
	if err != nil {
		t.Fatal(err)
	}
	dir, host := peer.PublicDir(t), peer.Loopback()
	root, log := filepath.Join(dir, "web"), filepath.Join(dir, "access.log")
	address := net.JoinHostPort(host, strconv.Itoa(int(peer.FreePorts(t, "tcp", host, 1))))
	image := phones.Image("440HD", "2.2.8.61", bytes.Repeat([]byte("firmware"), 4<<20))
	peer.Publish(t, root, map[string][]byte{
		"/firmwarefiles/440HD.img": image,
		"/ipp/dhcpoption160.cfg": []byte("ems_server/provisioning/url=http://" + address + "/\nems_server/user_name=system\nprovisioning/method=STATIC\n" +
			"provisioning/configuration/url=http://" + address + "/configfiles/\nprovisioning/firmware/url=http://" + address + "/firmwarefiles/\n"),
		"/configfiles/00908f602aac.cfg":        []byte("include Audiocodes_440HD.cfg\nvoip/line/0/enabled=1\nsystem/type=440HD\n"),
		"/configfiles/Audiocodes_440HD.cfg":    []byte("provisioning/period/type=hourly ; as the manager has it\n"),
		"/rest/v1/ipphoneMgrStatus/keep-alive": []byte(`{"requests":[]}`),
	})
	config := fmt.Sprintf(server.config, dir, address, root, log)
	if err := os.WriteFile(filepath.Join(dir, "server.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	peer.Start(t, dir, peer.Listens(address), program, server.args(dir)...)

	id := device.Identity{MAC: device.MAC{0x00, 0x90, 0x8f, 0x60, 0x2a, 0xac}}
	offer := device.TextOffer(160, "http://"+address+"/firmwarefiles;ipp/dhcpoption160.cfg")
	goOn := device.Input{Kind: device.Tick} // until both checks and both keep-alives have ended
	stored, records := vendorPhone(t, "audiocodes", id, offer, device.Certificates{}, nil, goOn, goOn, goOn)

	const keepAlive, agent = "POST /rest/v1/ipphoneMgrStatus/keep-alive 200", `"AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)"`
	plan := []string{ // the threads of Apache write their lines when they have ended, which may be in another order
		"GET /firmwarefiles/440HD.img 200", "GET /ipp/dhcpoption160.cfg 200", keepAlive, "GET /firmwarefiles/440HD.img 200",
		"GET /configfiles/00908f602aac.cfg 200", "GET /configfiles/Audiocodes_440HD.cfg 200", keepAlive,
	}
	if !server.counts {
		slices.Sort(plan)
	}
	sameInLog(t, log, strings.Join(plan, "\n"), func(text string) (requests []string) {
		for line := range strings.Lines(text) {
			words := strings.SplitN(strings.TrimSpace(line), " ", 5)
			requests = append(requests, strings.Join(words[:3], " "))
			if sent, err := strconv.Atoi(words[3]); err != nil || server.counts && sent >= len(image) {
				t.Errorf("the server has sent %s bytes, want less than the %d of the image: %s", words[3], len(image), line)
			}
			if words[4] != agent {
				t.Errorf("the User-Agent is %s, want %s", words[4], agent)
			}
		}
		if !server.counts {
			slices.Sort(requests)
		}
		return requests
	})
	if period, _ := stored.Config.Get("provisioning/period/type"); period != "hourly" {
		t.Errorf("the period is %q, want that of the include", period)
	}
	sent := 0
	for _, r := range records {
		if r.Kind == device.KeepAliveDone && r.Outcome == resync.Sent {
			sent++
		}
	}
	if sent != 2 {
		t.Errorf("%d keep-alives were sent, want 2", sent)
	}
}

// audiocodesLeases are how DHCP servers name a server for AudioCodes phones, by the case
// and the server. %q is for the value that the server's kind formats.
var audiocodesLeases = map[string]struct {
	value   string
	configs map[string]string // by the server's program
}{
	"option 160": {"tftp://" + dhcpHost + "/;own.cfg", map[string]string{
		dnsmasqDHCP.program: "dhcp-option=160,%q\n",
		kea.program: strings.Replace(kea.config, `"option-data": [{"name": "tftp-server-name", "data": %q}],`,
			`"option-def": [{"name": "audiocodes", "code": 160, "type": "string"}], "option-data": [{"name": "audiocodes", "data": %q}],`, 1),
		iscDHCP.program: "option audiocodes code 160 = text;\n" + strings.Replace(iscDHCP.config, "tftp-server-name", "audiocodes", 1),
	}},
	"options 66 and 67": {dhcpHost, map[string]string{
		dnsmasqDHCP.program: dnsmasqDHCP.config + "dhcp-option=67,\"fw.img;own.cfg\"\n",
		kea.program:         strings.Replace(kea.config, `"data": %q}`, `"data": %q}, {"name": "boot-file-name", "data": "fw.img;own.cfg"}`, 1),
		iscDHCP.program:     strings.Replace(iscDHCP.config, "%q;", `%q; option bootfile-name "fw.img;own.cfg";`, 1),
	}},
}

// A phone behind real DHCP servers, in both ways to a lease: option 160, and 66 with 67
// (AC-SRC-2, AC-URL-5, AC-ID-4).
func TestAudioCodesDHCP(t *testing.T) {
	peer.NeedRoot(t, "it makes network namespaces, and raw sockets in them")
	command := buildCommand(t)
	for name, lease := range audiocodesLeases {
		for _, k := range []dhcpKind{dnsmasqDHCP, kea, iscDHCP} {
			t.Run(k.program+", "+name, func(t *testing.T) {
				t.Parallel()
				k.config = lease.configs[k.program]
				s := k.start(t, lease.value)
				for _, way := range [][]string{{"--dhcp", "vcli", "--mac", "00:90:8f:00:00:01"}, {"--dhcp-relay", dhcpHost, "--mac", "00:90:8f:00:00:02"}} {
					got := s.net.vendorPhone(t, command, append(way, "--vendor", "audiocodes")...)
					url := ""
					for _, r := range got.records {
						if r.Kind == device.ResyncDone {
							url = r.URL
						}
					}
					if want := "tftp://" + dhcpHost + "/own.cfg"; url != want || got.code != 0 || got.stderr != "applied\n" {
						t.Errorf("%s: exit code %d, %q, the file was %q, want %s", way[0], got.code, got.stderr, url, want)
					}
				}
			})
		}
	}
}

// Real TFTP servers take the phone's error 0, after which the next transfer is as good
// as ever (AC-FILE-2).
func TestImageHeadOverTFTP(t *testing.T) {
	for name, k := range map[string]tftpKind{"tftpd-hpa": hpa, "atftpd": atftpd, "dnsmasq": dnsmasq} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image := noise(200 << 10)
			s := k.start(t, map[string][]byte{"/440HD.img": image})
			for _, enough := range []bool{true, false, true} {
				req := s.request("/440HD.img", plain)
				req.Head, req.Enough = 112, func([]byte) bool { return enough }
				want := image
				if enough {
					want = image[:112]
				}
				fetch(t, req, resync.None, "", want)
			}
		})
	}
}

// AC-ID-5: subject, issuer and serial number of a phone's certificate, as openssl reads
// them, are those of the factory's, where the authority has the name of the factory's.
// The certificate counts for 20 years.
func TestAudioCodesCertificate(t *testing.T) {
	id := device.Identity{MAC: device.MAC{0x00, 0x90, 0x8f, 0x01, 0x02, 0x0a}, Product: "420HD"}
	cert := factoryCert(t, "audiocodes", "/O=ACL/CN=CA_ipp1", id)
	got := string(openssl(t, cert, "x509", "-noout", "-subject", "-issuer", "-serial", "-nameopt", "sname,sep_comma_plus"))
	if want := "subject=O=ACL,CN=Client_00908F01020A\nissuer=O=ACL,CN=CA_ipp1\nserial=0200908F01020A\n"; got != want {
		t.Errorf("openssl reads %q, want %q", got, want)
	}
	block, _ := pem.Decode(cert)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := time.Until(leaf.NotAfter), 20*365*24*time.Hour; got > want || got < want-time.Hour {
		t.Errorf("the certificate counts for %v, want %v", got, want)
	}
}
