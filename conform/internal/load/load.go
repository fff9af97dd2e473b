// Package load checks whether a setup withstands what many phones do on a normal day.
//
// Its checks run one by one, while no other check runs. All but the first need
// permission: a server that takes them for an attack may ban this machine.
package load

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	return []check.Check{
		allAtOnce, noBan, stalled, idle,
	}
}
