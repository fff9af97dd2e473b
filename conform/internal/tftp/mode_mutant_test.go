package tftp_test

import (
	"strings"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
)

var modeMutants = proof.Mutants{
	"tftp/3": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			if r.Mode == "netascii" {
				r.Mode = "octet"
			}
		}}),
		Expected: "CR LF", Actual: "with LF, as in mode octet",
	},
	"tftp/7": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			if r.Mode != strings.ToLower(r.Mode) {
				r.Mode = "netascii"
			}
		}}),
		Expected: "the same bytes", Actual: "mode OCTET",
	},
	"tftp/8": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			if strings.HasPrefix(r.Name, "/") {
				r.Name = "none"
			}
		}}),
		Expected: "the same DATA 1", Actual: "ERROR 1",
	},
	"tftp/9": {
		Setup: mutant(tftpd.Faults{Open: func(name string) ([]byte, bool) {
			return nil, strings.Trim(name, "./") == ""
		}}),
		Expected: "ERROR", Actual: `".": DATA 1 (0 bytes)`,
	},
}
