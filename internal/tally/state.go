package tally

import "fmt"

// State is what a device does, as far as the journal tells.
type State uint8

// The states, in the order in which a device meets them.
const (
	Off      State = iota // without power
	Booting               // in a reboot, or without an address yet
	Waiting               // up, with an address, and not provisioned yet
	Fetching              // a transfer is under way
	Idle                  // provisioned, and nothing under way
	Failed                // nothing under way, and the last job was a failure

	NumStates = int(Failed) + 1
)

var stateWords = [NumStates]string{
	Off: "off", Booting: "booting", Waiting: "waiting", Fetching: "fetching",
	Idle: "idle", Failed: "failed",
}

// String returns the state's word in files and on screens.
func (s State) String() string {
	if int(s) < NumStates {
		return stateWords[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}
