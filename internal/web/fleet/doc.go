// Package fleet is the dashboard of a run of many devices: what they do, how fast
// they ask, how long that takes and how it ends, each device with its journal,
// and buttons for the person who started the run.
//
// [New] makes a [Page] and listens. For a run that goes on, the page is a
// [journal.Sink], gets the run's control by [Page.Attach], and hears of each
// second by [Page.Changed]:
//
//	page, err := fleet.New(fleet.Config{Address: "127.0.0.1:8000", Inventory: inventory, …})
//	result, err := run.Run(ctx, scenario, run.RunOptions{
//		Options: run.Options{Journal: page, Progress: func(run.Progress) { page.Changed() }, …},
//		Control: func(c *run.Control) { page.Attach(c) },
//	})
//
// For a run that has ended, [Page.Show] gets the results, and [ReadJournals] reads the
// devices from a saved journal. Such a page has no commands.
//
// # What it costs
//
// While no page is open, a record costs one copy of some hundred bytes. While pages are
// open, the run's goroutine copies the tally from time to time; all else happens in other
// goroutines. All open pages share a copy. Between two copies lies at least a hundred
// times the time that a copy takes, so that pages cost a run at most one percent of a
// processor.
//
// # What is remembered
//
// A ring of fixed size keeps the latest records of all devices. Each record links to the
// one before it of the same device, so the page finds one device's journal without a
// search. It says where the ring has overwritten older records.
package fleet
