package profile

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"provsim/resync"
)

// Type says which values a parameter takes.
type Type uint8

// The types of parameters. Those that name a thing which need not be there, such
// as a host or a rule, take the empty value too.
const (
	Text        Type = iota // anything
	Number                  // a whole number, not negative
	Switch                  // 0 or 1
	Seconds                 // one delay in seconds (FV-SET-2)
	Delays                  // with quirk delay-lists: several, and random parts (FV-SET-2)
	IPv4                    // an IPv4 address, or empty
	Host                    // a name or an address, or empty
	Port                    // 1 to 65535
	Secret                  // anything, never shown
	ProfileRule             // what ParseRule reads
	UpgradeRule             // what ParseUpgradeRule reads
	FileName                // a file's name, macros allowed
	Version                 // what the version gate compares, anything (FV-CFG-3)
)

var typeWords = [...]string{
	Text: "text", Number: "number", Switch: "switch", Seconds: "seconds", Delays: "delays",
	IPv4: "IPv4 address", Host: "host", Port: "port", Secret: "secret", ProfileRule: "profile rule",
	UpgradeRule: "upgrade rule", FileName: "file name", Version: "version",
}

// String returns what a person calls the type.
func (t Type) String() string {
	if int(t) < len(typeWords) {
		return typeWords[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// check holds one value against the type.
func (t Type) check(value string) error {
	switch t {
	case Number:
		if _, err := strconv.ParseUint(value, 10, 31); err != nil {
			return want("a whole number from 0 to 2147483647", value)
		}
	case Switch:
		if value != "0" && value != "1" {
			return want("0 or 1", value)
		}
	case Seconds, Delays:
		_, err := resync.ParseDelays(value, t == Delays)
		return err
	case IPv4:
		if addr, err := netip.ParseAddr(value); value != "" && (err != nil || !addr.Is4()) {
			return want("an IPv4 address", value)
		}
	case Host:
		if value != "" && hostFault(value, false) != nil {
			return want("a name or an address", value)
		}
	case Port:
		if portFault(value, false) != nil {
			return want("a port from 1 to 65535", value)
		}
	case ProfileRule:
		_, err := ParseRule(value)
		return err
	case UpgradeRule:
		_, err := ParseUpgradeRule(value)
		return err
	case FileName:
		if strings.Trim(value, blanks) == "" || indexControl(value) >= 0 {
			return want("a file's name without control characters", value)
		}
	}
	return nil
}

func want(what, value string) error {
	return fmt.Errorf("found %s, want %s", quote(value), what)
}
