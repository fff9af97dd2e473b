package files

import (
	"fmt"
	"strings"

	"provsim/device"
)

// A line is one of a phone's lines as its file sets it up.
type line struct {
	number            int // from 1
	on                bool
	account, password string
	server            string
	names             []string // phone number and display name
}

// lines returns the phone's lines that have anything.
func (f *file) lines() (all []line) {
	get := func(name string) []string {
		value, _ := f.Config.Get(name)
		return perLine(value)
	}
	on, accounts, passwords := get("DBID_SIP_ENABLE"), get("DBID_SIP_ACCOUNT"), get("DBID_SIP_PASSWORD")
	numbers, shown := get("DBID_SIP_PHONE_NUM"), get("DBID_SIP_DIS_NAME")
	server, _ := f.Config.Get("DBID_WEB_SIP_SERVER")
	for i := range max(len(on), len(accounts), len(passwords)) {
		all = append(all, line{
			number: i + 1, on: at(on, i) == "1", account: at(accounts, i), password: at(passwords, i),
			server: server, names: []string{at(numbers, i), at(shown, i)},
		})
	}
	return all
}

func at(values []string, i int) string {
	if i < len(values) {
		return strings.TrimSpace(values[i])
	}
	return ""
}

// perLine takes a value apart (FV-SET-4), up to the number of lines.
func perLine(value string) []string {
	values := strings.SplitN(value, "\t", device.Lines+1)
	if len(values) == 1 {
		values = strings.Fields(value)
	}
	return values[:min(len(values), device.Lines)]
}

// eachLine makes a check's Run of what is wrong with one line.
func eachLine(fault func(*file, line) string) func(*file) []string {
	return func(f *file) (faults []string) {
		for _, l := range f.lines() {
			if what := fault(f, l); what != "" {
				faults = append(faults, fmt.Sprintf("line %d %s", l.number, what))
			}
		}
		return faults
	}
}

// shared returns what lines of two phones have in common and should not, once
// for each phone that has it from an earlier one.
func shared(files []*file, common func(a, b line) string) (faults []string) {
	for i, f := range files {
		if fault := sharedBy(f, files[:i], common); fault != "" {
			faults = append(faults, fault)
		}
	}
	return faults
}

func sharedBy(f *file, earlier []*file, common func(a, b line) string) string {
	for _, mine := range f.lines() {
		for _, other := range earlier {
			for _, theirs := range other.lines() {
				if what := common(theirs, mine); what != "" {
					return fmt.Sprintf("%s and %s have %s", other, f, what)
				}
			}
		}
	}
	return ""
}
