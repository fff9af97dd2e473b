package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/device/flyingvoice"
	"provsim/encrypt"
	"provsim/resync"
)

var rewrite = flag.Bool("rewrite", false, "write doc/reference.md anew")

// TestReference holds doc/reference.md against the tables that it is made from.
func TestReference(t *testing.T) {
	file := filepath.Join("..", "..", "doc", "reference.md")
	want := reference()
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
		t.Error("doc/reference.md is not what the tables say; go test ./cmd/provsim -run Reference -rewrite writes it anew")
	}
}

func reference() string {
	p := &flyingvoice.Personality
	var b strings.Builder
	b.WriteString("# Reference\n\nMade from the tables in the code by `go test ./cmd/provsim -run Reference -rewrite`.\n")
	table(&b, "Settings", "`--set 'NAME=VALUE'` takes both names. A configuration file takes the file name.",
		"Web name", "File name", "Type", "Default", "Meaning", "Source")
	for s := range p.Parameters.All() {
		kind := s.Type.String()
		if s.PerLine {
			kind += ", one for each line"
		}
		row(&b, s.Web, code(s.Name), kind, code(s.Default), s.Meaning, s.Source)
	}
	table(&b, "Quirks", "`--quirk NAME` switches one on, `--quirk NAME=VALUE` chooses.", "Name", "Values", "Rule", "Meaning", "Source")
	for _, q := range p.Quirks {
		values := "off, on"
		if len(q.Values) > 0 {
			values = strings.Join(q.Values, ", ")
		}
		row(&b, code(q.Name), values, q.Rule, q.Meaning, q.Source)
	}
	table(&b, "Ciphers", "`--cipher NAME` chooses that of keyed profiles.", "Name", "Rule", "What it is")
	for _, c := range encrypt.Ciphers() {
		row(&b, code(c.Name), c.Source, c.Doc)
	}
	table(&b, "Outcomes", "How a resync or an upgrade ends (FV-OUT-1).", "Word", "Counts as")
	for _, o := range resync.Outcomes() {
		counts := "failure"
		if o.Success() {
			counts = "success"
		}
		row(&b, code(o.String()), counts)
	}
	return b.String()
}

func table(b *strings.Builder, title, intro string, columns ...string) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", title, intro)
	row(b, columns...)
	fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", len(columns)))
}

func row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
