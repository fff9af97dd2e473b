//go:build linux

package interop

import (
	"os"
	"strings"
	"testing"
)

// axe is where .ci/axe puts axe-core, below the top of the checkout.
const axe = "../../.cache/axe-core/axe.min.js"

// A violation is what axe-core finds wrong with a page.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"` // minor, moderate, serious or critical
	Help   string `json:"help"`
	Where  string `json:"where"`
}

// Every page passes the checks of axe-core, by the success criteria of WCAG 2.2
// levels A and AA and its own best practices, in both widths and colour schemes.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	path := axe
	if named := os.Getenv("PROVSIM_AXE"); named != "" {
		path = named
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Skip("axe-core is not here, which .ci/axe gets from npm")
	}
	d := seatAtLab(t)
	for _, s := range screenList {
		t.Run(s.name, func(t *testing.T) {
			d.t = t
			d.visit(s)
			evaluate[bool](d.tab, string(script)+"; true")
			for _, width := range widths {
				for _, scheme := range schemes {
					d.looks(width, scheme)
					for _, v := range d.violations() {
						t.Errorf("%d %s: %s: %s (%s) at %s", width, scheme, v.Impact, v.Help, v.ID, v.Where)
					}
				}
			}
		})
	}
}

// violations runs axe-core in the page.
func (d *desk) violations() []violation {
	d.t.Helper()
	return evaluate[[]violation](d.tab, strings.TrimSpace(`
axe.run(document, { resultTypes: ["violations"] }).then(r => r.violations.map(v => ({
  id: v.id, impact: v.impact, help: v.help, where: v.nodes.map(n => n.target.join(" ")).join(", ")
})))`))
}
