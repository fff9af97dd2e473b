package files

import (
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/profile/rule"
)

// enoughFaults is how many lines of one file are looked at once they are known
// to be bad: a finding names fewer.
const enoughFaults = 100

var linesParse = check.Check{
	ID:          "files/3",
	Title:       "every line is a setting",
	Requirement: "Each line of a configuration is NAME=value, a comment or blank: phones skip all others.",
	Source:      "FV-CFG-1, FV-CFG-2",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "provsim lint FILE shows the lines and what is wrong with them"}},
	Run: ownFormat(eachFile("lines NAME=value, comments and blank lines only", func(f *file) (faults []string) {
		bad := f.Config.Bad()
		for _, bad := range bad[:min(len(bad), enoughFaults)] {
			faults = append(faults, fmt.Sprintf("line %d is skipped: %s", bad.Line, bad.Why))
		}
		return faults
	})),
}

var settingsOnce = check.Check{
	ID:          "files/4",
	Title:       "each setting is there once",
	Requirement: "A configuration names each setting once: of several values phones take the last.",
	Source:      "FV-CFG-1",
	Level:       check.Info,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "delete all but the last of the lines, or all but the one that is meant"}},
	Run:         ownFormat(eachFile("each name in one line", func(f *file) []string { return linted(f, "FV-CFG-1", "is also in line") })),
}

var settingsKnown = check.Check{
	ID:          "files/5",
	Title:       "no setting is misspelt",
	Requirement: "A name in a configuration is not almost that of a known setting: phones keep what they do not know, and do nothing with it.",
	Source:      "FV-SET-4",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "provsim lint FILE names the setting that was probably meant"}},
	Run:         ownFormat(eachFile("names that phones know, or that are like none of these", func(f *file) []string { return linted(f, "FV-SET-4", "probably") })),
}

// linted returns the findings of lint in a file that are of one rule and have a
// phrase in them.
func linted(f *file, code, phrase string) (faults []string) {
	for _, found := range vendors.Default().Lint("", f.Plain, known) {
		if found.Code == code && strings.Contains(found.What, phrase) {
			faults = append(faults, fmt.Sprintf("line %d: %s", found.Line, found.What))
		}
	}
	return faults
}

var valuesInRange = check.Check{
	ID:          "files/6",
	Title:       "values are in range",
	Requirement: "A known setting has a value that its kind takes: of all others phones keep the old value.",
	Source:      "FV-SET-4, FV-CFG-5",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "provsim lint FILE shows the values, and what phones take in their place"}},
	Run:         ownFormat(eachFile("values that the phone takes", func(f *file) []string { return unfit(f, false) })),
}

// unfit returns the known settings whose values the phone does not take: of
// rules, or of all others.
func unfit(f *file, rules bool) (faults []string) {
	for name, value := range f.Config.All() {
		p, ok := known.Named(name)
		if !ok || rules != (p.Type == rule.Profile || p.Type == rule.Upgrade) {
			continue
		}
		if err := p.Check(value); err != nil {
			faults = append(faults, fmt.Sprintf("%s in line %d: %v", name, f.Config.Line(name), err))
		}
	}
	return faults
}

var templatesFilled = check.Check{
	ID:          "files/7",
	Title:       "templates are filled in",
	Requirement: "Values hold no marks of a template or of a manual's comments: phones take them for the value.",
	Source:      "FV-CFG-1; provisioning guide, section 5, which writes /comments/ behind values",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "fill in the setting, or have the program that writes the files leave out a line without a value"}},
	Run: ownFormat(eachFile("values as the phone is to have them", func(f *file) (faults []string) {
		for name, value := range f.Config.All() {
			// The value itself is not shown: it may be half a password.
			if profile.Unfilled(value) {
				faults = append(faults, fmt.Sprintf("%s in line %d has marks of a template or a comment", name, f.Config.Line(name)))
			}
		}
		return faults
	})),
}
