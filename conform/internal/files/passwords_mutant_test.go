package files_test

import "provsim/conform/internal/testing/proof"

var passwordMutants = proof.Mutants{
	"files/27": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=72726"),
		Expected: "passwords that do not follow from the account", Actual: "0021f2011b1a: line 1 has a password that its account or number gives away",
	},
	"files/28": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=s.7"),
		Expected: "passwords of eight characters or more", Actual: "0021f2011b1a: line 1 has a short password",
	},
	"files/28 usual": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=Qwerty123"),
		Expected: "passwords of eight characters or more", Actual: "0021f2011b1a: line 1 has one of the most usual passwords",
	},
	"files/28 address": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=pw-00:21:F2:01:1B:1A"),
		Expected: "passwords of eight characters or more", Actual: "0021f2011b1a: line 1 has the phone's address for a password",
	},
	"files/28 one character": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=xxxxxxxxxx"),
		Expected: "passwords of eight characters or more", Actual: "0021f2011b1a: line 1 has a password of one character",
	},
	"files/29": {
		Setup:    edited("PASSWORD=sample-72726", "PASSWORD=sample-72725"),
		Expected: "passwords of their own", Actual: "0021f2011b19 and 0021f2011b1a have one password in common",
	},
}
