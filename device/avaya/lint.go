package avaya

import (
	"bytes"
	"slices"
	"strings"

	"provsim/device/steps"
	"provsim/profile"
)

// parseConfig returns the settings of a file, as if each line were carried out.
func parseConfig(body []byte) (profile.Config, error) {
	s := parse(body)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return profile.Config{}, profile.ErrEmpty
	case len(s.statements) == 0:
		return profile.Config{}, profile.Corrupt(noStatement)
	}
	var b profile.Builder
	for _, st := range s.statements {
		if st.kind == set {
			b.Set(st.name, st.value, st.line)
		}
	}
	for _, bad := range s.bad {
		b.Skip(bad)
	}
	return b.Config(), nil
}

// lint says what phones ignore of a file (AV-LANG-1 to -8).
func lint(file string, body []byte, known profile.Table) []profile.Finding {
	l := &steps.Linter{File: file, Known: known, Rule: "AV-LANG-2"}
	s := parse(body)
	if len(s.statements) == 0 {
		l.Add(0, 0, profile.Error, "AV-LANG-8", "the file has no SET, IF, GOTO, GET or tag", "the phone takes it for no file")
		return l.Findings()
	}
	for _, bad := range s.bad {
		l.Add(bad.Line, bad.Column, profile.Warning, "AV-LANG-8", bad.Why, "the phone ignores the line")
	}
	branches := false // settings of different models may stand twice
	for i, st := range s.statements {
		switch st.kind {
		case set:
			if branches {
				if p, ok := known.Named(st.name); ok && st.value != "" && p.Check(st.value) != nil {
					l.Add(st.line, 1, profile.Error, p.Source, st.name+": "+p.Check(st.value).Error(), "the line changes nothing")
				}
				continue
			}
			l.Setting(st.line, 1, st.name, st.value)
		case get:
			if bare := macroless.Replace(st.name); !isFileName(bare) {
				l.Add(st.line, 1, profile.Error, "AV-FILE-5", "GET names no valid file", "want 1 to 50 letters, digits, dots, hyphens and _")
			}
		case test, goTo:
			branches = true
			if s.below(i, st.tag) < 0 {
				l.Add(st.line, 1, profile.Warning, "AV-LANG-4", "no tag # "+profile.Quote(st.tag)+" stands below", "the rest of the file is ignored then")
			}
			if st.kind == test && !tested(st.name) {
				l.Add(st.line, 1, profile.Warning, "AV-LANG-5", "no phone tests $"+profile.Quote(st.name), "the line is ignored")
			}
		}
	}
	return l.Findings()
}

// macroless puts values of their lengths in place of macros.
var macroless = strings.NewReplacer("$MACADDR", "000000000000", "$MODEL4", "0000", "$SERIALNO", "0")

func tested(name string) bool {
	return slices.ContainsFunc(generations, func(g generation) bool { return slices.Contains(g.tests, name) })
}
