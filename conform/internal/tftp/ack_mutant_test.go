package tftp_test

import (
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
)

var ackMutants = proof.Mutants{
	"tftp/28": {Setup: mutant(tftpd.Faults{Apprentice: true}), Expected: "DATA 2 once", Actual: "DATA 2 twice"},
	"tftp/29": {
		Setup:    mutant(tftpd.Faults{Careless: true}),
		Expected: "nothing new after DATA 3 and ACK 1", Actual: "DATA 4",
		// Whatever is acknowledged, it goes on.
		Also: []string{"tftp/21", "tftp/28"},
	},
}
