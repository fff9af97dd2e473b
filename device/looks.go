package device

import (
	"bytes"
	"regexp"
	"strings"
)

// LooksAt is how many bytes of a file say whose phones it is for.
const LooksAt = 4096

// LooksLike returns what [Personality].Looks is: the names of the outermost elements of
// XML files, and a pattern for files of other forms, or "".
func LooksLike(other string, roots ...string) *regexp.Regexp {
	var patterns []string
	if len(roots) > 0 {
		patterns = append(patterns, `(?s:^\s*(<\?.*?\?>\s*)?(<!--.*?-->\s*)*<(`+strings.Join(roots, "|")+`)[\s/>])`)
	}
	if other != "" {
		patterns = append(patterns, other)
	}
	return regexp.MustCompile(strings.Join(patterns, "|"))
}

// Resembles reports whether a file looks like a configuration of the vendor's phones.
func (p *Personality) Resembles(body []byte) bool {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	return p.Looks != nil && p.Looks.Match(body[:min(len(body), LooksAt)])
}
