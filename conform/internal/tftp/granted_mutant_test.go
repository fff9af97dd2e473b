package tftp_test

import (
	"slices"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var grantedMutants = proof.Mutants{
	"tftp/10": {Setup: mutant(tftpd.Faults{Agree: except("blksize")}), Expected: "OACK with blksize", Actual: "DATA 1 (512 bytes)"},
	"tftp/11": {Setup: mutant(tftpd.Faults{Agree: except("windowsize")}), Expected: "OACK with windowsize", Actual: "DATA 1"},
	"tftp/40": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			if len(r.Options) > 2 {
				r.Options = r.Options[:1]
			}
		}}),
		Expected: "OACK with timeout", Actual: "OACK blksize=1428",
	},
}

func find(options []tftp.Option, name string) (string, bool) {
	i := slices.IndexFunc(options, func(o tftp.Option) bool { return o.Name == name })
	if i < 0 {
		return "", false
	}
	return options[i].Value, true
}
