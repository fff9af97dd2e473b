//go:build linux

package dhcp_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/internal/dhcp"
	"provsim/conform/internal/testing/proof"
	"provsim/device"
)

// inside is set in the process that asks from within a network namespace.
const inside = "PROVSIM_TEST_INSIDE_NETWORK"

func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		os.Exit(m.Run())
	}
	report, err := conform.Examine(context.Background(), check.Target{
		Phones: []check.Phone{{MAC: device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}}},
		DHCP:   check.DHCP{Relay: "10.66.0.1", Listen: "10.66.0.2", Private: true},
	}, conform.Options{Checks: dhcp.Checks(), Patience: 4 * proof.Patience})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, r := range report.Results {
		if r.Verdict != check.Passed {
			fmt.Println(r.Check.ID, r.Verdict)
		}
	}
}

// A daemon is a DHCP server of others, in two configurations: option 66 for all,
// and for phones only, as the advice of dhcp/10 says.
type daemon struct {
	program, debian string
	args            []string // with DIR for its directory
	ready           string   // what it prints when it hears
	config          string   // with a place for what offers option 66
	all, private    string
}

var daemons = []daemon{
	{
		program: "dnsmasq", debian: "dnsmasq-base", ready: "DHCP, sockets bound",
		args: []string{"-k", "--log-facility=-", "-C", "DIR/conf", "--pid-file="},
		config: "port=0\nno-hosts\ninterface=srv\nbind-interfaces\ndhcp-authoritative\nno-ping\nleasefile-ro\nuser=root\n" +
			"dhcp-range=10.66.1.1,10.66.1.50,255.255.0.0,1h\n%s\n",
		all:     "dhcp-option=66,10.66.0.1",
		private: "dhcp-mac=set:phones,00:21:f2:*:*:*\ndhcp-option=tag:phones,66,10.66.0.1",
	},
	{
		program: "kea-dhcp4", debian: "kea-dhcp4-server", ready: "DHCP4_STARTED",
		args: []string{"-c", "DIR/conf"},
		config: `{ "Dhcp4": {
	"interfaces-config": { "interfaces": ["srv"], "re-detect": false },
	"lease-database": { "type": "memfile", "persist": false },
	%s,
	"subnet4": [ { "id": 1, "subnet": "10.66.0.0/16", "pools": [ { "pool": "10.66.1.1 - 10.66.1.50" } ] } ],
	"loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ]
} }`,
		all: `"option-data": [ { "name": "tftp-server-name", "data": "10.66.0.1" } ]`,
		private: `"client-classes": [ { "name": "phones", "test": "substring(pkt4.mac,0,3) == 0x0021f2",
	"option-data": [ { "name": "tftp-server-name", "data": "10.66.0.1" } ] } ]`,
	},
	{
		program: "dhcpd", debian: "isc-dhcp-server", ready: "Server starting service.",
		args:    []string{"-4", "-f", "-d", "-cf", "DIR/conf", "-lf", "DIR/leases", "-pf", "DIR/pid", "srv"},
		config:  "authoritative;\nping-check false;\ndefault-lease-time 3600;\nsubnet 10.66.0.0 netmask 255.255.0.0 { range 10.66.1.1 10.66.1.50; }\n%s\n",
		all:     `option tftp-server-name "10.66.0.1";`,
		private: `class "phones" { match if substring(hardware,1,3) = 00:21:f2; option tftp-server-name "10.66.0.1"; }`,
	},
}

// No TFTP server runs beside them, so that requests to the server of option 66 get no
// answer.
func TestRealServers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make network namespaces and a relay agent on port 67")
	}
	for _, d := range daemons {
		for _, test := range []struct{ name, option66, want string }{
			{"option 66 for all", d.all, "dhcp/4 fail\ndhcp/10 fail\n"},
			{"option 66 for phones", d.private, "dhcp/4 fail\n"},
		} {
			t.Run(d.program+", "+test.name, func(t *testing.T) {
				t.Parallel()
				for _, program := range [][2]string{{d.program, d.debian}, {"ip", "iproute2"}} {
					if _, err := exec.LookPath(program[0]); err != nil {
						t.Skipf("needs the program %s, Debian package %s", program[0], program[1])
					}
				}
				servers, phones := cable(t)
				d.start(t, servers, test.option66)
				ask := exec.CommandContext(t.Context(), "ip", "netns", "exec", phones, os.Args[0])
				ask.Env = append(os.Environ(), inside+"=1")
				output, err := ask.CombinedOutput()
				if err != nil || string(output) != test.want {
					t.Errorf("%v, not passed:\n%swant:\n%s", err, output, test.want)
				}
			})
		}
	}
}

// start runs the server in a namespace until the test ends, and returns when it
// hears.
func (d daemon) start(t *testing.T, namespace, option66 string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"conf": fmt.Sprintf(d.config, option66), "leases": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"netns", "exec", namespace, d.program}
	for _, arg := range d.args {
		args = append(args, strings.ReplaceAll(arg, "DIR", dir))
	}
	cmd := exec.Command("ip", args...) // which becomes the server
	cmd.Env = append(os.Environ(), "KEA_PIDFILE_DIR="+dir, "KEA_LOCKFILE_DIR="+dir)
	// The death signal is for a test binary that ends without its cleanups.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		once := sync.OnceFunc(func() { close(ready) })
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if strings.Contains(lines.Text(), d.ready) {
				once()
			}
		}
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	select {
	case <-ready:
	case <-ended:
		t.Fatalf("%s has ended", d.program)
	}
}
