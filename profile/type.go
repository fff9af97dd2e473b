package profile

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Type says which values a parameter takes. Types are values that are compared
// with ==; the zero Type is [Text]. A vendor whose parameters take other values
// makes types of its own with [NewType].
type Type struct{ *kind }

type kind struct {
	word  string
	check func(value string) error
	show  func(value string) string
}

// NewType returns a type that equals no other. Word is what a person calls it.
// Check holds a value against it; nil takes every value. Show returns a value as
// people may see it, without its secrets; nil shows it as it is.
func NewType(word string, check func(value string) error, show func(value string) string) Type {
	return Type{&kind{word, check, show}}
}

// The types that vendors share. Types of optional things, such as a host,
// also take the empty value.
var (
	Text     = Type{} // anything
	Number   = NewType("number", checkNumber, nil)
	Switch   = NewType("switch", checkSwitch, nil) // 0 or 1
	IPv4     = NewType("IPv4 address", checkIPv4, nil)
	Host     = NewType("host", checkHost, nil) // a name or an address
	Port     = NewType("port", checkPort, nil)
	Secret   = NewType("secret", nil, hide)             // anything, never shown
	FileName = NewType("file name", checkFileName, nil) // macros allowed
	Version  = NewType("version", nil, nil)             // what the version gate compares, anything (FV-CFG-3)
)

// String returns what a person calls the type.
func (t Type) String() string {
	if t.kind == nil {
		return "text"
	}
	return t.word
}

// Show returns a value as people may see it.
func (t Type) Show(value string) string {
	if t.kind == nil || t.show == nil {
		return value
	}
	return t.show(value)
}

// Hides reports whether Show keeps something of a value back.
func (t Type) Hides() bool { return t.kind != nil && t.show != nil }

func (t Type) accept(value string) error {
	if t.kind == nil || t.check == nil {
		return nil
	}
	return t.check(value)
}

// OneOf returns the type of parameters that take some words and nothing else.
func OneOf(words ...string) Type {
	list := strings.Join(words, ", ")
	return NewType("one of "+list, func(value string) error {
		if !slices.Contains(words, value) {
			return want("one of "+list, value)
		}
		return nil
	}, nil)
}

func hide(value string) string {
	if value == "" {
		return ""
	}
	return "******"
}

func checkNumber(value string) error {
	if _, err := strconv.ParseUint(value, 10, 31); err != nil {
		return want("a whole number from 0 to 2147483647", value)
	}
	return nil
}

func checkSwitch(value string) error {
	if value != "0" && value != "1" {
		return want("0 or 1", value)
	}
	return nil
}

func checkIPv4(value string) error {
	if addr, err := netip.ParseAddr(value); value != "" && (err != nil || !addr.Is4()) {
		return want("an IPv4 address", value)
	}
	return nil
}

func checkHost(value string) error {
	if value != "" && !IsHost(value) {
		return want("a name or an address", value)
	}
	return nil
}

func checkPort(value string) error {
	if n, err := strconv.ParseUint(value, 10, 16); err != nil || n == 0 {
		return want("a port from 1 to 65535", value)
	}
	return nil
}

func checkFileName(value string) error {
	if strings.Trim(value, blanks) == "" || IndexControl(value) >= 0 {
		return want("a file's name without control characters", value)
	}
	return nil
}

func want(what, value string) error {
	return fmt.Errorf("found %s, want %s", Quote(value), what)
}
