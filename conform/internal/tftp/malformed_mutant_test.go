package tftp_test

import (
	"bytes"

	"provsim/conform/internal/testing/proof"
	"provsim/conform/internal/testing/tftpd"
	"provsim/internal/fetch/tftp"
)

var malformedMutants = proof.Mutants{
	"tftp/38": {
		Setup: mutant(tftpd.Faults{Wire: func(p tftp.Packet, wire []byte) []byte {
			if p.Op == tftp.OpError {
				wire = bytes.TrimSuffix(wire, []byte{0})
			}
			return wire
		}}),
		Expected: "a well-formed packet", Actual: "no NUL at its end",
	},
	"tftp/38 oack": {
		Setup: mutant(tftpd.Faults{Wire: func(p tftp.Packet, wire []byte) []byte {
			if p.Op == tftp.OpOptionAck {
				wire = append(wire, 0, 0, 0, 0)
			}
			return wire
		}}),
		Expected: "a well-formed packet", Actual: "a malformed packet",
	},
	"tftp/39": {
		Setup:    mutant(tftpd.Faults{Fatal: func(datagram []byte) bool { return len(datagram) == 1 }}),
		Expected: "DATA 1 of a good request", Actual: "after a datagram of 1 byte: no answer",
	},
	"tftp/39 ack": {
		Setup:    mutant(tftpd.Faults{Fatal: func(datagram []byte) bool { return string(datagram) == "\x00\x04" }}),
		Expected: "DATA 1 of a good request", Actual: "after an ACK of 2 bytes: no answer",
	},
}
