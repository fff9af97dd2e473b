//go:build linux

package interop

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// basicVPN is the pair of the specification's section 9.
const basicVPN = "Basic VlBOOjEyMzQ1Ng=="

// startTunnel runs the tunnel server on a port of loopback.
func startTunnel(t *testing.T, command string, flags ...string) (address, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "output.log")
	peer.Start(t, dir, logHas(log, "listens at"), command, append([]string{"serve", "tunnel", "--listen", "127.0.0.1:0"}, flags...)...)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`listens at http://(\S+)`).FindStringSubmatch(string(text))[1], log
}

// startTunnelDevice runs one device, and returns its log.
func startTunnelDevice(t *testing.T, command, server string, flags ...string) (log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "output.log")
	peer.Start(t, dir, logHas(log, "tunnel.ready"), command, append([]string{"tunnel", "--set", "WSTunServer=" + server}, flags...)...)
	return log
}

// apacheModules are the lines that load modules of Debian's Apache.
func apacheModules(names ...string) (lines string) {
	for _, name := range names {
		lines += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", name)
	}
	return lines
}

// listening is ready when a port takes TCP connections.
func listening(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			c.Close()
		}
		return err
	}
}

// WT-SVC-2: real programs at both ends of the tunnel: a file of nginx, chronyd's
// time, rsyslogd's lines, snmptrapd's traps, and snmpget at the device.
func TestRealProgramsThroughTheTunnel(t *testing.T) {
	nginx, chronyd := peer.Find(t, "nginx", "nginx"), peer.Find(t, "chronyd", "chrony")
	rsyslogd, snmptrapd, snmpget := peer.Find(t, "rsyslogd", "rsyslog"), peer.Find(t, "snmptrapd", "snmptrapd"), peer.Find(t, "snmpget", "snmp")
	command := buildCommand(t)
	host := peer.Loopback()
	web, udp := peer.FreePorts(t, "tcp", host, 1), peer.FreePorts(t, "udp", host, 4)
	traps, syslog, ntp, reach := udp, udp+1, udp+2, udp+3
	dir := peer.PublicDir(t)
	peer.Publish(t, dir, map[string][]byte{
		"www/device.ini": []byte(strings.Repeat("A = 1\n", 20_000)),
		"nginx.conf": fmt.Appendf(nil, "daemon off; pid %s/nginx.pid; error_log stderr; events {} http { access_log %[1]s/access.log; server { listen %s:%d; root %[1]s/www; } }",
			dir, host, web),
		"chrony.conf":    fmt.Appendf(nil, "port %d\nbindaddress %s\nallow 127.0.0.0/8\nlocal stratum 8\ncmdport 0\npidfile %s/chrony.pid\n", ntp, host, dir),
		"rsyslog.conf":   fmt.Appendf(nil, "module(load=\"imudp\")\ninput(type=\"imudp\" address=%q port=\"%d\")\naction(type=\"omfile\" file=\"%s/syslog.log\")\n", host, syslog, dir),
		"snmptrapd.conf": []byte("disableAuthorization yes\n"),
	})
	peer.Start(t, t.TempDir(), listening(fmt.Sprintf("%s:%d", host, web)), nginx, "-c", dir+"/nginx.conf", "-e", "stderr")
	peer.Start(t, t.TempDir(), bound(ntp), chronyd, "-d", "-x", "-U", "-f", dir+"/chrony.conf")
	peer.Start(t, t.TempDir(), bound(syslog), rsyslogd, "-n", "-f", dir+"/rsyslog.conf", "-i", dir+"/rsyslog.pid")
	peer.Start(t, t.TempDir(), bound(traps), snmptrapd, "-f", "-On", "-C", "-c", dir+"/snmptrapd.conf", "-Lf", dir+"/traps.log", fmt.Sprintf("udp:%s:%d", host, traps))
	scenario := filepath.Join(dir, "scenario.yaml")
	if err := os.WriteFile(scenario, []byte("name: real\ndevices: 1\nduration: 10m\ntunnel: {http: 1s, syslog: 2/s, keepalive: 1s, ntp: 1s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := func(port uint16) string { return fmt.Sprintf("%s:%d", host, port) }
	server, _ := startTunnel(t, command, "--forward", "80="+to(web), "--forward", "162/udp="+to(traps), "--forward", "1161/udp="+to(traps),
		"--forward", "514/udp="+to(syslog), "--forward", "123/udp="+to(ntp), "--reach", to(reach)+"/udp=3965330:161")
	device := startTunnelDevice(t, command, server, "--scenario", scenario, "--get", "/device.ini", "--record", dir+"/record")

	for _, c := range []struct{ what, file, text string }{
		{"nginx", dir + "/access.log", `"GET /device.ini HTTP/1.1" 200 120000`},
		{"snmptrapd, the cold start", dir + "/traps.log", ".1.3.6.1.6.3.1.1.5.1"},
		{"snmptrapd, the keep-alive", dir + "/traps.log", ".1.3.6.1.4.1.5003.9.10.1.21.2.0.16"},
		{"rsyslogd", dir + "/syslog.log", "tunnel device 3965330"},
		{"the device, by nginx", device, "http, 120000 bytes"},
		{"the device, by chronyd", device, "ntp, 48 bytes"},
	} {
		peer.Await(t, c.what, logHas(c.file, c.text))
	}
	peer.Await(t, "snmpget", func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, snmpget, "-v2c", "-c", "public", "-On", to(reach), ".1.3.6.1.2.1.1.1.0").CombinedOutput()
		if err == nil && !strings.Contains(string(out), "provsim tunnel device") {
			err = fmt.Errorf("found %s", out)
		}
		return err
	})
	if tcpdump, err := exec.LookPath("tcpdump"); err == nil { // WT-COD-4
		peer.Await(t, "tcpdump to read the recording", func(ctx context.Context) error {
			out, err := exec.CommandContext(ctx, tcpdump, "-nr", dir+"/record/tunnel-000001-3965330.pcap").Output()
			if err != nil || !strings.Contains(string(out), "169.254.250.146 > 169.254.0.1: ICMP echo request") {
				return fmt.Errorf("%v, %s", err, out)
			}
			return nil
		})
	}
}

