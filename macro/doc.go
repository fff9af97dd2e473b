// Package macro expands the variables that an administrator writes into rules
// and file names, as a phone's firmware does (FV-MAC-1 to FV-MAC-9).
//
// [Expand] does it for a string, and [Append] for a buffer without allocating.
// Both take the variables ([Vars], or simply a [Map]) and a [Syntax], which is
// [Sipura] for the phones whose rules descend from that vendor's. [Syntax.Escape]
// is the way back: it writes a text so that it expands to itself.
//
// # What is replaced
//
//	$NAME         the value; the name is the longest run of ASCII letters and digits
//	$(NAME)       the value, where a letter or digit follows the name
//	$(NAME:p)     the value from byte p on, counted from 0
//	$(NAME:p:q)   q bytes of it; both p and q are cut to the value's end
//	$$            one dollar sign
//
// Other vendors enclose names: [Brackets] is for [NAME], [Braces] for {NAME} and
// [Angles] for <NAME>. Their names may have '_'.
//
// # What is left alone
//
// Expansion never fails. An unknown name, a malformed expression and a lone
// sigil stay as they are written, and every other byte passes untouched, UTF-8
// or not. A value is not scanned again, so it may contain what it likes.
package macro
