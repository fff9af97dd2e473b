package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"provsim/device"
	"provsim/internal/lab"
)

// A farm is the servers that fleets are measured against, on addresses of the
// loopback network that nobody else uses.
type farm struct {
	dir    string
	certs  string // a pair of files for each phone
	plain  netip.AddrPort
	secure netip.AddrPort
	faulty netip.AddrPort // like plain, but some answers are wrong, late or none
	files  netip.AddrPort
	stops  []func()
}

// phonesWithCertificates is how many phones have one.
const phonesWithCertificates = 2000

const nginxConfig = `daemon off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log warn;
worker_rlimit_nofile 20000; events { worker_connections 9000; }
http {
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream; root %[1]s/www;
  client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
  server { listen %[2]v backlog=4096; }
  split_clients $remote_port$msec$connection $fate { 1%% busy; 1%% gone; 1%% dropped; 1%% slow; * good; }
  server { listen %[4]v backlog=4096;
    if ($fate = busy) { return 503; }
    if ($fate = gone) { return 404; }
    if ($fate = dropped) { return 444; }
    if ($fate = slow) { set $limit_rate 1k; } }
  server { listen %[3]v ssl backlog=4096; keepalive_timeout 0;
    ssl_certificate %[1]s/server.crt; ssl_certificate_key %[1]s/server.key;
    ssl_client_certificate %[1]s/ca.crt; ssl_verify_client on; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache off; ssl_session_tickets off; }
}
`

// dnsmasq serves TFTP on port 69 only, so it gets an address of its own.
const dnsmasqConfig = `port=0
no-resolv
no-hosts
bind-interfaces
listen-address=%[2]v
enable-tftp
tftp-root=%[1]s/www
tftp-max=4000
user=root
pid-file=%[1]s/dnsmasq.pid
log-facility=%[1]s/dnsmasq.log
`

// newFarm publishes the files and starts the servers that are named, and
// installed.
func newFarm(ctx context.Context, dir string, programs ...string) (*farm, error) {
	f := &farm{
		dir: dir, certs: filepath.Join(dir, "certs"),
		plain:  netip.MustParseAddrPort("127.0.7.1:18080"),
		secure: netip.MustParseAddrPort("127.0.7.1:18443"),
		faulty: netip.MustParseAddrPort("127.0.7.1:18081"),
		files:  netip.MustParseAddrPort("127.0.7.1:69"),
	}
	if err := f.publish(); err != nil {
		return nil, err
	}
	for _, program := range programs {
		if err := f.start(ctx, program); err != nil {
			f.stop()
			return nil, err
		}
	}
	return f, nil
}

// start runs a server until the farm stops. One that is not installed has no
// clients either: their table says so.
func (f *farm) start(ctx context.Context, program string) error {
	if absent(program) != "" {
		return nil
	}
	text, args, ready := fmt.Sprintf(nginxConfig, f.dir, f.plain, f.secure, f.faulty), []string{"-e", "stderr", "-c"}, f.awaitWeb
	if program == "dnsmasq" {
		text, args = fmt.Sprintf(dnsmasqConfig, f.dir, f.files.Addr()), []string{"-k", "-C"}
		ready = func() error { return awaitServer(f.files) }
	}
	config := filepath.Join(f.dir, program+".conf")
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, append(args, config)...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // nginx stops its workers
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		return err
	}
	f.stops = append(f.stops, func() {
		cancel()
		_ = cmd.Wait() // it was told to end
	})
	if err := ready(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

// anew lets one server run in place of all others.
func (f *farm) anew(ctx context.Context, program string) error {
	f.stop()
	return f.start(ctx, program)
}

// stop ends all servers.
func (f *farm) stop() {
	for _, stop := range f.stops {
		stop()
	}
	f.stops = nil
}

func (f *farm) awaitWeb() (err error) {
	for range 250 {
		var conn net.Conn
		if conn, err = net.Dial("tcp", f.secure.String()); err == nil {
			return conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

// publish writes the configuration file, the servers' certificate and the
// phones'.
func (f *farm) publish() error {
	www := filepath.Join(f.dir, "www")
	for _, dir := range []string{www, f.certs} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(www, "IP542N.conf"), fleetFile(), 0o644); err != nil {
		return err
	}
	ca, err := lab.NewAuthority("bench", lab.ECDSA)
	if err != nil {
		return err
	}
	cert, key, err := ca.Issue(lab.Leaf{Name: "server", Hosts: []string{f.secure.Addr().String()}})
	if err != nil {
		return err
	}
	if err := writeAll(f.dir, map[string][]byte{"ca.crt": ca.PEM(), "server.crt": cert, "server.key": key}); err != nil {
		return err
	}
	for i := range phonesWithCertificates {
		cert, key, err := ca.Issue(lab.Leaf{Name: fmt.Sprintf("0021F2%06X", i)})
		if err != nil {
			return err
		}
		pair := map[string][]byte{fmt.Sprintf("%d.crt", i): cert, fmt.Sprintf("%d.key", i): key}
		if err := writeAll(f.certs, pair); err != nil {
			return err
		}
	}
	return writeAll(f.certs, map[string][]byte{"ca.crt": ca.PEM()})
}

func writeAll(dir string, files map[string][]byte) error {
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fleetFile is a configuration of about 2 KB, of the version that the phones
// have.
func fleetFile() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "DBID_DBASE_VERSION=%s\n", fleetVersion)
	for i := 1; b.Len() < 2000; i++ {
		fmt.Fprintf(&b, "DBID_SIP_SETTING_%d=sip%d.example.com\n", i, i)
	}
	b.WriteString("#" + strings.Repeat("-", smallSize-b.Len()-2) + "\n")
	return b.Bytes()
}

// clientFiles returns the authority's and the first phone's files.
func (f *farm) clientFiles() (ca, cert, key string) {
	return filepath.Join(f.certs, "ca.crt"), filepath.Join(f.certs, "0.crt"), filepath.Join(f.certs, "0.key")
}

// pair returns a file with the first phone's certificate and key.
func (f *farm) pair() string {
	_, cert, key := f.clientFiles()
	both := filepath.Join(f.dir, "pair.pem")
	var text []byte
	for _, name := range []string{cert, key} {
		part, err := os.ReadFile(name)
		if err != nil {
			return ""
		}
		text = append(text, part...)
	}
	if err := os.WriteFile(both, text, 0o600); err != nil {
		return ""
	}
	return both
}

// readCertificates gives a phone its files.
func readCertificates(dir string, phone int, into *device.Certificates) (err error) {
	phone %= phonesWithCertificates
	for name, part := range map[string]*[]byte{
		"ca.crt": &into.CA, fmt.Sprintf("%d.crt", phone): &into.Cert, fmt.Sprintf("%d.key", phone): &into.Key,
	} {
		if *part, err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