// bound waits until a program has a UDP port. It may answer no request.
func bound(port uint16) func(context.Context) error {
	return func(context.Context) error {
		table, err := os.ReadFile("/proc/net/udp")
		if err == nil && !bytes.Contains(table, fmt.Appendf(nil, ":%04X ", port)) {
			err = fmt.Errorf("no socket on UDP port %d", port)
		}
		return err
	}
}

// The vectors of the specification's section 9, by another implementation.
const websocketClient = `
import asyncio, sys, websockets
async def main():
    head = {"Authorization": sys.argv[2], "X-Tunnel-Device": "258"}
    async with websockets.connect(sys.argv[1], extra_headers=head, compression=None) as w:
        await w.send(bytes.fromhex(sys.argv[3]))
        print((await w.recv()).hex())
        await w.send(bytes.fromhex(sys.argv[3].replace("a9fe0102a9fe0001", "a9fe0103a9fe0001").replace("25d9", "25d8")))
        await (await w.ping())
        await w.send("text")
        try:
            await w.recv()
        except websockets.ConnectionClosed as e:
            print(e.rcvd.code)
asyncio.run(main())
`

// WT-COD-1, WT-CON-3, WT-LIFE-5, WT-SEC-1: another WebSocket client against the
// server; curl reads the upgrade.
func TestOtherWebSocketClients(t *testing.T) {
	python, curl := peer.Find(t, "python3", "python3-websockets"), peer.Find(t, "curl", "curl")
	if exec.Command(python, "-c", "import websockets").Run() != nil {
		t.Skip("needs the module websockets, Debian package python3-websockets")
	}
	server, log := startTunnel(t, buildCommand(t))
	const request, reply = "4500002400010000400125d9a9fe0102a9fe00010800378a0001000170726f7673696d21", "4500002400010000400125d9a9fe0001a9fe010200003f8a0001000170726f7673696d21"
	out, err := exec.CommandContext(t.Context(), python, "-c", websocketClient, "ws://"+server+"/tun", basicVPN, request).CombinedOutput()
	if err != nil || string(out) != reply+"\n1003\n" {
		t.Errorf("%v\n%s", err, out)
	}
	peer.Await(t, "the spoofed packet to be counted", logHas(log, "1 spoofed"))
	out, err = exec.CommandContext(t.Context(), curl, "-si", "--http1.1", "--max-time", "1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
		"-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Sec-WebSocket-Extensions: permessage-deflate", "-H", "Authorization: "+basicVPN, "http://"+server+"/tun").Output()
	if text := strings.ToLower(string(out)); !strings.HasPrefix(text, "http/1.1 101 ") || !strings.Contains(text, "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=") || strings.Contains(text, "extensions") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, c := range []struct{ path, status string }{{"/tun", "426"}, {"/other", "404"}} {
		out, err := exec.CommandContext(t.Context(), curl, "-so", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: "+basicVPN, "http://"+server+c.path).Output()
		if err != nil || string(out) != c.status {
			t.Errorf("%s: %s, %v, want %s", c.path, out, err, c.status)
		}
	}
	for range 11 {
		out, err = exec.CommandContext(t.Context(), curl, "-so", "/dev/null", "-w", "%{http_code}", "-u", "VPN:wrong", "http://"+server+"/tun").Output()
	}
	if err != nil || string(out) != "429" {
		t.Errorf("after 11 wrong passwords: %s, %v", out, err)
	}
}

// WT-CON-2, WT-CON-4: the device at nginx and Apache as reverse proxies with TLS,
// which ask for the password by Basic and by Digest.
func TestTunnelThroughProxies(t *testing.T) {
	command := buildCommand(t)
	server, _ := startTunnel(t, command)
	cert, key := issue(t, caECDSA(), lab.Leaf{Name: "proxy", Hosts: []string{"127.0.0.1"}})
	for _, c := range []struct{ name, program, pkg, config string }{
		{"nginx with Basic", "nginx", "nginx", `daemon off; pid DIR/pid; error_log stderr; events {} http { access_log off; server { listen ADDRESS ssl;
			ssl_certificate DIR/cert.pem; ssl_certificate_key DIR/key.pem; auth_basic "proxy"; auth_basic_user_file DIR/basic;
			location / { proxy_pass http://SERVER; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
			proxy_set_header Authorization "` + basicVPN + `"; } } }`},
		{"Apache with Digest", "apache2", "apache2", `ServerName localhost
PidFile DIR/pid
DefaultRuntimeDir DIR
Mutex file:DIR default
ErrorLog /dev/stderr
Listen ADDRESS
` + apacheModules("mpm_event", "authz_core", "authz_user", "authn_core", "authn_file", "auth_digest", "ssl", "socache_shmcb", "headers", "proxy", "proxy_http", "proxy_wstunnel") + `
User www-data
Group www-data
SSLEngine on
SSLCertificateFile DIR/cert.pem
SSLCertificateKeyFile DIR/key.pem
<Location />
AuthType Digest
AuthName "proxy"
AuthDigestProvider file
AuthUserFile DIR/digest
Require valid-user
RequestHeader set Authorization "` + basicVPN + `"
ProxyPass ws://SERVER/
</Location>
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			program := peer.Find(t, c.program, c.pkg)
			host := peer.Loopback()
			address := fmt.Sprintf("%s:%d", host, peer.FreePorts(t, "tcp", host, 1))
			dir := peer.PublicDir(t)
			config := strings.NewReplacer("DIR", dir, "ADDRESS", address, "SERVER", server).Replace(c.config)
			peer.Publish(t, dir, map[string][]byte{
				"cert.pem": cert, "key.pem": key, "ca.pem": caECDSA().PEM(), "conf": []byte(config),
				"basic": []byte("me:{PLAIN}secret\n"), "digest": fmt.Appendf(nil, "me:proxy:%x\n", md5.Sum([]byte("me:proxy:secret"))),
			})
			args := []string{"-c", dir + "/conf", "-e", "stderr"}
			if c.program == "apache2" {
				args = []string{"-f", dir + "/conf", "-DFOREGROUND"}
			}
			peer.Start(t, t.TempDir(), listening(address), program, args...)
			log := startTunnelDevice(t, command, address, "--set", "WSTunSecured=1", "--set", "WSTunVerifyPeer=1", "--ca", dir+"/ca.pem",
				"--set", "WSTunUsername=me", "--set", "WSTunPassword=secret")
			peer.Await(t, "the time through the proxy", logHas(log, "ntp, 48 bytes"))
		})
	}
}

// WT-SVC-5: an AudioCodes phone whose transfers go through a tunnel to a Device
// Manager at 169.254.0.1 fetches its files and sends its keep-alive.
func TestPhoneThroughTheTunnel(t *testing.T) {
	command := buildCommand(t)
	m := startManager(t, command, managerFiles(t), t.TempDir())
	port := m.plain[strings.LastIndexByte(m.plain, ':')+1:]
	server, _ := startTunnel(t, command, "--forward", port+"="+strings.TrimPrefix(m.plain, "http://"))
	out, err := exec.CommandContext(t.Context(), command, "phone", "--vendor", "audiocodes", "--product", "440HD", "--boot-time", "50ms", "--for", "4s", "--json",
		"--server", "http://169.254.0.1:"+port+"/firmwarefiles;ipp/dhcpoption160.cfg", "--tunnel", "ws://VPN:123456@"+server+"/tun").Output()
	if errors.As(err, new(*exec.ExitError)) {
		err = nil // the manager has no template for the phone, which is not what this test is about
	}
	if err != nil || !regexp.MustCompile(`"event":"keep-alive.done"[^\n]*"outcome":"sent"[^\n]*169\.254\.0\.1`).Match(out) || !regexp.MustCompile(`"event":"resync.done"[^\n]*"outcome":"applied"`).Match(out) {
		t.Errorf("%v\n%s", err, out)
	}
}
