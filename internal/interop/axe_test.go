//go:build linux

package interop

import (
	"cmp"
	"os"
	"strings"
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

// loadAxe puts axe-core into the page, and reports false where it is not here.
func (d *visitor) loadAxe() bool {
	d.t.Helper()
	script, err := os.ReadFile(cmp.Or(os.Getenv("PROVSIM_AXE"), axe))
	if err != nil {
		d.t.Log("axe-core is not here, which .ci/axe gets from npm")
		return false
	}
	return evaluate[bool](d.tab, string(script)+"; true")
}

// accessible expects that the page passes the checks of axe-core, by the success
// criteria of WCAG 2.2 levels A and AA and its own best practices.
func (d *visitor) accessible(look string) {
	d.t.Helper()
	for _, v := range d.violations() {
		d.t.Errorf("%s: %s: %s (%s) at %s", look, v.Impact, v.Help, v.ID, v.Where)
	}
}

// violations runs axe-core in the page.
func (d *visitor) violations() []violation {
	d.t.Helper()
	return evaluate[[]violation](d.tab, strings.TrimSpace(`
axe.run(document, { resultTypes: ["violations"] }).then(r => r.violations.map(v => ({
  id: v.id, impact: v.impact, help: v.help, where: v.nodes.map(n => n.target.join(" ")).join(", ")
})))`))
}
