package tftp_test

import (
	"provsim/conform/internal/testing/goodserver"
	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var readMutants = proof.Mutants{
	"tftp/1": {Setup: mutant(tftpd.Faults{Code: 2}), Expected: "ERROR 1", Actual: "ERROR 2"},
	"tftp/1 silent": {
		Setup: mutant(tftpd.Faults{Send: sending(func(_ *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpError && p.Code == tftp.CodeNotFound
		})}),
		Expected: "ERROR 1", Actual: "no answer",
		// They build on the answer that does not come.
		Also: []string{"tftp/9", "tftp/32", "tftp/33", "tftp/35", "tftp/36", "tftp/38"},
	},
	"tftp/2": {
		Setup: mutant(tftpd.Faults{Send: sending(func(r *tftpd.Request, p tftp.Packet) bool {
			return r.Name == goodserver.Large[1:] && len(r.Options) == 0 && p.Block == 3
		})}),
		Expected: "DATA 3", Actual: `"large.bin": no answer`,
	},
	"tftp/2 numbers": {
		Setup: mutant(tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if r.Name == goodserver.Large[1:] && len(r.Options) == 0 {
				p.Block--
			}
			return []tftp.Packet{p}
		}}),
		Expected: "DATA 1", Actual: "DATA 0",
	},
}
