package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages returns the pages of the documentation by their names, and with them examples
// in which commands stand.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "doc/*.md", "examples/*/*.md", "examples/ci/*.yml", "examples/targets/*", "dist/*.service"} {
		names, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: found %q, %v", pattern, names, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(text)
		}
	}
	return all
}

var (
	linked  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	inCode  = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// TestLinksLeadSomewhere holds that the files and the headings that pages link to exist.
func TestLinksLeadSomewhere(t *testing.T) {
	all, found := pages(t), 0
	for name, text := range all {
		if filepath.Ext(name) != ".md" {
			continue
		}
		for _, m := range linked.FindAllStringSubmatch(inCode.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			found++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = filepath.Join(filepath.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which there is not", name, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(all[target]), anchor) {
				t.Errorf("%s links to %s, whose heading there is not", name, m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d links, want those of all pages", found)
	}
}

// anchors returns the names that headings have in links.
func anchors(text string) (all []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

var (
	typed    = regexp.MustCompile(`(?:^|[ /'"(` + "`" + `])provsim ([a-z][a-z-]*)((?: [^\n` + "`" + `|&;]*)?)`)
	quoted   = regexp.MustCompile(`'[^']*'`)
	flagWord = regexp.MustCompile(`(?:^|[ \[])--([a-z][a-z0-9-]*)`)
)

// TestPagesTypeFlagsThatExist holds the commands and flags of the pages against those
// that there are.
func TestPagesTypeFlagsThatExist(t *testing.T) {
	found := 0
	for name, text := range pages(t) {
		if strings.HasSuffix(name, "CHANGELOG.md") {
			continue // it names flags of earlier versions
		}
		text = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, " ") // lines that go on
		for _, m := range typed.FindAllStringSubmatch(text, -1) {
			c, err := findCommand(m[1])
			if err != nil {
				continue // provsim is the subject of a sentence
			}
			arguments := quoted.ReplaceAllString(m[2], "")
			if words := strings.Fields(arguments); c.parts != nil && len(words) > 0 {
				part, err := c.part(words[0])
				if err != nil {
					continue
				}
				c = part
			}
			if c.parts != nil {
				continue
			}
			known := append(flagWords(c), "--help")
			for _, f := range flagWord.FindAllStringSubmatch(arguments, -1) {
				found++
				if !slices.Contains(known, "--"+f[1]) {
					t.Errorf("%s types 'provsim %s --%s', which the command does not know", name, c.name, f[1])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("found %d flags, want those of all pages", found)
	}
}
