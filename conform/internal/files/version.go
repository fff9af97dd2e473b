package files

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"provsim/conform/check"
	"provsim/profile"
)

// versionName is the name of the setting that a phone compares before all else.
func versionName() string {
	p, _ := known.First(profile.Version)
	return p.Name
}

// version returns the file's, or "".
func (f *file) version() string {
	value, _ := f.Config.Get(versionName())
	return value
}

var versionThere = check.Check{
	ID:          "files/8",
	Title:       "the version is there",
	Requirement: "A configuration has a value for DBID_DBASE_VERSION: without it phones apply nothing.",
	Source:      "FV-CFG-3; provisioning guide, section 5",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "DBID_DBASE_VERSION=1 as the first line, and one more after each change"}},
	Run: eachFile("DBID_DBASE_VERSION with a value", func(f *file) []string {
		if f.version() == "" {
			return []string{"no " + versionName()}
		}
		return nil
	}),
}

var versionIsNumber = check.Check{
	ID:          "files/9",
	Title:       "the version is a number",
	Requirement: "DBID_DBASE_VERSION is a number, so that the next version is one more.",
	Source:      "provisioning guide, section 5: add one after each change",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "count changes in it, or write the time of the change in seconds"}},
	Run: eachFile("digits only", func(f *file) []string {
		if strings.Trim(f.version(), "0123456789") != "" {
			return []string{fmt.Sprintf("version %.40q", f.version())}
		}
		return nil
	}),
}

var versionFollowsFetches = check.Check{
	ID:          "files/10",
	Title:       "the same version brings the same settings",
	Requirement: "Two transfers of the same version bring the same settings: phones that have the version do not look at the rest.",
	Source:      "FV-CFG-3; provisioning guide, section 5",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "keep what changes from one request to the next, such as dates, in comments; behind a balancer, bring all servers to the same state"}},
	Run: eachPhone("the same settings as long as the version is the same", func(ctx context.Context, p *check.Probe, f *file) ([]string, error) {
		again, err := provisionBy(ctx, p, f.phone, func(*check.Target) {})
		if err != nil {
			return nil, err
		}
		if second := (&file{File: again}); second.readable() && second.version() == f.version() {
			return changedNames(f, again.Config, "differs between two transfers"), nil
		}
		return nil, nil
	}),
}

var versionSteady = check.Check{
	ID:          "files/12",
	Title:       "the version stays while the settings stay",
	Requirement: "DBID_DBASE_VERSION stays the same as long as the settings do: at another version phones apply the file and reboot.",
	Source:      "FV-CFG-3, FV-CFG-6",
	Level:       check.Must,
	Tags:        []check.Tag{check.Performance},
	Needs:       []check.Need{check.AFile},
	Patient:     true,
	Advice:      check.Advices{check.AnyServer: {Text: "make the version of the time when the settings changed, or of their digest, not of the time of the request"}},
	Run: allFiles("the same version as long as the settings are the same", func(ctx context.Context, p *check.Probe, files []*file) ([]string, error) {
		if slices.ContainsFunc(files, (*file).mayBeDated) {
			if err := check.Pause(ctx, max(p.Patience, time.Second)); err != nil {
				return nil, err
			}
		}
		var faults []string
		for _, f := range files {
			again, err := provisionBy(ctx, p, f.phone, func(*check.Target) {})
			if err != nil {
				return nil, err
			}
			if second := (&file{File: again}); second.readable() && second.version() != f.version() && len(differing(f.Config, again.Config)) == 0 {
				faults = append(faults, f.String()+": another version in the next transfer, with the same settings")
			}
		}
		return faults, nil
	}),
}

// mayBeDated reports whether the version may be the time of the request, which
// shows only after a second: a date has eight digits, the seconds since 1970
// have ten.
func (f *file) mayBeDated() bool { return len(f.version()) >= len("20260102") }

// changedNames names the settings that differ, without their values.
func changedNames(f *file, other profile.Config, how string) (faults []string) {
	if names := differing(f.Config, other); len(names) > 0 {
		faults = append(faults, fmt.Sprintf("%s %s, version %.40q is the same", list(names), how, f.version()))
	}
	return faults
}

// differing returns the names of settings that two files do not agree on, the
// version left out.
func differing(a, b profile.Config) (names []string) {
	for name, value := range a.All() {
		if other, ok := b.Get(name); name != versionName() && (!ok || other != value) {
			names = append(names, name)
		}
	}
	for name := range b.All() {
		if _, ok := a.Get(name); name != versionName() && !ok {
			names = append(names, name)
		}
	}
	return names
}
