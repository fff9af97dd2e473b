package tftp_test

import (
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var errorMutants = proof.Mutants{
	"tftp/35": {
		Setup: mutant(tftpd.Faults{Send: func(_ *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if p.Op == tftp.OpError {
				return []tftp.Packet{p, p}
			}
			return []tftp.Packet{p}
		}}),
		Expected: "one ERROR", Actual: "ERROR 1",
	},
	"tftp/36": {Setup: mutant(tftpd.Faults{Echo: true}), Expected: "no answer to an ERROR", Actual: "ERROR 4"},
	"tftp/37": {
		Setup:    mutant(tftpd.Faults{DeafToErrors: func(r *tftpd.Request) bool { return len(r.Options) == 0 }}),
		Expected: "nothing after the client's ERROR", Actual: "DATA 1",
	},
	"tftp/37 oack": {
		Setup:    mutant(tftpd.Faults{DeafToErrors: func(r *tftpd.Request) bool { return asks(r, "blksize") }}),
		Expected: "nothing after the client's ERROR", Actual: "OACK",
	},
}
