package gateway

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"provsim/device"
	"provsim/internal/nearest"
)

// readDigits reads part of a hardware address: 1 to 12 hex digits, or none where
// that is allowed. Colons, hyphens and dots do not count (SMG-MAC-2).
func readDigits(v string, mayBeEmpty bool) (d digits, err error) {
	bare := strings.NewReplacer(":", "", "-", "", ".", "").Replace(v)
	if bare == "" && mayBeEmpty {
		return digits{}, nil
	}
	b, err := hex.DecodeString(bare + strings.Repeat("0", max(12-len(bare), 0)))
	if err != nil || len(bare) == 0 || len(bare) > 12 {
		return digits{}, fmt.Errorf("found %q, want 1 to 12 hex digits", v)
	}
	return digits{text: v, value: [6]byte(b), given: len(bare)}, nil
}

// matches reports whether a client's address fits: it and the alert's address
// are equal where the mask has ones (SMG-MAC-2).
func (a *Alert) matches(mac device.MAC) bool {
	mask := a.Mask.value
	if a.Mask.given == 0 {
		for i := range a.Address.given {
			mask[i/2] |= 0xf0 >> (i % 2 * 4)
		}
	}
	for i := range mac {
		if mac[i]&mask[i] != a.Address.value[i]&mask[i] {
			return false
		}
	}
	return true
}

// Set takes one line: a name, its index where it has one, and a value. The
// forms are "name index,value", "name value" and "name index = value"; the word
// Set may stand before it, and the case of letters does not matter (SMG-CFG-1,
// SMG-CFG-3).
func (s *Settings) Set(line string) error {
	words := strings.Fields(line)
	if len(words) > 0 && strings.EqualFold(words[0], "set") {
		words = words[1:]
	}
	line = strings.Join(words, " ")
	low := strings.ToLower(line)
	var found *setting
	for i := range table {
		if rest, ok := strings.CutPrefix(low, table[i].name); ok && (rest == "" || rest[0] == ' ' || rest[0] == '=' || rest[0] == ',') &&
			(found == nil || len(found.name) < len(table[i].name)) {
			found = &table[i]
		}
	}
	if found == nil {
		return unknownSetting(low)
	}
	rest := strings.TrimSpace(line[len(found.name):])
	index := 0
	if found.most > 0 {
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:end])
		if err != nil || n < 1 || n > found.most {
			return fmt.Errorf("%s: want an index of 1 to %d after the name", found.name, found.most)
		}
		index, rest = n-1, strings.TrimSpace(rest[end:])
	}
	for _, mark := range []string{",", "="} {
		if after, ok := strings.CutPrefix(rest, mark); ok {
			rest = strings.TrimSpace(after)
			break
		}
	}
	if err := found.set(s, index, rest); err != nil {
		where := found.name
		if found.field != "" {
			where += " (" + found.field + ")"
		}
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

func unknownSetting(line string) error {
	if i := strings.IndexAny(line, "=,0123456789"); i > 0 {
		line = strings.TrimSpace(line[:i])
	}
	if len(line) > 80 {
		line = line[:80]
	}
	var names []string
	for _, known := range table {
		names = append(names, known.name)
	}
	if near, ok := nearest.Name(line, names); ok {
		return fmt.Errorf("unknown setting %q, did you mean %q?", line, near)
	}
	return fmt.Errorf("unknown setting %q", line)
}

// Read takes settings line by line. Empty lines and lines that begin with # are
// comments.
func (s *Settings) Read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if err := s.Set(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

// Names returns the names of all settings, each with the place of the gateway's
// web form where it stands, if it is one of the document's.
func Names() [][2]string {
	var names [][2]string
	for _, s := range table {
		name := s.name
		if s.most > 0 {
			name += fmt.Sprintf(" 1…%d", s.most)
		}
		names = append(names, [2]string{name, s.field})
	}
	return names
}
