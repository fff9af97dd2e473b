package tftp_test

import (
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var lossMutants = proof.Mutants{
	"tftp/26": {
		Setup:    mutant(tftpd.Faults{Once: func(r *tftpd.Request, p tftp.Packet) bool { return p.Op == tftp.OpData && p.Block == 1 }}),
		Expected: "DATA 1 again", Actual: "no answer",
	},
	"tftp/26 oack": {
		Setup: mutant(tftpd.Faults{Once: func(r *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpOptionAck && asks(r, "blksize")
		}}),
		Expected: "the first answer again", Actual: "no answer",
	},
	"tftp/26 last": {
		Setup: mutant(tftpd.Faults{Once: func(r *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpData && len(p.Data) < r.Block
		}}),
		Expected: "the last block again", Actual: "no answer",
	},
	"tftp/27": {Setup: mutant(tftpd.Faults{Fresh: true}), Expected: "DATA", Actual: "no answer"},
}
