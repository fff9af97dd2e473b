package profile

import (
	"regexp"
	"slices"
	"strings"
)

// Programs that fill in templates leave these marks where something had no value.
// The last line is of people: the documents of several vendors write comments
// behind values, as in "192.0.2.1 /the server/", and they end up in files.
var unfilled = regexp.MustCompile(`\{\{[^{}]*\}\}|\$\{\w+\}|\{\$\w+\}|<%[^%]*%>|\b__[A-Z][A-Z0-9_]*__\b|@[A-Z][A-Z0-9_]+@` +
	`|^<[A-Za-z][\w -]*>$|^%[A-Za-z][A-Za-z0-9_]*%$|(?i:^change-?me$)|^(None|null|undefined|NaN|\[object Object\])$` +
	`|[ \t]/.*/$|[ \t]\|$`)

// maxTemplate is how long a value may be to be looked at: no template's is longer.
const maxTemplate = 4096

// Unfilled reports whether a value, or what it has for one of the phone's lines,
// has marks of a template that was not filled in, or of a manual's comments. A
// phone takes them for the value.
func Unfilled(value string) bool {
	if len(value) >= maxTemplate {
		return false
	}
	parts := strings.Split(value, "\t")
	if len(parts) == 1 {
		parts = strings.Fields(value)
	}
	return unfilled.MatchString(value) || slices.ContainsFunc(parts, unfilled.MatchString)
}
