package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/conform/format"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/role/gateway"
	"provsim/internal/rules"
)

var explainCommand = command{
	name:  "explain",
	args:  "[ID...]",
	short: "say what a behaviour rule or a check means, and where it is written",
	long: `
Outputs name rules by IDs such as FV-CFG-3, and checks by IDs such as tftp/4. The ID
of a family (FV), of a group (FV-CFG) or of a group of checks (tftp) lists its
members. Without an ID it lists the families and groups.

  provsim explain FV-CFG-3
  provsim explain tftp/4`,
	words: explainable,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		asJSON := fs.Bool("json", false, "print one JSON object a line")
		return func(e *env, args []string) error {
			if len(args) == 0 {
				return listRules(e, *asJSON)
			}
			for i, id := range args {
				if i > 0 && !*asJSON {
					fmt.Fprintln(e.out)
				}
				if err := explainID(e, id, *asJSON); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// explainable returns all that can be explained.
func explainable() []string {
	ids := rules.IDs()
	for _, g := range checkGroups() {
		ids = append(ids, g.ID)
		for _, c := range g.checks {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// checkGroup is the checks whose IDs begin alike.
type checkGroup struct {
	ID     string      `json:"id"`
	Checks []checkLine `json:"checks"`
	checks []check.Check
}

type checkLine struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func checkGroups() []checkGroup {
	var groups []checkGroup
	for _, c := range conform.Catalogue() {
		group, _, _ := strings.Cut(c.ID, "/")
		i := slices.IndexFunc(groups, func(g checkGroup) bool { return g.ID == group })
		if i < 0 {
			i = len(groups)
			groups = append(groups, checkGroup{ID: group})
		}
		groups[i].checks = append(groups[i].checks, c)
		groups[i].Checks = append(groups[i].Checks, checkLine{c.ID, c.Title})
	}
	return groups
}

// listRules prints the families and groups of rules, and the groups of checks.
func listRules(e *env, asJSON bool) error {
	all := rules.Families()
	if asJSON {
		for _, f := range all {
			if err := writeJSON(e.out, f); err != nil {
				return err
			}
		}
		for _, g := range checkGroups() {
			if err := writeJSON(e.out, g); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range all {
		listFamily(e.out, f)
	}
	fmt.Fprintln(e.out, "Checks of servers")
	for _, g := range checkGroups() {
		fmt.Fprintf(e.out, "  %-12s %d checks\n", g.ID, len(g.checks))
	}
	_, err := fmt.Fprintln(e.out, "\n'provsim explain ID' lists a group, and explains a rule or a check.")
	return err
}

func listFamily(w io.Writer, f rules.Family) {
	fmt.Fprintf(w, "%s  %s%s\n", f.Prefix, f.Title, emulated(f))
	for _, g := range f.Groups {
		fmt.Fprintf(w, "  %-12s %s: %s\n", g.ID, g.Title, span(g))
	}
	fmt.Fprintln(w)
}

// emulated says so where the phones of a family are not emulated.
func emulated(f rules.Family) string {
	if f.Vendor == "" || slices.Contains(vendors.Names(), f.Vendor) {
		return ""
	}
	return " (these phones are not emulated)"
}

// span returns the first and the last rule of a group.
func span(g rules.Group) string {
	first, last := g.Rules[0].ID, g.Rules[len(g.Rules)-1].ID
	if first == last {
		return first
	}
	return first + " to " + last
}

// explainID prints what an ID names.
func explainID(e *env, id string, asJSON bool) error {
	if f, g, r, ok := rules.Find(id); ok {
		switch {
		case r.ID != "":
			return explainRule(e.out, f, g, r, asJSON)
		case g.ID != "" && asJSON:
			return writeJSON(e.out, g)
		case g.ID != "":
			return listGroup(e.out, g)
		case asJSON:
			return writeJSON(e.out, f)
		}
		listFamily(e.out, f)
		return nil
	}
	for _, g := range checkGroups() {
		if g.ID != strings.ToLower(id) {
			continue
		}
		if asJSON {
			return writeJSON(e.out, g)
		}
		for _, c := range g.checks {
			fmt.Fprintf(e.out, "%-9s %s\n", c.ID, c.Title)
		}
		return nil
	}
	for _, c := range conform.Catalogue() {
		if c.ID != strings.ToLower(id) {
			continue
		}
		if asJSON {
			return writeJSON(e.out, checkForm(c))
		}
		return format.Explain(e.out, c)
	}
	for _, setting := range gateway.Names() {
		name, _, _ := strings.Cut(setting[0], " 1…")
		if !strings.EqualFold(name, strings.Join(strings.Fields(id), " ")) {
			continue
		}
		if asJSON {
			return writeJSON(e.out, map[string]string{"setting": setting[0], "form": setting[1]})
		}
		fmt.Fprintf(e.out, "%s\n  a setting of 'provsim serve gateway'; in the gateway's web form: %s\n", setting[0], cmp.Or(setting[1], "none, it is provsim's own"))
		return nil
	}
	hint := "'provsim explain' alone lists the families and groups"
	if i := strings.LastIndexAny(id, "-/"); i > 0 {
		if _, g, _, ok := rules.Find(id[:i]); ok && g.ID != "" {
			hint = g.ID + " has " + span(g)
		}
	}
	return usage(unknown("rule or check", id, explainable()), hint)
}

func listGroup(w io.Writer, g rules.Group) error {
	fmt.Fprintf(w, "%s  %s\n", g.ID, g.Title)
	for _, r := range g.Rules {
		fmt.Fprintf(w, "\n%s\n  %s\n", r.ID, r.Says)
	}
	return nil
}

// ruleForm is a rule as JSON, with what depends on it.
type ruleForm struct {
	rules.Rule
	Family string      `json:"family"`
	Group  string      `json:"group"`
	Vendor string      `json:"vendor,omitempty"`
	Quirks []ruleQuirk `json:"quirks,omitempty"`
	Checks []checkLine `json:"checks,omitempty"`
}

// ruleQuirk is a quirk that changes a rule.
type ruleQuirk struct {
	Vendor  string `json:"vendor"`
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

func explainRule(w io.Writer, f rules.Family, g rules.Group, r rules.Rule, asJSON bool) error {
	form := ruleForm{Rule: r, Family: f.Prefix, Group: g.ID, Vendor: f.Vendor}
	for _, p := range vendors.All() {
		for _, q := range p.Quirks {
			if q.Rule == r.ID {
				form.Quirks = append(form.Quirks, ruleQuirk{p.Name, q.Name, q.Meaning})
			}
		}
	}
	for _, c := range conform.Catalogue() {
		if slices.Contains(strings.FieldsFunc(c.Source, notInID), r.ID) {
			form.Checks = append(form.Checks, checkLine{c.ID, c.Title})
		}
	}
	if asJSON {
		return writeJSON(w, form)
	}
	fmt.Fprintf(w, "%s: %s\n%s%s\n\n%s\n\n", r.ID, g.Title, f.Title, emulated(f), r.Says)
	for _, m := range r.Marks {
		fmt.Fprintf(w, "rests on: %s\n", m)
	}
	for _, s := range r.Sources {
		fmt.Fprintf(w, "source:   %s\n", s)
	}
	for _, q := range form.Quirks {
		fmt.Fprintf(w, "quirk:    %s of %s: %s\n", q.Name, q.Vendor, q.Meaning)
	}
	for _, c := range form.Checks {
		fmt.Fprintf(w, "check:    %s, %s\n", c.ID, c.Title)
	}
	if r.Means != "" {
		fmt.Fprintf(w, "\nFor a server:\n  %s\n", r.Means)
	}
	return nil
}

// notInID reports whether a rune cannot be part of a rule ID.
func notInID(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
}

// checkForm returns a check as JSON.
func checkForm(c check.Check) any {
	return struct {
		ID          string        `json:"id"`
		Title       string        `json:"title"`
		Requirement string        `json:"requirement"`
		Source      string        `json:"source"`
		Level       check.Level   `json:"level"`
		Tags        []check.Tag   `json:"tags,omitempty"`
		Needs       []string      `json:"needs,omitempty"`
		Advice      check.Advices `json:"advice"`
	}{c.ID, c.Title, c.Requirement, c.Source, c.Level, c.Tags, needWords(c), c.Advice}
}

func needWords(c check.Check) []string {
	var words []string
	for _, n := range c.Needs {
		words = append(words, n.String())
	}
	return words
}

// writeJSON writes a value as one line.
func writeJSON(w io.Writer, value any) error {
	j := json.NewEncoder(w)
	j.SetEscapeHTML(false)
	return j.Encode(value)
}

// ruleCounts says how far the rules of a family are documented.
func ruleCounts(f rules.Family) (counts map[rules.Basis]int, standIns []rules.Rule) {
	counts = map[rules.Basis]int{}
	for _, r := range f.Rules() {
		counts[r.Basis()]++
		if r.Has(rules.StandIn) {
			standIns = append(standIns, r)
		}
	}
	return counts, standIns
}

// countText returns the counts as words.
func countText(f rules.Family) string {
	counts, _ := ruleCounts(f)
	var parts []string
	for _, b := range rules.Bases {
		if counts[b] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", b, counts[b]))
		}
	}
	return fmt.Sprintf("%d rules: %s", len(f.Rules()), strings.Join(parts, ", "))
}

// vendorRules returns the rules of a vendor's phones; none where there are no rules.
func vendorRules(p *device.Personality) rules.Family {
	f, _ := rules.Of(p.Name)
	return f
}
