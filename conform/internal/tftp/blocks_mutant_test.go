package tftp_test

import (
	"bytes"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var blocksMutants = proof.Mutants{
	"tftp/4": {
		Setup: mutant(tftpd.Faults{Send: sending(func(r *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpData && len(r.Body) == 0
		}, tftp.Packet{Op: tftp.OpError, Message: "empty"})}),
		Expected: "DATA 1 (0 bytes)", Actual: "ERROR 0 empty",
	},
	"tftp/5": {
		Setup: mutant(tftpd.Faults{Send: sending(func(r *tftpd.Request, p tftp.Packet) bool {
			return p.Op == tftp.OpData && len(p.Data) == 0 && len(r.Body) > 0
		})}),
		Expected: "DATA 2", Actual: "no answer",
	},
	"tftp/6": {
		Setup: mutant(tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if r.Block == 8 && p.Block == 40 {
				p.Data = bytes.ToUpper(p.Data)
				p.Data[0] ^= 1
			}
			return []tftp.Packet{p}
		}}),
		Expected: "the same bytes in blocks of 8", Actual: "other bytes from block 40 on",
	},
}
