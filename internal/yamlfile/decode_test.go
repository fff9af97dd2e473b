package yamlfile

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Wait time.Duration `yaml:"wait"`
}

type file struct {
	Name  string            `yaml:"name"`
	Port  uint16            `yaml:"port"`
	List  []*inner          `yaml:"list"`
	Words map[string]string `yaml:"words"`
	inner `yaml:",inline"`
	Other string // no key
}

func read(text string) (f file, faults []Fault, at Places) {
	root, fault := Parse([]byte(text))
	if fault != nil {
		return f, []Fault{*fault}, nil
	}
	if root != nil {
		faults, at = Decode(root, &f, nil)
	}
	return f, faults, at
}

// Values of all kinds are read, and found again by their paths.
func TestDecode(t *testing.T) {
	got, faults, at := read("name: &a x\nport: 65535\nwait: 90s\nlist:\n- wait: 1h\nwords: {k: *a}\n")
	want := file{Name: "x", Port: 65535, inner: inner{90 * time.Second}, List: []*inner{{time.Hour}}, Words: map[string]string{"k": "x"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(file{})); diff != "" || len(faults) > 0 {
		t.Errorf("faults %v (-want +got):\n%s", faults, diff)
	}
	for path, line := range map[string]int{"list[0].wait": 5, "list[0].more": 5, "words.k": 6, "nothing": 1} {
		if got, _ := at.Find(path); got != line {
			t.Errorf("%s is on line %d, want %d", path, got, line)
		}
	}
}

// Whatever is wrong is named with its place, all of it at once.
func TestDecodeIsStrict(t *testing.T) {
	_, faults, _ := read("nam: x\nport: 65536\nlist: {}\nother: x\n\"\": x\nname: [x]\nname: y\n")
	want := []Fault{
		{1, 1, "nam", `is unknown, did you mean "name"?`},
		{2, 7, "port", `found "65536", want a whole number from 0 to 65535`},
		{3, 7, "list", "found a mapping, want a list"},
		{4, 1, "other", "is unknown, want one of name, port, list, words, wait"},
		{5, 1, "", "is unknown, want one of name, port, list, words, wait"},
		{6, 7, "name", "found a list, want a value"},
		{7, 1, "name", "found a second time, the first is on line 6"},
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if _, faults, _ := read("a: [\n"); len(faults) != 1 || faults[0].Line != 1 || !strings.Contains(faults[0].Text, "is no YAML") {
		t.Errorf("half a list gives %v", faults)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: &a x\nlist: [{wait: 1h}]\nwords: {k: *a}\n")
	f.Add("list: &a [*a]\n? {a: b}\n: c\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, faults, at := read(text)
		for _, fault := range faults {
			if fault.Text == "" {
				t.Fatalf("a fault without a text: %+v", fault)
			}
			at.Find(fault.Path)
		}
	})
}
