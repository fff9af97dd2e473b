package tftp_test

import (
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
)

var windowMutants = proof.Mutants{
	"tftp/20": {
		Setup:    mutant(tftpd.Faults{Agree: granting("windowsize", "4", "8")}),
		Expected: "windowsize of 1 to 4", Actual: "windowsize=8",
		// A check cannot look for a gap in a window of this size.
		Also: []string{"tftp/21"},
	},
	"tftp/20 more": {
		Setup:    mutant(tftpd.Faults{Window: func(agreed int) int { return agreed + min(agreed-1, 2) }}),
		Expected: "4 blocks, then a wait for ACK 4", Actual: "DATA 5",
		Also: []string{"tftp/21"}, // where DATA 5 comes as well
	},
	"tftp/20 less": {
		Setup:    mutant(tftpd.Faults{Window: func(agreed int) int { return max(agreed-1, 1) }}),
		Expected: "4 blocks, then a wait for ACK 4", Actual: "after 3 blocks: ",
		Also: []string{"tftp/21"}, // which waits for the whole window
	},
	"tftp/21": {Setup: mutant(tftpd.Faults{Blind: true}), Expected: "DATA 3 after ACK 2", Actual: "DATA 5"},
}
