// Package tally folds the journal of a run into counts, curves and histograms.
//
// A [Tally] is a [journal.Sink]: give it to the run, report by [Tally.Off] and
// [Tally.Mark] what no record says, and take its [Totals] when the run has ended.
// [Totals.Summary] makes a [Summary] of them, for people and programs to read.
// [Tally.Snapshot] returns the totals of a run that is still going on.
//
// # Merging is exact
//
// Totals hold only sums, maxima of instants, and histograms with equal
// buckets. Each device is counted by itself, so the totals of the shards of a
// run, put together by [Totals.Merge], equal those of the whole run. Quantiles,
// peaks, echoes and bans are computed afterwards, by Summary. The one exception
// is a server's queue: each shard has a server of its own. The merged totals add up
// their queues second by second, which is an upper bound of what they held at once.
//
// # What latency means
//
// Latency counts from the instant at which a job was due, so that it shows when a run
// falls behind its schedule. Service time counts from the start of the transfer. A job
// that waited for the end of a call (FV-RS-7) counts from its start in both. Neither
// counts failures of this machine: they are counted as local, and make the run invalid.
//
// # Waves
//
// A wave is what follows a [Mark] that brings phones back: the start, power that
// returns, the end of an outage. A device belongs to the wave that is current
// when its power comes, and is ready when it is provisioned for the first time
// after that. The wave that follows an outage is made of the devices whose last job
// had failed.
//
// # What provisioned means
//
// A device is provisioned when three things hold: its latest resync and its latest
// upgrade since its power came did not fail, at least one resync succeeded, and it has
// a configuration, because it has applied a file or had the same one already. Reports,
// progress, metrics, curves and thresholds all use the word in this sense.
//
// # Thresholds
//
// [ParseThreshold] reads the conditions under which a run fails, such as
// "p99(fetch) > 500ms".
package tally
