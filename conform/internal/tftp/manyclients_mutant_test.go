package tftp_test

import (
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var crowdMutants = proof.Mutants{
	"tftp/30": {
		Setup: mutant(tftpd.Faults{Send: sending(func(_ *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpData && p.Block == 0
		})}),
		Expected: "DATA 0", Actual: "no answer",
	},
	"tftp/31": {Setup: mutant(tftpd.Faults{Most: 120}), Expected: "200 of 200 served", Actual: "too many transfers"},
}
