// Package tftp asks a TFTP server whether it reads as phones need it: RFC 1350,
// what RFC 1123 section 4.2.3 adds to it, and the options of RFC 2347, 2348, 2349
// and 7440.
//
// # Files
//
// Most checks read the beginning of the first phone's own file, or of one that
// the target names. Where several blocks are needed they ask for blocks of 8
// bytes, so that any file will do with a server that knows the option blksize.
//
// # Lost packets
//
// A lost packet fails no check: the server repeats it, or the check asks again. Each
// check says what it takes for the server's fault after that.
package tftp

import "provsim/conform/check"

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	return []check.Check{
		notFound, wholeFiles, netascii, emptyFile, exactBlock, manyBlocks, anyCase, leadingSlash, directory,
		blksizeGranted, windowsizeGranted, unknownIgnored, nothingUnasked, anyCaseOption,
		blksizeKept, oddValues, tsizeRight, timeoutKept, oackFirst, windowKept, windowGap,
		ownPort, sameAddress, unknownTIDTold, unknownTIDIgnored,
		repeated, requestTwice, apprentice, oldAck, rollover, manyClients,
		outside, writing, silent, errorOnce, errorUnanswered, errorEnds, wellFormed, survives, together,
	}
}
