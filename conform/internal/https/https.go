// Package https checks whether phones can trust an HTTPS server, and whether it
// recognises them.
//
// # What phones trust
//
// The checks of the server's certificate look at it without verifying the handshake.
// Each judges one property: an expired certificate fails only the check of the dates.
//
// # Which clients the server lets in
//
// Where the target declares access by certificate, or has certificates and
// declares nothing, clients with several kinds of wrong certificates, and one with no
// certificate, ask for the phone's file. A refusal
// is an alert in the handshake, an alert at the first read (TLS 1.3), the end of the
// connection, or a status from 400 to 499 (nginx). It counts only if the phone
// itself is served.
package https

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	return []check.Check{
		certificateRequired,
		chain, order, name, validNow, lasts,
		current, old, weak, commonCurve, withoutName, strongKey, newest,
		asked, unknownAuthority, expired, ownFileOnly, otherName,
		resumedStranger, resumedPhone,
		beside, phonesLast, listed, crossSigned,
	}
}
