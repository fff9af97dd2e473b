package check

import (
	"bytes"
	"regexp"
	"sync"
)

// xmlComment is a comment of an XML file.
var xmlComment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)<!--.*?-->`)
})

// SameText reports whether two files say the same: byte by byte, or as texts but
// for comments, in which many systems write when they have made the file.
func SameText(a, b []byte) bool {
	return bytes.Equal(a, b) || bytes.Equal(withoutComments(a), withoutComments(b))
}

// withoutComments leaves out XML comments and the lines that begin with a mark of
// comments in any of the common formats. What is no text stays as it is.
func withoutComments(body []byte) []byte {
	if bytes.IndexByte(body, 0) >= 0 {
		return body
	}
	var kept []byte
	for line := range bytes.Lines(xmlComment().ReplaceAll(body, nil)) {
		if start := bytes.TrimLeft(line, " \t"); len(start) > 0 && bytes.IndexByte([]byte("#;/"), start[0]) >= 0 {
			continue
		}
		kept = append(kept, line...)
	}
	return kept
}
