package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/rules"
)

var rewrite = flag.Bool("rewrite", false, "write the pages of doc that are made from tables anew")

// TestReference holds doc/reference.md against the tables that it is made from.
func TestReference(t *testing.T) {
	holdPage(t, "reference.md", reference(), "Reference")
}

// holdPage holds a page of doc against what it is made from, or writes it anew.
func holdPage(t *testing.T, name, want, test string) {
	t.Helper()
	file := filepath.Join("..", "..", "doc", name)
	if *rewrite {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("doc/%s is not what the tables say; go test ./cmd/provsim -run %s -rewrite writes it anew", name, test)
	}
}

// TestRulesPage holds doc/rules.md against the rules that it is made from.
func TestRulesPage(t *testing.T) {
	holdPage(t, "rules.md", rulesPage(), "RulesPage")
}

func rulesPage() string {
	var b strings.Builder
	b.WriteString("# Rules\n\nMade from `internal/rules` by `go test ./cmd/provsim -run RulesPage -rewrite`. " +
		"`provsim explain ID` prints one with the\nquirks and checks that belong to it.\n\n" +
		"What a rule rests on: `guide` is the vendor's own document, `documented` other public documents or servers that are\n" +
		"written for these phones, `parent` the firmware from which this one descends, `reading` our reading of a gap, `own` our own\n" +
		"definition, `extension` goes beyond the documents, `stand-in` takes the place of what is not public.\n")
	for _, f := range rules.Families() {
		fmt.Fprintf(&b, "\n## %s: %s\n\n%s.\n", f.Prefix, f.Title, countText(f))
		for _, g := range f.Groups {
			if g.ID != f.Prefix {
				fmt.Fprintf(&b, "\n### %s: %s\n", g.ID, g.Title)
			}
			for _, r := range g.Rules {
				fmt.Fprintf(&b, "\n**%s** (%s) %s", r.ID, basis(r), escape(r.Says))
				if r.Means != "" {
					fmt.Fprintf(&b, " *For a server: %s*", escape(r.Means))
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}

func basis(r rules.Rule) string {
	words := make([]string, len(r.Marks))
	for i, m := range r.Marks {
		words[i] = string(m)
	}
	text := strings.Join(words, ", ")
	if len(r.Sources) > 0 {
		text += ": " + strings.Join(r.Sources, "; ")
	}
	return escape(text)
}

// escape returns a text in which Markdown sees no marks.
func escape(text string) string {
	return strings.NewReplacer("<", `\<`, "*", `\*`, "_", `\_`, "|", `\|`, "[", `\[`).Replace(text)
}

// namedQuirk is a quirk in the text of a rule.
var namedQuirk = regexp.MustCompile(`[Qq]uirk ([a-z0-9]+[-=][a-z0-9=-]+)`)

// TestVendorsHaveRules holds that the rules of all vendors' phones can be explained.
func TestVendorsHaveRules(t *testing.T) {
	for _, p := range vendors.All() {
		f, ok := rules.Of(p.Name)
		if !ok {
			t.Errorf("%s has no rules: internal/rules needs a file for them", p.Name)
		}
		for _, q := range p.Quirks {
			if _, _, _, ok := rules.Find(q.Rule); !ok {
				t.Errorf("%s: quirk %s belongs to %s, which no rule is", p.Name, q.Name, q.Rule)
			}
		}
		for _, r := range f.Rules() {
			for _, m := range namedQuirk.FindAllStringSubmatch(r.Says, -1) {
				if _, err := p.ParseQuirks(m[1:]); err != nil {
					t.Errorf("%s: %v", r.ID, err)
				}
			}
		}
		form, err := vendorOf(p, true)
		if err != nil || len(form.Files) == 0 {
			t.Errorf("%s asks for no file: %v", p.Name, err)
		}
		if counts, _ := ruleCounts(f); ok && counts[rules.Whole] == 0 {
			t.Errorf("%s: no rule is documented", p.Name)
		}
	}
}

func reference() string {
	var b strings.Builder
	b.WriteString("# Reference\n\nMade from the tables in the code by `go test ./cmd/provsim -run Reference -rewrite`. `provsim vendors NAME` prints the\n" +
		"same of one vendor, with its products, addresses and files.\n\n`--set 'NAME=VALUE'` takes both names of a setting; a configuration file takes the file name. " +
		"`--quirk NAME` switches a\nquirk on, `--quirk NAME=VALUE` chooses.\n")
	for _, p := range vendors.All() {
		table(&b, p.Vendor+" (`--vendor "+p.Name+"`): settings", "", "Web name", "File name", "Type", "Default", "Meaning", "Source")
		for s := range p.Parameters.All() {
			kind := s.Type.String()
			if s.PerLine {
				kind += ", one for each line"
			}
			row(&b, escape(s.Web), code(s.Name), kind, code(s.Default), escape(s.Meaning), s.Source)
		}
		if len(p.Quirks) == 0 {
			continue
		}
		table(&b, p.Vendor+" (`--vendor "+p.Name+"`): quirks", "", "Name", "Values", "Rule", "Meaning", "Source")
		for _, q := range p.Quirks {
			values := "off, on"
			if len(q.Values) > 0 {
				values = strings.Join(q.Values, ", ")
			}
			row(&b, code(q.Name), values, q.Rule, escape(q.Meaning), q.Source)
		}
	}
	table(&b, "Ciphers", "`--cipher NAME` chooses that of keyed profiles.", "Name", "Rule", "What it is")
	for _, c := range encrypt.Ciphers() {
		row(&b, code(c.Name), c.Source, c.Doc)
	}
	return b.String()
}

func table(b *strings.Builder, title, intro string, columns ...string) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if intro != "" {
		fmt.Fprintf(b, "%s\n\n", intro)
	}
	row(b, columns...)
	fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", len(columns)))
}

func row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, `\|`, "|"), "|", `\|`)
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
