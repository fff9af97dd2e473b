//go:build linux

package interop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/internal/testing/peer"
)

// A dhcpKind is how to run a kind of DHCP server, which gives one address.
type dhcpKind struct {
	program, pkg string
	config       string                    // its configuration, with a verb for option 66
	args         func(dir string) []string // the whole command line; the configuration is in server.conf
	ready        string                    // a part of its output when it listens
	tftp         bool                      // it is a TFTP server too, and needs none beside it
}

// A dhcpServer is a DHCP server that runs, with a TFTP server at its address.
type dhcpServer struct {
	*peer.Program
	net network
	dir string
}

var dnsmasqDHCP = dhcpKind{
	program: "dnsmasq", pkg: "dnsmasq", ready: "TFTP root is", tftp: true,
	config: "dhcp-option=66,%q\n",
	args: func(dir string) []string {
		return []string{
			"dnsmasq", "--keep-in-foreground", "--conf-file=" + filepath.Join(dir, "server.conf"), "--pid-file=", "--log-facility=-",
			"--user=nobody", "--port=0", "--interface=vsrv", "--bind-interfaces", "--enable-tftp", "--tftp-root=" + filepath.Join(dir, "tftp"),
			"--dhcp-range=" + leased + "," + leased + ",255.255.0.0,1h", "--dhcp-authoritative", "--no-ping", "--leasefile-ro",
		}
	},
}

// Kea would write below /run/kea, which only its own service makes.
var kea = dhcpKind{
	program: "kea-dhcp4", pkg: "kea-dhcp4-server", ready: "DHCP4_STARTED",
	config: `{"Dhcp4": {
	"interfaces-config": {"interfaces": ["vsrv"], "re-detect": false},
	"lease-database": {"type": "memfile", "persist": false},
	"option-data": [{"name": "tftp-server-name", "data": %q}],
	"subnet4": [{"id": 1, "subnet": "10.66.0.0/16", "pools": [{"pool": "` + leased + ` - ` + leased + `"}]}],
	"loggers": [{"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}]
}}`,
	args: func(dir string) []string {
		return []string{"env", "KEA_PIDFILE_DIR=" + dir, "KEA_LOCKFILE_DIR=" + dir, "kea-dhcp4", "-c", filepath.Join(dir, "server.conf")}
	},
}

// Without ping-check it does not wait a second for somebody to have the address.
var iscDHCP = dhcpKind{
	program: "dhcpd", pkg: "isc-dhcp-server", ready: "Server starting service",
	config: `authoritative;
ping-check false;
subnet 10.66.0.0 netmask 255.255.0.0 { range ` + leased + `; option tftp-server-name %q; }
`,
	args: func(dir string) []string {
		file := func(name string) string { return filepath.Join(dir, name) }
		return []string{"dhcpd", "-4", "-f", "-d", "-cf", file("server.conf"), "-lf", file("leases"), "-pf", file("pid"), "vsrv"}
	},
}

// tftpPort is where a phone looks for TFTP servers.
const tftpPort = 69

// start runs a DHCP server, and a TFTP server beside it, in a network of their own.
func (k dhcpKind) start(t *testing.T, option66 string, extra ...string) *dhcpServer {
	t.Helper()
	return k.startWith(t, fmt.Sprintf(k.config, option66), dhcpFiles, extra...)
}

// startWith is start with a whole configuration and the files of the TFTP server.
func (k dhcpKind) startWith(t *testing.T, config string, files map[string][]byte, extra ...string) *dhcpServer {
	t.Helper()
	peer.Find(t, k.program, k.pkg)
	s := &dhcpServer{net: newNetwork(t), dir: peer.PublicDir(t)}
	root := filepath.Join(s.dir, "tftp")
	peer.Publish(t, root, files)
	peer.Publish(t, s.dir, map[string][]byte{"server.conf": []byte(config), "leases": nil})
	if !k.tftp {
		s.net.start(t, peer.PublicDir(t), s.net.hasTFTP, append([]string{atftpd.find(t)}, atftpd.args(dhcpHost, tftpPort, root)...))
	}
	ready := func(context.Context) error { return s.logged(k.ready) }
	s.Program = s.net.start(t, s.dir, ready, append(k.args(s.dir), extra...))
	return s
}

// logged returns an error unless the server's output has a text. A socket would
// prove less: not all of these servers have one on port 67.
func (s *dhcpServer) logged(text string) error {
	output, err := os.ReadFile(filepath.Join(s.dir, "output.log"))
	if err == nil && !strings.Contains(string(output), text) {
		err = fmt.Errorf("no %q in the output of the DHCP server", text)
	}
	return err
}
