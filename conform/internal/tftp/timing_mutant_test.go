package tftp_test

import (
	"time"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var timingMutants = proof.Mutants{
	"tftp/18": {
		Setup:    mutant(tftpd.Faults{Pace: 200 * time.Millisecond}),
		Expected: "the OACK again after 1 s", Actual: "in less than half of that",
	},
	"tftp/18 other": {
		Setup:    mutant(tftpd.Faults{Agree: granting("timeout", "1", "2")}),
		Expected: "timeout=1", Actual: "timeout=2",
	},
	"tftp/19": {
		Setup: mutant(tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if p.Op == tftp.OpOptionAck && r.Block == 1024 {
				return []tftp.Packet{p, {Op: tftp.OpData, Block: 1, Data: r.Data(1)}}
			}
			return []tftp.Packet{p}
		}}),
		Expected: "nothing but the OACK", Actual: "DATA 1",
	},
}
