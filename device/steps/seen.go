package steps

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strings"
)

// memory is what [device.Stored].Seen holds: a line for each slot, with its name, a tab
// and a mark.
type memory string

// all yields the slots and their marks.
func (m memory) all() iter.Seq2[string, string] {
	return func(yield func(slot, mark string) bool) {
		for rest := string(m); rest != ""; {
			line, after, _ := strings.Cut(rest, "\n")
			slot, mark, _ := strings.Cut(line, "\t")
			if !yield(slot, mark) {
				return
			}
			rest = after
		}
	}
}

// of returns the mark of a slot; "": it has no mark.
func (m memory) of(slot string) string {
	for name, mark := range m.all() {
		if name == slot {
			return mark
		}
	}
	return ""
}

// writeSeen writes a memory. Equal memories give equal texts, so that
// phones share them.
func writeSeen(seen map[string]string) string {
	var b strings.Builder
	oneLine := strings.NewReplacer("\n", " ", "\t", " ")
	for _, slot := range slices.Sorted(maps.Keys(seen)) {
		b.WriteString(oneLine.Replace(slot) + "\t" + oneLine.Replace(seen[slot]) + "\n")
	}
	return b.String()
}

// Digest returns the mark of a file's bytes by which it is known again: the first
// eight bytes of its SHA-256, in hex. Whether a phone uses another sum makes no
// difference to what it does.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
