//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var hpa = server{
	name: check.TFTPDHPA,
	find: func(t testing.TB) string {
		peer.NeedRoot(t, "in.tftpd gives up root's rights")
		return peer.FindHPA(t)
	},
	version: "-V",
	setups: []setup{
		{
			name: "default", over: "tftp", about: "As Debian starts it.",
			args: []string{"--foreground", "--user", "nobody", "--address", "{{.Host}}:{{.Port}}", "--secure", "{{.Root}}"},
		},
		{
			name: "hardened", over: "tftp", about: "The same; the phones' files are encrypted.", keyed: true,
			args: []string{"--foreground", "--user", "nobody", "--address", "{{.Host}}:{{.Port}}", "--secure", "{{.Root}}"},
		},
		{
			name: "without --secure", over: "tftp", about: "The program's own default: names of files are absolute.",
			args: []string{"--foreground", "--user", "nobody", "--address", "{{.Host}}:{{.Port}}", "{{.Root}}"},
		},
	},
	tries: []try{
		{
			[]string{"tftp/11"},
			"`atftp --trace --option \"windowsize 8\"`",
			"DATA comes in place of an OACK.",
		},
		{
			[]string{"tftp/24"},
			"An ACK from a third socket, by Python",
			"Nothing comes back.",
		},
		{
			[]string{"tftp/9"},
			"`atftp -g -r .`",
			"\"Is a directory\": no fault here.",
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
		{
			[]string{"tftp/1", "tftp/2", "tftp/3", "tftp/4", "files/1", "phone/1"},
			"`tftp -m octet ADDRESS PORT -c get a.conf`, without --secure",
			"\"Only absolute filenames allowed\". A name with two slashes in the URL, `curl tftp://ADDRESS:PORT//srv/a.conf`, is served; phones ask for names without a slash.",
		},
	},
}
