package tftp_test

import (
	"slices"
	"strings"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var ignoredMutants = proof.Mutants{
	"tftp/12": {
		Setup: mutant(tftpd.Faults{
			Agree: func(asked, agreed []tftp.Option) []tftp.Option {
				for _, o := range asked {
					if strings.HasPrefix(o.Name, "x-") {
						agreed = append(agreed, o)
					}
				}
				return agreed
			}}),
		Expected: "without x-provsim", Actual: "OACK x-provsim=1",
	},
	"tftp/12 empty": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			if slices.ContainsFunc(r.Options, func(o tftp.Option) bool { return o.Value == "" }) {
				r.Name = "refused"
			}
		}}),
		Expected: "DATA or OACK", Actual: "phone_REV=: ERROR 1",
	},
	"tftp/13": {
		Setup: mutant(tftpd.Faults{Answer: func(agreed []tftp.Option) []tftp.Option {
			if _, asked := find(agreed, "tsize"); !asked && len(agreed) == 1 {
				agreed = append(agreed, tftp.Option{Name: "tsize", Value: "1"})
			}
			return agreed
		}}),
		Expected: "OACK with blksize alone", Actual: "tsize=1",
	},
	"tftp/14": {
		Setup: mutant(tftpd.Faults{Request: func(r *tftpd.Request) {
			r.Options = slices.DeleteFunc(r.Options, func(o tftp.Option) bool { return o.Name != strings.ToLower(o.Name) })
		}}),
		Expected: "OACK with BLKSIZE", Actual: "DATA 1",
	},
}
