package device

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"
)

// Shorthand is an option that means the same for phones of any vendor, such as
// profile-rule, and what it stands for.
type Shorthand struct {
	Name     string    // as users type it, without dashes
	Settings []Setting // what it sets
	Option   uint8     // the DHCP option of the lease that takes the value; 0: none
}

// Setting is a setting by its web name, and a value.
type Setting struct {
	Name  string
	Value string // "": the value that was given
	// Part returns what the setting takes of the value that was given; nil: all of it.
	Part func(given string) string
}

// Expand returns what a shorthand with a value stands for: settings, and the option
// of the lease that takes the value, or 0. It reports false where the vendor does
// not have the shorthand.
func (p *Personality) Expand(name, value string) (settings []Setting, option uint8, ok bool) {
	i := slices.IndexFunc(p.Shorthands, func(s Shorthand) bool { return s.Name == name })
	if i < 0 {
		return nil, 0, false
	}
	return given(p.Shorthands[i].Settings, value), p.Shorthands[i].Option, true
}

// Every returns the settings with which the vendor's phones resync again after a time,
// as near to it as their units allow; nil where they have none.
func (p *Personality) Every(period time.Duration) []Setting {
	return given(p.Period, strconv.Itoa(int(period/time.Second)))
}

// given puts a value into the settings that it stands for.
func given(stands []Setting, value string) []Setting {
	settings := slices.Clone(stands)
	for n := range settings {
		switch s := &settings[n]; {
		case s.Part != nil:
			s.Value = s.Part(value)
		case s.Value == "":
			s.Value = value
		}
	}
	return settings
}

// PartOf returns a Part that turns seconds into a whole number of a unit, at least one.
func PartOf(unit time.Duration) func(seconds string) string {
	return func(seconds string) string {
		n, err := strconv.Atoi(seconds)
		if err != nil {
			return seconds
		}
		return strconv.Itoa(max(1, int((time.Duration(n)*time.Second+unit/2)/unit)))
	}
}

// OUI is the first half of a hardware address, which belongs to a maker.
type OUI [3]byte

// String returns six hex digits.
func (o OUI) String() string { return hex.EncodeToString(o[:]) }

// Owns reports whether an address is one of the vendor's.
func (p *Personality) Owns(mac MAC) bool { return slices.Contains(p.OUIs, OUI(mac[:3])) }
