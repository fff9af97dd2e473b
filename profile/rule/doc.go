// Package rule reads the rules of the Sipura family, which Cisco SPA and Flying
// Voice phones share: texts that say where a configuration or a firmware is.
//
// [Parse] reads a Profile Rule, [ParseUpgrade] an Upgrade Rule and
// [ParseOption66] the value of DHCP option 66. All return a [Rule] whose parts
// still hold their macros. [Rule.Expand] replaces these part by part, so no value
// can change what is host and what is path (FV-RULE-2), and [Rule.Target] says
// what to ask for. Anything wrong with a rule is an [*Error] that knows the
// column and has masked the secrets; a device takes it for outcome bad-rule. Only
// [ErrNoServer] is another outcome. The grammar is in grammar.txt.
//
// [ParseFull] reads what the whole family's grammar has beside that: alternatives,
// conditions, assignments and all options. It reads a text whose macros are
// expanded, as Cisco SPA phones do (SPA-RULE-2).
//
// Keys and passwords appear in no error. [Rule.String] does write them, because
// its text can be parsed again; use [Rule.Redacted] for people.
package rule

import "provsim/profile"

// The types of parameters that hold a rule.
var (
	Profile = profile.NewType("profile rule", accepts(Parse), Show)
	Upgrade = profile.NewType("upgrade rule", accepts(ParseUpgrade), Show)
)

func accepts(parse func(string) (Rule, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

// Show returns a rule's text with key and password replaced by stars. Of a text
// that does not parse it shows nothing, which [Redact] does as far as it can.
func Show(text string) string {
	if text == "" {
		return ""
	}
	r, err := Parse(text)
	if err != nil {
		return "a text that is no rule"
	}
	return r.Redacted()
}
