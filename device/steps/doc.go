// Package steps is what the firmware of phones has in common whose resync asks
// for several files.
//
// A vendor writes its resync as a function that reads from top to bottom, its
// [Vendor.Plan]: each [Run.Fetch] asks for a file and returns what came of it. The
// function is called once for each reply. A Fetch whose answer is known returns it;
// the first one whose answer is not known asks for it and reports false, and the
// function returns:
//
//	own, ok := r.Fetch(steps.Ask{Slot: "own", Target: at("/" + mac + ".cfg"), Open: open})
//	if !ok {
//		return
//	}
//
// What is known are the answers that the running job has had so far, in their
// order. A plan is therefore a function of the device and of these answers, and of
// nothing else.
//
// Files are applied in their order. [Run.Config] has the settings of the device
// with the files so far, for vendors that apply each file at once.
package steps
