//go:build linux

package realservers

import (
	"testing"

	"provsim/conform/check"
	"provsim/internal/testing/peer"
)

var atftpd = server{
	name: check.ATFTPD,
	find: func(t testing.TB) string {
		peer.NeedRoot(t, "atftpd gives up root's rights")
		return peer.Find(t, "atftpd", "atftpd")
	},
	version: "--version",
	setups: []setup{
		{
			name: "default", over: "tftp", about: "As Debian starts it.",
			args: []string{
				"--daemon", "--no-fork", "--bind-address", "{{.Host}}", "--port", "{{.Port}}", "--logfile", "-",
				"--tftpd-timeout", "300", "--retry-timeout", "5", "--no-multicast", "--maxthread", "100", "--verbose=5", "{{.Root}}",
			},
		},
		{
			name: "hardened", over: "tftp", about: "What the checks advise; the phones' files are encrypted.", keyed: true,
			args: []string{
				"--daemon", "--no-fork", "--bind-address", "{{.Host}}", "--port", "{{.Port}}", "--logfile", "-", "--user", "nobody.nogroup",
				"--tftpd-timeout", "300", "--retry-timeout", "1", "--no-multicast", "--maxthread", "500", "--prevent-sas", "{{.Root}}",
			},
		},
	},
	tries: []try{
		{
			[]string{"tftp/9"},
			"`atftp -g -r .`",
			"A file of 0 bytes, and the exit code 0.",
		},
		{
			[]string{"tftp/16"},
			"`atftp --option \"blksize -1\"` and `tshark`",
			"OACK with blksize = -1. `blksize 0` is refused by an error.",
		},
		{
			[]string{"tftp/24"},
			"An ACK from a third socket, by Python",
			"Nothing comes back.",
		},
		{
			[]string{"tftp/26"},
			"A few bytes from a socket of Python, and `tshark` beside it: a request without options, and then silence",
			"DATA 1 of 516 bytes, and a second later, in its place, the 3 bytes 00 03 00: a phone whose first DATA is lost gets nothing that it can use.",
		},
		{
			[]string{"tftp/28"},
			"A few bytes from a socket of Python, and `tshark` beside it: two ACK 1",
			"DATA 2 comes twice, with `--prevent-sas` too.",
		},
		{
			[]string{"tftp/36"},
			"A few bytes from a socket of Python, and `tshark` beside it: an ERROR to the request port",
			"ERROR 4 \"Illegal TFTP operation\". Two such servers can keep each other busy for ever, CVE-2024-2169.",
		},
		{
			[]string{"files/26"},
			"`curl tftp://localhost/fv0021F2011B19.conf`",
			"The file, as TFTP has no passwords.",
		},
	},
}
