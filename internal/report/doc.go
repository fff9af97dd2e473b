// Package report turns the totals of a run into what people and programs read,
// and keeps them in a directory.
//
// [New] makes [Results] of totals, [Results.Write] writes them to a directory,
// [Read] reads such a directory, [Merge] puts the shards of one run together,
// and [Compare] sets two runs of one scenario side by side. [Results.Text],
// [Results.HTML], [Results.JSON] and [Results.JUnit] write one form each.
//
// # A directory of results
//
//	summary.json     all numbers; summary.schema.json in this package describes it
//	histograms.hlog  the histograms, in version 1.3 of HdrHistogram's log format
//	curves.csv       starts, successes, failures and devices by state, by the second
//	sites.json       what was served behind each source address, where there are sites
//	report.html      one page for people, which needs nothing from elsewhere
//	junit.xml        the rules as test cases, for build servers
//	*.svg, *.png     the charts
//
// Files are written under other names first and then renamed, summary.json last,
// so that a reader finds a whole file or none. summary.json names the digests of the
// data files, so that a reader notices files of another run. A histogram's line has
// its name as a tag, the run as its interval, and nanoseconds as its values.
package report
