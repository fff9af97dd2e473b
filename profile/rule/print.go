package rule

import (
	"strings"
	"unicode/utf8"
)

// String returns the text that Parse reads r from, secrets included. It is
// exact for a rule that was parsed and not expanded.
func (r Rule) String() string {
	text, _ := r.render(false)
	return text
}

// Redacted returns the text of r with every character of key and password
// replaced by a '*', for people.
func (r Rule) Redacted() string {
	text, _ := r.render(true)
	return text
}

// part is one of those parts of a rule that errors point into.
type part uint8

const (
	atCredentials part = iota
	atHost
	atPort
	atPath
	parts
)

// render returns the text of r, and where its parts begin in it.
func (r Rule) render(redact bool) (text string, at [parts]int) {
	opener, closer := quotesFor(r.Key)
	if redact {
		r.Key, r.Password = stars(r.Key), stars(r.Password)
	}
	var b strings.Builder
	if r.Keyed {
		b.WriteString("[--key " + opener + r.Key + closer + "]")
	}
	if r.Scheme != "" {
		b.WriteString(r.Scheme + "://")
	}
	at[atCredentials] = b.Len()
	if r.User+r.Password != "" {
		b.WriteString(r.User + ":" + r.Password + "@")
	}
	at[atHost] = b.Len()
	if indexOutside(r.Host, ':') >= 0 {
		at[atHost]++
		b.WriteString("[" + r.Host + "]")
	} else {
		b.WriteString(r.Host)
	}
	at[atPort] = b.Len()
	if r.Port != "" {
		at[atPort]++
		b.WriteString(":" + r.Port)
	}
	at[atPath] = b.Len()
	b.WriteString(r.Path)
	return b.String(), at
}

func stars(text string) string { return strings.Repeat("*", utf8.RuneCountInString(text)) }

// quotesFor returns the first kind of quotation marks that the key does not
// close itself, none where it is a word.
func quotesFor(key string) (opener, closer string) {
	if isWord(key) {
		return "", ""
	}
	for _, opener := range []rune{'\'', '"', '‘', '“'} {
		if closer := closingQuote[opener]; !strings.ContainsRune(key, closer) {
			return string(opener), string(closer)
		}
	}
	return "", ""
}

func isWord(key string) bool {
	first, _ := utf8.DecodeRuneInString(key)
	_, quoted := closingQuote[first]
	return key != "" && !quoted && !strings.HasPrefix(key, "--") && !strings.ContainsAny(key, blanks+"]")
}
