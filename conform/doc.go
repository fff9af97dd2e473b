// Package conform asks a provisioning server whether phones can live with it,
// and whether it is safe.
//
// [Examine] asks a server setup, which a [check.Target] describes, all that the
// [Catalogue] holds, and returns a [Report]. [Run] does the same from a Go test,
// with a subtest for each check:
//
//	func TestPhonesCanLiveWithIt(t *testing.T) {
//		conform.Run(t, check.Target{
//			ProfileRule: "http://" + addr + "/fv$(MAU).conf",
//			Phones:      []check.Phone{{MAC: mac}},
//		}, conform.Options{})
//	}
//
// # What is asked of the server
//
// Checks read. What loads a server, or may change or stop it, is asked only with
// [Options].Allow. A check whose needs the target does not meet is skipped and
// says what it misses.
//
// # What an examination is worth
//
// Every check is proved by the tests of its group: it passes on a good server,
// and fails on one that breaks its requirement and nothing else.
package conform
