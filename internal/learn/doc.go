// Package learn derives from the entries of a server's logs which phones it has, what
// they do, and how the server copes. A [Learner] takes the entries in the order of
// their times. Its state is bounded: what each phone did lately, and counts.
// [Learner.Findings] returns the result.
//
// The requests that a phone makes one after another are a run: a resync of the phone,
// with all its files. A run that comes a period after the run before it is a poll;
// others are retries of what has failed, or boots.
package learn
