package profile_test

import (
	"encoding/json"
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
	var c profile.Config
	if err := c.UnmarshalText([]byte(body)); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return c
}

func TestMerge(t *testing.T) { // FV-CFG-4
	stored, file := parse(t, "A=1\nB=2\nC=3\n"), parse(t, "D=4\nB=5\n")
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
	b := profile.Builder{}
	for i := range 60 {
		b.Set(fmt.Sprintf("DBID_SOME_SETTING_%d", i), fmt.Sprintf("192.168.10.%d", i), i+1)
	}
	b.Skip(profile.BadLine{Line: 61, Column: 1, Why: "no"})
	b.Set("A", "keep", 62)
	b.Set("B", "keep", 64)
	c := b.Config()
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
		{"A B", "3", `A="1" B="2" A B="3"`},
	} {
		got, err := c.With(test.name, test.value)
		if list := strings.Join(listing(got), " "); err != nil || list != test.want {
			t.Errorf("%s=%q gives %s, %v, want %s", test.name, test.value, list, err, test.want)
		}
	}
	for _, test := range []struct{ name, value, says string }{
		{"", "secret", "no name"},
		{"A:B", "secret", `setting "A:B": found a character that no name has`},
		{"A ", "secret", `setting "A ": found a character that no name has`},
		{"A", "secret\nB=2", "setting A: found a line end in the value"},
		{"A", "secret\rB=2", "setting A: found a control character"},
		{"A", "secret\rB=2", "setting A: found a control character"},
	} {
		_, err := c.With(test.name, test.value)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s=%q gives the error %v, want %s", test.name, test.value, err, test.says)
		}
	}
}

func TestConfigAsJSON(t *testing.T) {
	for _, body := range []string{"A=1\nB=\xff\n", ""} {
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

// Other vendors' names and values are printed too, and read back.
func TestAnyConfigIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b profile.Builder
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			b.Set(rapid.StringMatching(`[a-c"= \n\xff/.]{1,3}`).Draw(t, "name"), rapid.StringMatching(`[a-c"= \r\n\xff]{0,4}`).Draw(t, "value"), 0)
		}
		c := b.Config()
		if diff := cmp.Diff(listing(c), listing(parse(t, string(c.Append(nil))))); diff != "" {
			t.Fatalf("-printed +read:\n%s", diff)
		}
	})
}

func FuzzUnmarshalText(f *testing.F) {
	for _, seed := range []string{"A=1\nB=\n", `"a b"="c\n"`, `"a"=`, `"a"`, "=", "\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c, back profile.Config
		if c.UnmarshalText(text) != nil {
			return
		}
		if err := back.UnmarshalText(c.Append(nil)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(listing(c), listing(back)); diff != "" {
			t.Errorf("-printed +read:\n%s", diff)
		}
	})
}

func TestBuilderFirstWins(t *testing.T) {
	b := profile.Builder{FirstWins: true}
	b.Set("A", "1", 1)
	b.Set("A", "2", 2)
	if diff := cmp.Diff([]string{`A="1"`}, listing(b.Config())); diff != "" {
		t.Error(diff)
	}
}
