// Package learn works out from the entries of a server's logs who its phones are, what
// they do, and how the server bears them. A [Learner] takes the entries in the order
// of their times and holds a bounded state: what a phone did lately, and counts.
// [Learner.Findings] sums it up.
//
// The requests that a phone makes one after another are a run: a resync of the phone,
// with all its files. A run that comes a period after the run before it is a poll;
// others are retries of what has failed, or boots.
package learn
