//go:build linux

package dhcp

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A daemon is a DHCP server of others. Its configuration has places for the
// range of addresses and for the options of hosts.
type daemon struct {
	program, debian string
	args            func(file, dir string) []string
	ready           string // what it prints when it hears
	config          string // with %[1]s for the first address, %[2]s the last, %[3]s the hosts, %[4]s a directory
	host            string // with %[1]s for a name, %[2]s the hardware address, %[3]s option 66
	between         string // two hosts
}

// The option 66 that each of three clients gets, in its three forms.
var forms = []string{"10.66.0.1", "prov.example.net", "http://10.66.0.1:18080/prov"}

var daemons = []daemon{
	{
		program: "dnsmasq", debian: "dnsmasq-base", ready: "DHCP, sockets bound",
		args: func(file, dir string) []string { return []string{"-k", "--log-facility=-", "-C", file} },
		config: `port=0
no-resolv
no-hosts
interface=eth0
bind-interfaces
dhcp-authoritative
no-ping
user=root
pid-file=%[4]s/pid
dhcp-leasefile=%[4]s/leases
dhcp-range=%[1]s,%[2]s,255.255.0.0,1h
dhcp-option=67,"c2k.xml"
dhcp-option=150,10.66.0.1,10.66.0.2
dhcp-option=43,01:04:0a:42:00:01
%[3]s
`,
		host: "dhcp-host=%[2]s,set:%[1]s\ndhcp-option=tag:%[1]s,66,\"%[3]s\"\n",
	},
	{
		program: "kea-dhcp4", debian: "kea-dhcp4-server", ready: "DHCP4_STARTED",
		args: func(file, dir string) []string { return []string{"-c", file} },
		config: `{ "Dhcp4": {
  "interfaces-config": { "interfaces": ["eth0"], "dhcp-socket-type": "raw" },
  "lease-database": { "type": "memfile", "persist": false },
  "valid-lifetime": 3600,
  "option-def": [ { "name": "tftp-addresses", "code": 150, "type": "ipv4-address", "array": true } ],
  "option-data": [
    { "name": "boot-file-name", "data": "c2k.xml" },
    { "name": "tftp-addresses", "data": "10.66.0.1,10.66.0.2" },
    { "name": "vendor-encapsulated-options", "code": 43, "csv-format": false, "data": "01040a420001" } ],
  "subnet4": [ { "subnet": "10.66.0.0/16", "pools": [ { "pool": "%[1]s - %[2]s" } ], "reservations": [ %[3]s ] } ],
  "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ]
} }
`,
		host:    `{ "hw-address": "%[2]s", "option-data": [ { "name": "tftp-server-name", "data": "%[3]s" } ] }`,
		between: ", ",
	},
	{
		program: "dhcpd", debian: "isc-dhcp-server", ready: "Server starting service.",
		args: func(file, dir string) []string {
			return []string{"-4", "-f", "-d", "-cf", file, "-lf", dir + "/leases", "-pf", dir + "/pid", "eth0"}
		},
		config: `authoritative;
ping-check false;
default-lease-time 3600;
option tftp150 code 150 = array of ip-address;
subnet 10.66.0.0 netmask 255.255.0.0 {
  range %[1]s %[2]s;
  option bootfile-name "c2k.xml";
  option tftp150 10.66.0.1, 10.66.0.2;
  option vendor-encapsulated-options 01:04:0a:42:00:01;
}
%[3]s
`,
		host: "host %[1]s { hardware ethernet %[2]s; option tftp-server-name \"%[3]s\"; }\n",
	},
}

// forEachDaemon runs a test against each server.
func forEachDaemon(t *testing.T, test func(t *testing.T, d daemon)) {
	for _, d := range daemons {
		t.Run(d.program, func(t *testing.T) { test(t, findDaemon(t, d.program)) })
	}
}

// findDaemon returns a server, or skips the test where it is not installed.
func findDaemon(t *testing.T, program string) daemon {
	t.Helper()
	d := daemons[slices.IndexFunc(daemons, func(d daemon) bool { return d.program == program })]
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("needs the program %s, Debian package %s", program, d.debian)
	}
	return d
}

// start runs the server on a host, with the addresses of a range and the three
// forms of option 66 for clients 0 to 2, until it is stopped or the test ends.
func (d daemon) start(t *testing.T, host *namespace, first, last string) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	var hosts []string
	for i, form := range forms {
		hosts = append(hosts, fmt.Sprintf(d.host, fmt.Sprint("phone", i), macOf(i).Colons(), form))
	}
	file := filepath.Join(dir, "conf")
	config := fmt.Sprintf(d.config, first, last, strings.Join(hosts, d.between), dir)
	for name, text := range map[string]string{file: config, filepath.Join(dir, "leases"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(d.program, d.args(file, dir)...)
	cmd.Env = append(os.Environ(), "KEA_PIDFILE_DIR="+dir, "KEA_LOCKFILE_DIR="+dir)
	// The death signal is for a test binary that ends without its cleanups.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, input := io.Pipe()
	cmd.Stdout, cmd.Stderr = input, input
	var err error
	host.do(func() { err = cmd.Start() })
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer input.Close()
		_ = cmd.Wait() // how it ends shows in its output
	}()
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // an error is that it has ended already
		<-ended
	})
	t.Cleanup(stop)
	d.await(t, output)
	return stop
}

// await returns when the server says that it hears, and goes on reading what it
// says, which a failed test shows.
func (d daemon) await(t *testing.T, output io.Reader) {
	t.Helper()
	ready, over := make(chan struct{}), make(chan struct{})
	var log strings.Builder
	go func() {
		defer close(over)
		once := sync.OnceFunc(func() { close(ready) })
		for lines := bufio.NewScanner(output); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), d.ready) {
				once()
			}
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s says:\n%s", d.program, log.String())
		}
	})
	select {
	case <-ready:
	case <-over:
		t.Fatalf("%s has ended", d.program)
	case <-time.After(patience):
		t.Fatalf("%s is not ready after %v", d.program, patience)
	}
}
