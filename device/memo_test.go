package device

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"provsim/profile"
)

// counted returns a way to read files that counts.
func counted(n *int) func() *File {
	return func() *File { *n++; return &File{} }
}

func TestMemoReadsEqualFilesOnce(t *testing.T) {
	model, other := &Model{}, &Model{}
	body := []byte("A=1\n")
	for _, tt := range []struct {
		name  string
		model *Model
		body  []byte
		key   string
		reads int
	}{
		{"the first", model, body, "", 1},
		{"the same slice", model, body, "", 1},
		{"another slice with equal bytes", model, slices.Clone(body), "", 1},
		{"a part of the same slice", model, body[:3], "", 2},
		{"another key", model, body, "key", 2},
		{"another model", other, body, "", 2},
		{"an empty file", model, nil, "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, reads := NewMemo(), 0
			first := m.File(model, body, "", counted(&reads))
			got := m.File(tt.model, tt.body, tt.key, counted(&reads))
			if reads != tt.reads || (got == first) != (reads == 1) {
				t.Errorf("read %d times, want %d; shared: %v", reads, tt.reads, got == first)
			}
		})
	}
}

// A fleet whose phones all have files of their own does not make a Memo grow, and
// files that devices ask for again and again stay in it.
func TestMemoIsBounded(t *testing.T) {
	m, model, reads := NewMemo(), &Model{}, 0
	popular := []byte("A=1\n")
	for i := range 30_000 {
		body := fmt.Appendf(nil, "N=%d\n%s", i, strings.Repeat("#", 2000))
		m.File(model, body, "", counted(new(int)))
		m.File(model, popular, "", counted(&reads))
		m.keep(Stored{Version: fmt.Sprint(i)})
	}
	if reads != 1 {
		t.Errorf("the popular file was read %d times, want once", reads)
	}
	bytes := 0
	for _, g := range []map[fileText]*File{m.files.young, m.files.old} {
		for text := range g {
			bytes += len(text.body)
		}
	}
	if bytes > 2*fileBytes || len(m.same.young)+len(m.same.old) > 2*fileBytes/2000+2 {
		t.Errorf("%d bytes of files and %d slices are remembered, want at most %d bytes", bytes, len(m.same.young)+len(m.same.old), 2*fileBytes)
	}
	if n := len(m.stored.young) + len(m.stored.old); n > 2*fewOf+1 {
		t.Errorf("%d memories are remembered, want at most %d", n, 2*fewOf)
	}
}

func TestMemoSharesChangesAndMemories(t *testing.T) {
	m, model, calls := NewMemo(), &Model{}, 0
	apply := func() *Change { calls++; return &Change{} }
	config, err := profile.Config{}.With("A", "1")
	if err != nil {
		t.Fatal(err)
	}
	file := &File{}
	first := m.Change(model, config, file, apply)
	if again := m.Change(model, config, file, apply); again != first || calls != 1 {
		t.Errorf("the same change was worked out %d times", calls)
	}
	if m.Change(model, profile.Config{}, file, apply) == first || m.Change(model, config, &File{}, apply) == first {
		t.Error("other changes are taken for the same")
	}
	one := m.keep(Stored{Config: config})
	if again := m.keep(Stored{Config: config}); again != one || m.keep(Stored{Version: "1"}) == one {
		t.Error("equal memories are not one, or different ones are")
	}
}

func TestNoMemoRemembersNothing(t *testing.T) {
	var m *Memo
	reads := 0
	for range 2 {
		m.File(&Model{}, []byte("A=1\n"), "", counted(&reads))
	}
	one := m.keep(Stored{})
	if again := m.keep(Stored{}); reads != 2 || again == one {
		t.Errorf("a file was read %d times, want 2", reads)
	}
}
