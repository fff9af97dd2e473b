package lines_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/profile"
	"provsim/profile/lines"
)

// dbid is the grammar of Flying Voice phones (FV-CFG-1).
var dbid = lines.Grammar{Separator: '=', Comments: "#;/", Names: ".-", Form: "NAME=value"}

// listing writes the settings of c in order, one "name=value" each, quoted.
func listing(c profile.Config) []string {
	var list []string
	for name, value := range c.All() {
		list = append(list, fmt.Sprintf("%s=%q", name, value))
	}
	return list
}

func parse(t interface {
	Helper()
	Fatalf(string, ...any)
}, body string) profile.Config {
	t.Helper()
	c, err := dbid.Parse([]byte(body))
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return c
}

func TestParse(t *testing.T) { // FV-CFG-1
	for _, test := range []struct {
		rule, body string
		want       []string
	}{
		{"lines end in LF", "A=1\nB=2\n", []string{`A="1"`, `B="2"`}},
		{"or in CRLF", "A=1\r\nB=2\r\n", []string{`A="1"`, `B="2"`}},
		{"the last line needs no end", "A=1\nB=2", []string{`A="1"`, `B="2"`}},
		{"a byte order mark is skipped", "\ufeffA=1\n", []string{`A="1"`}},
		{"the first = splits", "A=b=c\n", []string{`A="b=c"`}},
		{"a value may be empty", "A=\n", []string{`A=""`}},
		{"trailing blanks are cut", "A=1 \t \nB=2\t \r\n", []string{`A="1"`, `B="2"`}},
		{"tabs inside are kept", "A=1\t0\t0\t0\t\n", []string{`A="1\t0\t0\t0"`}},
		{"leading blanks of a value are kept", "A=  1\n", []string{`A="  1"`}},
		{"blanks around a name are cut", " \tA \t=1\n", []string{`A="1"`}},
		{"names", "_a.b-9=1\nZ=2", []string{`_a.b-9="1"`, `Z="2"`}},
		{"comments", "# A=1\n;A=2\n/ A=3 /\n  # A=4\nB=1", []string{`B="1"`}},
		{"no comments inside a line", "A=1 # one\n", []string{`A="1 # one"`}},
		{"blank lines", "\n\r\n \t\nA=1\n\n", []string{`A="1"`}},
		{"the last of equal names wins, where the first stands", "A=1\nB=2\nA=3\n", []string{`A="3"`, `B="2"`}},
		{"names are case-sensitive", "A=1\na=2", []string{`A="1"`, `a="2"`}},
		{"any bytes but control characters", "A=\xffé\nB=1", []string{`A="\xffé"`, `B="1"`}},
		{"bad lines: control characters", "A=1\x00\nB=1\x7f\nC=1\n", []string{`C="1"`}},
		{"bad lines: a carriage return that ends no line", "A=1\rB=2\r\nC=3\r\r\nD=4\n", []string{`D="4"`}},
		{"comments may hold anything", "# A\x00\rB\nB=1", []string{`B="1"`}},
		{"bad lines between good ones", "A=1\n<html>\n=2\nB C=3\nD=4", []string{`A="1"`, `D="4"`}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			c := parse(t, test.body)
			if diff := cmp.Diff(test.want, listing(c)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.body, diff)
			}
			if bad := len(c.Bad()); (bad > 0) != strings.HasPrefix(test.rule, "bad lines") {
				t.Errorf("%q has %d bad lines", test.body, bad)
			}
			if c.Len() != len(test.want) {
				t.Errorf("Len is %d, want %d", c.Len(), len(test.want))
			}
		})
	}
}

func TestLineOfASetting(t *testing.T) {
	c := parse(t, "# a comment\nA=1\nB=2\n\nA=3\n")
	if value, ok := c.Get("A"); value != "3" || !ok || c.Line("A") != 5 {
		t.Errorf("A is %q, %v, in line %d", value, ok, c.Line("A"))
	}
	if value, ok := c.Get("a"); value != "" || ok || c.Line("a") != 0 {
		t.Errorf("a is %q, %v, in line %d", value, ok, c.Line("a"))
	}
	var none profile.Config
	if _, ok := none.Get("A"); ok || none.Len() != 0 {
		t.Errorf("the zero Config has %d settings", none.Len())
	}
}

// The many names of a large file are found through a map, those of a small one
// without. Both must find the same.
func TestManyNames(t *testing.T) {
	var body strings.Builder
	for i := range 200 {
		fmt.Fprintf(&body, "N%d=%d\n", i%100, i)
		c := parse(t, body.String())
		if want := min(i+1, 100); c.Len() != want {
			t.Fatalf("after %d lines there are %d settings, want %d", i+1, c.Len(), want)
		}
		for n := range c.Len() {
			last := n + 100
			if last > i {
				last = n
			}
			name := fmt.Sprintf("N%d", n)
			if value, _ := c.Get(name); value != fmt.Sprint(last) || c.Line(name) != last+1 {
				t.Fatalf("after %d lines %s is %s in line %d, want %d in line %d", i+1, name, value, c.Line(name), last, last+1)
			}
		}
	}
}

