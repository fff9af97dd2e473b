package ciscospa

import (
	"fmt"
	"slices"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
)

// mostEvents is how many settings of one file are journalled one by one, so that a
// hostile file cannot flood the journal.
const mostEvents = 20

// merge applies a file to settings: unknown elements are ignored (SPA-FMT-2), an empty
// number or switch is the factory value (SPA-FMT-3), and known ones with a value out of
// their range keep the old one. Where nothing differs the settings are the same value as
// before (SPA-CHG-1).
func merge(f *steps.Firmware, old profile.Config, file *device.File) *device.Change {
	var b profile.Builder
	var events []device.Event
	changed, kept := 0, 0
	for name, value := range file.Config.All() {
		p, known := f.Model.Parameters.Named(name)
		if !known {
			continue
		}
		if value == "" && slices.Contains([]profile.Type{yesNo, device.Seconds, device.Delays, profile.Number, profile.Port}, p.Type) {
			value = p.Default
		}
		if err := p.Check(value); err != nil {
			if kept++; kept <= mostEvents {
				events = append(events, device.Event{Kind: device.Warned, Note: fmt.Sprintf("%s keeps its value: %v", name, err)})
			}
			continue
		}
		if before := f.Model.Parameters.Value(old, name); before != value {
			b.Set(name, value, 0)
			if changed++; changed <= mostEvents {
				note := fmt.Sprintf("%s: %q to %q", p.Web, p.Type.Show(before), p.Type.Show(value))
				events = append(events, device.Event{Kind: device.SettingSet, Note: note})
			}
		}
	}
	change := &device.Change{Config: old}
	if changed > 0 {
		change.Config = old.Merge(b.Config())
	}
	if changed > mostEvents {
		events = append(events, device.Event{Kind: device.Warned, Note: fmt.Sprintf("%d more settings have changed", changed-mostEvents)})
	}
	applied := fmt.Sprintf("%d settings in the file, %d changed, %d kept", file.Config.Len(), changed, kept)
	change.Events = append([]device.Event{{Kind: device.AppliedFile, Note: applied}}, events...)
	return change
}
