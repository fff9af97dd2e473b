package tftp_test

import (
	"bytes"
	"strconv"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var optionValueMutants = proof.Mutants{
	"tftp/15": {
		Setup:    mutant(tftpd.Faults{Agree: granting("blksize", "1000", "1024")}),
		Expected: "blksize of 8 to 1000", Actual: "blksize=1024",
	},
	"tftp/15 size": {
		Setup: mutant(tftpd.Faults{Send: func(r *tftpd.Request, p tftp.Packet) []tftp.Packet {
			if r.Block == 1000 && p.Op == tftp.OpData {
				p.Data = bytes.Clone(p.Data[:min(len(p.Data), 512)])
			}
			return []tftp.Packet{p}
		}}),
		Expected: "DATA 1 with the file's first 1000 bytes", Actual: "blksize=1000 granted for 1000: DATA 1 (512 bytes)",
	},
	"tftp/16": {
		Setup:    mutant(tftpd.Faults{Agree: granting("blksize", "7", "7")}),
		Expected: "no blksize=7", Actual: "OACK blksize=7",
	},
	"tftp/16 text": {
		Setup:    mutant(tftpd.Faults{Agree: granting("blksize", "many", "many")}),
		Expected: "no blksize=many", Actual: "OACK blksize=many",
	},
	"tftp/17": {
		Setup: mutant(tftpd.Faults{Answer: func(agreed []tftp.Option) []tftp.Option {
			for i, o := range agreed {
				if n, err := strconv.Atoi(o.Value); err == nil && o.Name == "tsize" {
					agreed[i].Value = strconv.Itoa(n + 1)
				}
			}
			return agreed
		}}),
		Expected: "tsize=", Actual: "tsize=",
	},
}
