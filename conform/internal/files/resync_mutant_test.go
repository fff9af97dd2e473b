package files_test

import "provsim/conform/internal/testing/proof"

var resyncMutants = proof.Mutants{
	"files/18": {
		Setup:    added("DBID_PRV_ENABLE=0\n"),
		Expected: "a resync after a reboot or from time to time", Actual: "0021f2011b1a: Provision Enable is turned off",
	},
	"files/18 never": {
		Setup:    added("DBID_RESYNC_PERIODIC=0\nDBID_RESYNC_ON_RESET=0\n"),
		Expected: "a resync after a reboot or from time to time", Actual: "Resync On Reset and Resync Periodic are turned off",
	},
	"files/19": {
		Setup:    added("DBID_RESYNC_PERIODIC=60\n"),
		Expected: "300 seconds or more", Actual: "0021f2011b1a: Resync Periodic is 60 seconds",
	},
	"files/20": {
		Setup:    added("DBID_RESYNC_RANDOM_DELAY=0\n"),
		Expected: "a Resync Random Delay of more than 0", Actual: "0021f2011b1a: Resync Random Delay is 0",
	},
}
