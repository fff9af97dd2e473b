package profile

import "strings"

const (
	noEquals = `found no "=", want NAME=value`
	noName   = `found no name before "=", want NAME=value`
	badName  = "found a character that no name has, want letters, digits, '_', '.' and '-', and a letter or '_' first"
)

type lineKind uint8

const (
	silentLine lineKind = iota // blank or a comment
	settingLine
	badLine
)

// line is one line of a configuration file, taken apart (FV-CFG-1).
type line struct {
	kind        lineKind
	name, value string
	valueAt     int // offset of the value in the line
	faultAt     int // offset of what makes it a bad line
	why         string
}

func readLine(text string) line {
	text = trimEnd(text)
	start := 0
	for start < len(text) && isBlank(text[start]) {
		start++
	}
	rest := text[start:]
	if rest == "" || rest[0] == '#' || rest[0] == ';' || rest[0] == '/' {
		return line{}
	}
	name, value, ok := strings.Cut(rest, "=")
	if !ok {
		return line{kind: badLine, faultAt: len(text), why: noEquals}
	}
	name = trimEnd(name)
	if name == "" {
		return line{kind: badLine, faultAt: start, why: noName}
	}
	if at := badNameByte(name); at >= 0 {
		return line{kind: badLine, faultAt: start + at, why: badName}
	}
	return line{kind: settingLine, name: name, value: value, valueAt: len(text) - len(value)}
}

// badNameByte returns where name is none: a name begins with a letter or '_',
// and letters, digits, '_', '.' and '-' follow. It is -1 for a good one.
func badNameByte(name string) int {
	for i := range len(name) {
		c := name[i]
		if !isLetter(c) && c != '_' && (i == 0 || c != '.' && c != '-' && (c < '0' || '9' < c)) {
			return i
		}
	}
	return -1
}

// trimEnd cuts the blanks at the end of text, and the CR of CRLF. It is written
// out because it takes a good part of the time that a file takes.
func trimEnd(text string) string {
	end := len(text)
	for end > 0 && (isBlank(text[end-1]) || text[end-1] == '\r') {
		end--
	}
	return text[:end]
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
