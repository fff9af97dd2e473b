// Package conform examines a provisioning server: whether it can provision phones, and
// whether it is safe.
//
// [Examine] runs all checks of the [Catalogue] on a server setup, which a [check.Target]
// describes, and returns a [Report]. [Run] does the same from a Go test,
// with a subtest for each check:
//
//	func TestPhonesCanLiveWithIt(t *testing.T) {
//		conform.Run(t, check.Target{
//			ProfileRule: "http://" + addr + "/fv$(MAU).conf",
//			Phones:      []check.Phone{{MAC: mac}},
//		}, conform.Options{})
//	}
//
// # What the checks do to the server
//
// Checks read. Checks that load a server, or may change or stop it, run only with
// [Options].Allow. A system that enters unknown phones at their first request has
// two more phones after the first run; further runs ask as the same two. A check
// whose needs the target does not meet is skipped and says what it needs.
//
// # How the checks are proved
//
// The tests of each group prove its checks: each check passes on a good server, and
// fails on a server that breaks this requirement only.
package conform