func TestBadLines(t *testing.T) { // FV-CFG-2
	c := parse(t, "A=1\nsecret\n =secret\n  B C=secret\r\n9=secret\né=secret\nB=2")
	want := []struct {
		line, column int
		says         string
	}{
		{2, 7, `found no "="`}, {3, 2, "found no name"}, {4, 4, "found a character"},
		{5, 1, "found a character"}, {6, 1, "found a character"},
	}
	bad := c.Bad()
	if len(bad) != len(want) {
		t.Fatalf("%d bad lines, want %d: %v", len(bad), len(want), bad)
	}
	for i, b := range bad {
		if b.Line != want[i].line || b.Column != want[i].column || !strings.HasPrefix(b.Why, want[i].says) {
			t.Errorf("got %+v, want %+v", b, want[i])
		}
	}
	bad[0].Line = 99
	if c.Bad()[0].Line != 2 {
		t.Error("the caller could change the bad lines of a Config")
	}
}

func TestNoConfig(t *testing.T) { // FV-CFG-2
	for _, test := range []struct {
		body string
		want error
		says string
	}{
		{"", profile.ErrEmpty, ""},
		{" \r\n\t\n", profile.ErrEmpty, ""},
		{"\ufeff", profile.ErrEmpty, ""},
		{"<html><body>404</body></html>", profile.ErrCorrupt, "this looks like HTML or XML"},
		{"\ufeff\r\n<?xml?>", profile.ErrCorrupt, "this looks like HTML or XML"},
		{"Salted__\x01\x02", profile.ErrCorrupt, "this is encrypted, and needs a rule with [--key …]"},
		{"\x1f\x8b\x08", profile.ErrCorrupt, "gzip"},
		{"#!version:1.0.0.1\n", profile.ErrCorrupt, "newer phones"},
		{"# nothing\n", profile.ErrCorrupt, "it has only comments"},
		{"\n\nsecret\n=x", profile.ErrCorrupt, `line 3, column 7: found no "=", want NAME=value`},
	} {
		c, err := dbid.Parse([]byte(test.body))
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error is %v, want %v with %q", test.body, err, test.want, test.says)
		}
		if c.Len() != 0 || c.Bad() != nil {
			t.Errorf("%q: there is something in the Config", test.body)
		}
	}
}

func TestConfigDoesNotKeepTheBody(t *testing.T) {
	body := []byte("A=1\n")
	c, err := dbid.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	copy(body, "B=2\n")
	if value, _ := c.Get("A"); value != "1" {
		t.Errorf("a changed body changes the setting to %q", value)
	}
}

// A fleet reads many files, so reading one makes no garbage for each line: a copy
// of the body, what the Config points to, the list, and for a large file the map. The
// race detector adds one.
func TestParseAllocations(t *testing.T) {
	for size, budget := range map[int]float64{500: 4, 20000: 10} {
		body := configFile(size)
		allocs := testing.AllocsPerRun(10, func() {
			if _, err := dbid.Parse(body); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > budget {
			t.Errorf("%v allocations for %d bytes, want at most %v", allocs, size, budget)
		}
	}
}

// A file whose lines end in a carriage return alone is one bad line, and no error
// shows the content of a file (FV-CFG-1).
func TestFileWithCarriageReturnsAlone(t *testing.T) {
	_, err := dbid.Parse([]byte("DBID_DBASE_VERSION=7\rDBID_SIP_PASSWORD=hunter2\r"))
	if !errors.Is(err, profile.ErrCorrupt) || !strings.Contains(err.Error(), "line 1, column 21: found a carriage return") {
		t.Errorf("the error is %v", err)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows the file: %v", err)
	}
}

func TestUTF16IsNamed(t *testing.T) {
	wide := func(order binary.AppendByteOrder, marked bool) []byte {
		var b []byte
		for _, r := range "\ufeffDBID_DBASE_VERSION=7\r\n" {
			if r != '\ufeff' || marked {
				b = order.AppendUint16(b, uint16(r))
			}
		}
		return b
	}
	for want, body := range map[string][]byte{
		"this is UTF-16 (little endian), save it as":                 wide(binary.LittleEndian, true),
		"this is UTF-16 (big endian), save it as":                    wide(binary.BigEndian, true),
		"this is UTF-16 (little endian, without a mark), save it as": wide(binary.LittleEndian, false),
		"this is UTF-16 (big endian, without a mark), save it as":    wide(binary.BigEndian, false),
	} {
		if _, err := dbid.Parse(body); !errors.Is(err, profile.ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
	if _, err := dbid.Parse([]byte("A=1\n")); err != nil {
		t.Errorf("a short file: %v", err)
	}
}

// The grammars of other vendors: a first line, files that are named, blanks before
// a value, and the first of equal names.
func TestGrammars(t *testing.T) {
	newer := lines.Grammar{
		Separator: '=', Comments: "#", Names: ".", Trim: true, FirstWins: true,
		First: "#!version:", Include: "include:config", Form: "name = value",
	}
	body := []byte("#!version:1.0.0.1\ninclude:config <a.cfg>\na.b = 1\n# c\na.b = 2\ninclude:config \"b.cfg\"\n")
	c, err := newer.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`a.b="1"`}, listing(c)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if l := newer.Line("include:config <a.cfg>"); l.Kind != lines.Include || l.Value != "<a.cfg>" {
		t.Errorf("include: %+v", l)
	}
	if _, err := newer.Parse([]byte("a.b = 1\n")); err == nil || !strings.Contains(err.Error(), "the first line does not begin with #!version:") {
		t.Errorf("without its first line: %v", err)
	}
	if _, err := newer.Parse([]byte("#!version:1.0.0.1\n")); !errors.Is(err, profile.ErrCorrupt) {
		t.Errorf("with nothing but its first line: %v", err)
	}
	if c, err := newer.Parse([]byte("#!version:1.0.0.1\ninclude:config <a.cfg>\n")); err != nil || c.Len() != 0 {
		t.Errorf("with nothing but an include: %d settings, %v", c.Len(), err)
	}
}
