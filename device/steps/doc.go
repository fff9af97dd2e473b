// Package steps holds the common parts of the firmware of phones whose resync asks for
// several files.
//
// A vendor writes its resync as a function that reads from top to bottom, its
// [Vendor.Plan]: each [Run.Fetch] asks for a file and returns its answer. The package
// calls the function once for each reply. A Fetch whose answer is known returns it. The
// first Fetch whose answer is not known sends the request and reports false, and the
// function returns:
//
//	own, ok := r.Fetch(steps.Ask{Slot: "own", Target: at("/" + mac + ".cfg"), Open: open})
//	if !ok {
//		return
//	}
//
// The known answers are those that the running job has had so far, in their order. A
// plan is therefore a function of the device and of these answers only.
//
// Files are applied in their order. [Run.Config] has the settings of the device
// with the files so far, for vendors that apply each file at once.
package steps
