package device

import (
	"provsim/profile"
	"provsim/resync"
)

// The types of parameters that hold a delay.
var (
	Seconds = profile.NewType("seconds", takesDelays(false), nil) // one delay in seconds (FV-SET-2)
	Delays  = profile.NewType("delays", takesDelays(true), nil)   // several, and random parts (FV-SET-2)
)

func takesDelays(lists bool) func(string) error {
	return func(value string) error {
		_, err := resync.ParseDelays(value, lists)
		return err
	}
}
