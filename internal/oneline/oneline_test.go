package oneline_test

import (
	"testing"

	"provsim/internal/oneline"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"as it is: ä€":         "as it is: ä€",
		"two\r\nlines\tand":    "two  lines and",
		"\x1b[31mred\x00\x7f":  "\uFFFD[31mred\uFFFD\uFFFD",
		"bad \xff UTF-8":       "bad \uFFFD UTF-8",
		"a line \u2028 break ": "a line \uFFFD break ",
	} {
		if got := oneline.Clean(in); got != want {
			t.Errorf("Clean(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{"": "", "12 ms": "12 ms", "=1+1": "'=1+1", "-1": "'-1", "\t@x": " @x", "+\n": "'+ "} {
		if got := oneline.Cell(in); got != want {
			t.Errorf("Cell(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{"12 ms": "12 ms", "<b>*a*|b": `\<b\>\*a\*\|b`, "[x](y) & `z`!": "\\[x\\]\\(y\\) \\& \\`z\\`\\!"} {
		if got := oneline.Markdown(in); got != want {
			t.Errorf("Markdown(%q) is %q, want %q", in, got, want)
		}
	}
}
