package tftp_test

import (
	"net"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
)

var tidMutants = proof.Mutants{
	"tftp/22": {Setup: mutant(tftpd.Faults{OnePort: true}), Expected: "a new port", Actual: "from the request port"},
	"tftp/23": {Setup: mutant(tftpd.Faults{Host: net.IPv4(127, 0, 0, 2)}), Expected: "from 127.0.0.1", Actual: "from 127.0.0.2"},
	"tftp/24": {Setup: mutant(tftpd.Faults{Silent: true}), Expected: "ERROR 5", Actual: "no answer"},
	"tftp/25": {
		Setup:    mutant(tftpd.Faults{Trusting: true}),
		Expected: "DATA 2", Actual: "no answer",
		Also: []string{"tftp/24"}, // it accepts the packets of every port
	},
}
