package tally

import "fmt"

// State is what a device does, as far as the journal tells.
type State uint8

// The states, in the order in which a device meets them.
const (
	Off         State = iota // without power
	Booting                  // in a reboot, or without an address yet
	Waiting                  // up, and nothing fetched since its power came
	Fetching                 // a transfer is under way
	Provisioned              // the last resync was a success
	Failed                   // the last resync was a failure

	NumStates = int(Failed) + 1
)

var stateWords = [NumStates]string{
	Off: "off", Booting: "booting", Waiting: "waiting", Fetching: "fetching",
	Provisioned: "provisioned", Failed: "failed",
}

// String returns the state's word in files and on screens.
func (s State) String() string {
	if int(s) < NumStates {
		return stateWords[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}
