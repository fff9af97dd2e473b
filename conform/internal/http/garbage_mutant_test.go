package http_test

import (
	"bytes"

	"provsim/conform/internal/testing/proof"
)

var garbageMutants = proof.Mutants{
	"http/37": {
		Setup: relayed(func(first []byte) []byte {
			if bytes.HasPrefix(first, []byte("GET\r\n")) {
				return nil // and the server is gone
			}
			return first
		}),
		Expected: "the file, as before the garbage", Actual: "no answer: ",
	},
}
