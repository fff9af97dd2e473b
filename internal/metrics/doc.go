// Package metrics shows a run to Prometheus.
//
// [New] returns a journal sink, [Metrics.Show] takes what cannot be counted from
// records, and [Metrics.Handler] serves all of it. Histograms are native and
// classic at the same time, so that old servers can read them too.
//
// Labels are jobs, outcomes, causes and states, never devices: a million phones have as
// many series as one.
package metrics
