// Package conform examines a provisioning server: whether phones can be provisioned by it,
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
// [Options].Allow. A system that enters unknown phones at their first request has
// two more after the first run; the second run asks as the same phones. A check
// whose needs the target does not meet is skipped and says what it needs.
//
// # How the checks are proved
//
// The tests of each group prove its checks: each passes on a good server, and fails
// on one that breaks its requirement and nothing else.
package conform
