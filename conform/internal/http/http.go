// Package http asks a web server that provisions phones whether it speaks HTTP as
// phones need it, over TLS or without.
//
// # The file
//
// Most checks are about one file: the first phone's configuration, on the HTTPS server
// where there is one, else on the HTTP server. They ask as the phone does, with its
// certificate and with the user and password of its rule. If they do not get that file,
// one check says so and the others are skipped.
//
// # Odd requests
//
// Old firmware sends requests that are legal and rare: HTTP/1.0, escapes in the path,
// header lines that no browser sends. The checks compare each answer with the answer to a
// plain request: other bytes are a finding.
package http

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	return []check.Check{
		unknownPhone, wholeFile, framing, lengthTold, notPacked, head, noRedirect,
		keepAlive, closes, oldVersion, oldVersionEnds, hostRequired,
		escapes, absoluteForm, fieldLines, slowRequest, slowReader,
		listing, traversal, leftovers,
		writing, posting, tracing, offers,
		notCached, validators, ifNoneMatch, ifModifiedSince,
		ranges, beyond, ifRange,
		access, inTheClear,
		agents, versions, clock, garbage, steadyFile,
	}
}
