package device

import (
	"bytes"
	"regexp"
	"strings"
)

// LooksAt is how many bytes of a file say whose phones it is for.
const LooksAt = 4096

// Looks says how a vendor's configuration files begin. The zero value means that no
// file looks like one of the vendor's. It is text, because few commands need the
// compiled pattern.
type Looks struct {
	Other string   // a pattern for files that are not XML, or ""
	Roots []string // the names of the outermost elements of XML files
}

// Compile returns a function that reports whether a file looks like a configuration of
// the vendor's phones. It panics over a bad pattern.
func (l Looks) Compile() func(body []byte) bool {
	var patterns []string
	if len(l.Roots) > 0 {
		patterns = append(patterns, `(?s:^\s*(<\?.*?\?>\s*)?(<!--.*?-->\s*)*<(`+strings.Join(l.Roots, "|")+`)[\s/>])`)
	}
	if l.Other != "" {
		patterns = append(patterns, l.Other)
	}
	if patterns == nil {
		return func([]byte) bool { return false }
	}
	pattern := regexp.MustCompile(strings.Join(patterns, "|"))
	return func(body []byte) bool {
		body = bytes.TrimPrefix(body, []byte("\ufeff"))
		return pattern.Match(body[:min(len(body), LooksAt)])
	}
}
