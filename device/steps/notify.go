package steps

import (
	"slices"
	"strings"

	"provsim/device"
	"provsim/profile"
)

// CheckSync returns what reads the event of a SIP NOTIFY ([device.Personality]). An
// event of one of the names asks for what is usual, [device.AskResync] or
// [device.AskReboot], unless its parameter reboot says the other.
func CheckSync(usual device.InputKind, names ...string) func(_ profile.Config, event string) (device.InputKind, bool) {
	other, says := device.AskReboot, "reboot=true"
	if usual == device.AskReboot {
		other, says = device.AskResync, "reboot=false"
	}
	return func(_ profile.Config, event string) (device.InputKind, bool) {
		name, parameters, _ := strings.Cut(event, ";")
		switch {
		case !slices.Contains(names, strings.TrimSpace(name)):
			return 0, false
		case strings.Contains(strings.ReplaceAll(parameters, " ", ""), says):
			return other, true
		}
		return usual, true
	}
}
