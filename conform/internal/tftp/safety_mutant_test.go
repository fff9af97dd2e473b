package tftp_test

import (
	"slices"
	"strings"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

// passwd is a file that every user of a Unix system may read, and no TFTP client.
var passwd = []byte("root:x:0:0:root:/root:/bin/sh\n")

var safetyMutants = proof.Mutants{
	"tftp/32": {
		Setup: mutant(tftpd.Faults{Open: func(name string) ([]byte, bool) {
			return passwd, strings.HasPrefix(name, "../") && strings.HasSuffix(name, "/etc/passwd")
		}}),
		Expected: "ERROR, or nothing", Actual: `"../../../../../../../../etc/passwd": DATA 1`,
	},
	"tftp/32 absolute": {
		Setup:    mutant(tftpd.Faults{Open: func(name string) ([]byte, bool) { return passwd, name == "/etc/passwd" }}),
		Expected: "ERROR, or nothing", Actual: `"/etc/passwd": DATA 1`,
	},
	"tftp/32 windows": {
		Setup: mutant(tftpd.Faults{Open: func(name string) ([]byte, bool) {
			return []byte("; for 16-bit app support\r\n[fonts]\r\n"), strings.Contains(name, `..\windows\win.ini`)
		}}),
		Expected: "ERROR, or nothing", Actual: `win.ini": DATA 1`,
	},
	"tftp/33": {Setup: mutant(tftpd.Faults{Writable: true}), Expected: "ERROR", Actual: "ACK 1"},
	"tftp/34": {
		Setup: mutant(tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if len(r.Options) == 0 && p.Op == tftp.OpData && p.Block == 1 {
				return slices.Repeat([]tftp.Packet{p}, 12)
			}
			return []tftp.Packet{p}
		}}),
		Expected: "at most 7 packets", Actual: "more: ",
		Also: []string{"tftp/37"}, // the packets are on their way when the error comes
	},
}
