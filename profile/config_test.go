package profile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/profile"
)

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
	c, err := profile.ParseConfig([]byte(body))
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return c
}

func TestParseConfig(t *testing.T) { // FV-CFG-1
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
		{"any bytes", "A=\x00\xff\r\x01é\nB=1", []string{`A="\x00\xff\r\x01é"`, `B="1"`}},
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

func TestConfigGetAndLine(t *testing.T) {
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
		c, err := profile.ParseConfig([]byte(test.body))
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
	c, err := profile.ParseConfig(body)
	if err != nil {
		t.Fatal(err)
	}
	copy(body, "B=2\n")
	if value, _ := c.Get("A"); value != "1" {
		t.Errorf("a changed body changes the setting to %q", value)
	}
}

// A fleet reads many files, so reading one makes no garbage for each line: a copy
// of the body, what the Config points to, the list, and for a large file the map.
func TestParseConfigAllocations(t *testing.T) {
	for size, budget := range map[int]float64{500: 3, 20000: 9} {
		body := configFile(size)
		allocs := testing.AllocsPerRun(10, func() {
			if _, err := profile.ParseConfig(body); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > budget {
			t.Errorf("%v allocations for %d bytes, want at most %v", allocs, size, budget)
		}
	}
}

func TestMerge(t *testing.T) { // FV-CFG-4
	stored, file := parse(t, "A=1\nB=2\nC=3\n"), parse(t, "D=4\nB=5\nbad\n")
	merged := stored.Merge(file)
	if diff := cmp.Diff([]string{`A="1"`, `B="5"`, `C="3"`, `D="4"`}, listing(merged)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if merged.Line("B") != 0 || merged.Bad() != nil {
		t.Errorf("the merged Config still has lines of a file")
	}
	if diff := cmp.Diff([]string{`A="1"`, `B="2"`, `C="3"`}, listing(stored)); diff != "" {
		t.Errorf("Merge has changed its receiver:\n%s", diff)
	}
	if got, _ := merged.Get("D"); got != "4" {
		t.Errorf("D is %q", got)
	}
}

func TestFilter(t *testing.T) {
	c := parse(t, string(configFile(2000))+"bad\nA=keep\n\nB=keep\n")
	kept := c.Filter(func(name, value string) bool { return value == "keep" || name == "DBID_SOME_SETTING_7" })
	if diff := cmp.Diff([]string{`DBID_SOME_SETTING_7="192.168.10.7"`, `A="keep"`, `B="keep"`}, listing(kept)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if value, _ := kept.Get("B"); value != "keep" || kept.Line("B") != c.Line("B") || kept.Bad() != nil {
		t.Errorf("B is %q in line %d, and there are bad lines %v", value, kept.Line("B"), kept.Bad())
	}
}

func TestWith(t *testing.T) {
	c := parse(t, "A=1\nB=2\n")
	for _, test := range []struct{ name, value, want string }{
		{"A", "x", `A="x" B="2"`},
		{"C", " x \t", `A="1" B="2" C=" x"`},
		{"A", "", `A="" B="2"`},
	} {
		got, err := c.With(test.name, test.value)
		if list := strings.Join(listing(got), " "); err != nil || list != test.want {
			t.Errorf("%s=%q gives %s, %v, want %s", test.name, test.value, list, err, test.want)
		}
	}
	for _, test := range []struct{ name, value, says string }{
		{"", "secret", "no name"},
		{"A B", "secret", `setting "A B": found a character that no name has`},
		{"A", "secret\nB=2", "setting A: found a line end in the value"},
	} {
		_, err := c.With(test.name, test.value)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s=%q gives the error %v, want %s", test.name, test.value, err, test.says)
		}
	}
}

func TestConfigAsJSON(t *testing.T) {
	for _, body := range []string{"A=1\nB=\xff\x00\n", ""} {
		var c, back profile.Config
		if body != "" {
			c = parse(t, body)
		}
		data, err := json.Marshal(struct{ C profile.Config }{c})
		if err != nil {
			t.Fatal(err)
		}
		into := struct{ C *profile.Config }{&back}
		if err := json.Unmarshal(data, &into); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if got := string(back.Append(nil)); got != body {
			t.Errorf("%q comes back from %s as %q", body, data, got)
		}
	}
	var c profile.Config
	for _, data := range []string{`1`, `"?"`, `"PGh0bWw+"`} {
		if err := json.Unmarshal([]byte(data), &c); err == nil {
			t.Errorf("%s is read as a Config", data)
		}
	}
}

// configs draws small files with names that meet.
func configs() *rapid.Generator[profile.Config] {
	return rapid.Custom(func(t *rapid.T) profile.Config {
		var c profile.Config
		n := rapid.SampledFrom([]int{0, 1, 3, 60}).Draw(t, "n")
		var body strings.Builder
		for range n {
			fmt.Fprintf(&body, "N%d=%s\n", rapid.IntRange(0, 60).Draw(t, "name"), rapid.StringMatching(`[ab\t= \xff]{0,3}`).Draw(t, "value"))
		}
		if n > 0 {
			c = parse(t, body.String())
		}
		return c
	})
}

func TestMergeIsAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := configs().Draw(t, "a"), configs().Draw(t, "b"), configs().Draw(t, "c")
		left, right := a.Merge(b).Merge(c), a.Merge(b.Merge(c))
		if diff := cmp.Diff(listing(left), listing(right)); diff != "" {
			t.Fatalf("(a+b)+c differs from a+(b+c):\n%s", diff)
		}
	})
}

func TestMergePrefersTheRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := configs().Draw(t, "a"), configs().Draw(t, "b")
		merged := a.Merge(b)
		want := map[string]string{}
		for _, c := range []profile.Config{a, b} {
			for name, value := range c.All() {
				want[name] = value
			}
		}
		if merged.Len() != len(want) {
			t.Fatalf("%d settings, want %d", merged.Len(), len(want))
		}
		for name, value := range want {
			if got, ok := merged.Get(name); !ok || got != value {
				t.Fatalf("%s is %q, want %q", name, got, value)
			}
		}
	})
}

func TestMergeWithItselfChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := configs().Draw(t, "c")
		if diff := cmp.Diff(listing(c), listing(c.Merge(c))); diff != "" {
			t.Fatalf("-before +after:\n%s", diff)
		}
	})
}

func TestPrintedConfigIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := configs().Draw(t, "c")
		if c.Len() == 0 {
			t.Skip("no file is empty")
		}
		back := parse(t, string(c.Append(nil)))
		if diff := cmp.Diff(listing(c), listing(back)); diff != "" {
			t.Fatalf("-printed +read:\n%s", diff)
		}
	})
}
