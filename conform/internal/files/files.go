// Package files checks whether the files that phones get suit the phones, and keep
// passwords and keys secret.
package files

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	return []check.Check{
		everyPhoneServed, oneCase,
		linesParse, settingsOnce, settingsKnown, valuesInRange, templatesFilled,
		versionThere, versionIsNumber, versionFollowsFetches, versionFollowsChange, versionSteady,
		rulesParse, option66Kept, ruleCounts, ruleServes, ruleStays,
		staysProvisioned, comesSeldom, comesSpread,
		upgradeNotHTTPS, firmwareThere, firmwareSize,
		keyUnknown, noCopies, secretsClosed,
		passwordIsNotAccount, passwordHard, passwordOwn,
		accountOwn, linesComplete, addressOwn,
	}
}
