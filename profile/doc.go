// Package profile reads what an administrator writes for a phone: the rule that
// says where its configuration is, and the file that is found there.
//
// # Rules
//
// [ParseRule] reads a Profile Rule, [ParseUpgradeRule] an Upgrade Rule and
// [ParseOption66] the value of DHCP option 66. All return a [Rule] whose parts
// still hold their macros. [Rule.Expand] replaces these part by part, so no value
// can change what is host and what is path (FV-RULE-2), and [Rule.Target] says
// what to ask for. Anything wrong with a rule is a [*RuleError] that knows the
// column and has masked the secrets; a device takes it for outcome bad-rule. Only
// [ErrNoServer] is another outcome. The grammar is in grammar.txt.
//
// # Configuration files
//
// [ParseConfig] reads a file into a [Config], an immutable list of named values.
// [Config.Merge] puts one over another, as applying a file does (FV-CFG-4), and
// [Config.Append] writes it back. A file is refused as a whole only with
// [ErrEmpty] or [ErrCorrupt]; single bad lines are kept aside ([Config.Bad]).
//
// # Known parameters
//
// A [Table] lists the parameters that a vendor's phones know, each with a [Type]
// that [Parameter.Check] holds a value against. [Lint] brings all of this
// together: it reads a file as the phone would, and says what the phone does not.
//
// # Secrets
//
// Keys and passwords of rules, and values of type [Secret], appear in no error
// and no [Finding]. [Rule.String] does write them, for it has to round-trip; use
// [Rule.Redacted] for people.
package profile
