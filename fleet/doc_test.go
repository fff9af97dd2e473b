package fleet

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The scenarios in the documentation are right.
func TestDocumentedScenarios(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "doc", "fleet.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("doc/fleet.md has no scenario")
	}
	for _, b := range blocks {
		if _, err := ParseScenario("doc/fleet.md", b[1]); err != nil {
			t.Error(err)
		}
	}
}
