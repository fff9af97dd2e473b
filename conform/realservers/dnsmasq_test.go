//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var dnsmasqArgs = []string{"--keep-in-foreground", "--conf-file={{.Dir}}/server.conf", "--pid-file=", "--log-facility=-", "--user=nobody"}

var dnsmasq = server{
	name: check.Dnsmasq,
	find: func(t testing.TB) string {
		peer.NeedRoot(t, "dnsmasq has no other port for TFTP than 69")
		return peer.Find(t, "dnsmasq", "dnsmasq")
	},
	version: "--version",
	setups: []setup{
		{name: "default", over: "tftp", port: 69, config: "dnsmasq-default.conf", args: dnsmasqArgs, about: "As its example configuration proposes."},
		{
			name: "hardened", over: "tftp", port: 69, config: "dnsmasq-hardened.conf", site: "dnsmasq-tftp.conf", args: dnsmasqArgs, owned: true, keyed: true,
			about: "What the checks advise; the phones' files are encrypted.",
		},
		{
			name: "without tftp-root", over: "tftp", port: 69, config: "dnsmasq-rootless.conf", args: dnsmasqArgs, rootless: true,
			about: "TFTP switched on, and no folder named.",
		},
	},
	tries: []try{
		{
			[]string{"tftp/11"},
			"`atftp --trace --option \"windowsize 8\"`",
			"DATA comes in place of an OACK.",
		},
		{
			[]string{"tftp/16"},
			"`atftp --option \"blksize 0\"` and `tshark`",
			"OACK with blksize = 1.",
		},
		{
			[]string{"tftp/32"},
			"`curl --path-as-is tftp://ADDRESS/../../../../etc/passwd` without tftp-root",
			"The accounts of the machine. Any file that the user nobody can read is served.",
		},
		{
			[]string{"tftp/36"},
			"A few bytes from a socket of Python, and `tshark` beside it: an ERROR to the request port",
			"ERROR 4 \"unsupported request\". Two such servers can keep each other busy for ever, CVE-2024-2169.",
		},
		{
			[]string{"tftp/24"},
			"An ACK from a third socket, by Python",
			"ERROR 5, as it should be.",
		},
		{
			[]string{"tftp/28"},
			"A few bytes from a socket of Python, and `tshark` beside it: two ACK 1",
			"DATA 2 comes once.",
		},
		{
			[]string{"files/26"},
			"`curl tftp://localhost/fv0021F2011B19.conf`",
			"The file, as TFTP has no passwords.",
		},
	},
}
