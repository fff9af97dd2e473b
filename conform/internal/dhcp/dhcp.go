// Package dhcp asks whether leases lead phones to their server.
package dhcp

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	asked := &check.PerProbe[answer]{}
	var checks []check.Check
	for _, q := range []question{
		option66Offered, addressUsable,
		option66Form, serverReached, fileServed,
		leaseLong, timersOrdered,
		noRogue, serversAgree, option66Private,
		nameResolvable, serverRouted, option150Agrees,
	} {
		checks = append(checks, q.check(asked))
	}
	return checks
}
