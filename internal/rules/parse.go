package rules

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// forms of lines, compiled when a family is read and not at every start of provsim.
var forms = sync.OnceValue(func() (f struct{ family, source, group, rule *regexp.Regexp }) {
	f.family = regexp.MustCompile(`^# ([A-Z]+)( [a-z-]+)?: (.+)$`)
	f.source = regexp.MustCompile(`^@(\S+) (.+)$`)
	f.group = regexp.MustCompile(`^## ([A-Z]+): (.+)$`)
	f.rule = regexp.MustCompile(`^([A-Z]+(?:-[A-Z]+)?)-[0-9]+[a-z]? \[([^]]+)\] ?(.*)$`)
	return f
})

// Parse reads the rules of one family. Its first line is "# PREFIX VENDOR: title",
// without the vendor where it is no phone. "@CODE title" is a document that rules
// name by its code, "## GROUP: title" begins a group, and a rule is two or three
// lines: "ID [MARKS] SOURCE; SOURCE", what it says, and after ">" what it means for
// a server.
func Parse(text string) (Family, error) {
	var f Family
	documents := map[string]string{}
	var rule *Rule // the one whose sentences come next
	for n, line := range strings.Split(text, "\n") {
		fail := func(want string) (Family, error) {
			return Family{}, fmt.Errorf("line %d: found %q, want %s", n+1, line, want)
		}
		if n == 0 {
			m := forms().family.FindStringSubmatch(line)
			if m == nil {
				return fail("# PREFIX VENDOR: title")
			}
			f = Family{Prefix: m[1], Vendor: strings.TrimSpace(m[2]), Title: m[3]}
			continue
		}
		switch {
		case line == "":
			if rule != nil && rule.Says == "" {
				return fail("what the rule says")
			}
			rule = nil
		case rule != nil && rule.Says == "":
			rule.Says = line
		case rule != nil && rule.Means == "" && strings.HasPrefix(line, "> "):
			rule.Means = line[2:]
		case forms().source.MatchString(line):
			m := forms().source.FindStringSubmatch(line)
			documents[m[1]] = m[2]
		case forms().group.MatchString(line):
			m := forms().group.FindStringSubmatch(line)
			f.Groups = append(f.Groups, Group{ID: f.Prefix + "-" + m[1], Title: m[2]})
		case rule == nil && forms().rule.MatchString(line):
			m := forms().rule.FindStringSubmatch(line)
			if m[1] == f.Prefix && f.Groups == nil {
				f.Groups = []Group{{ID: f.Prefix, Title: f.Title}} // a family that is one group
			}
			if len(f.Groups) == 0 || f.Groups[len(f.Groups)-1].ID != m[1] {
				return fail("a rule of the group")
			}
			g := &f.Groups[len(f.Groups)-1]
			id, _, _ := strings.Cut(line, " ")
			g.Rules = append(g.Rules, Rule{ID: id, Sources: sources(m[3], documents)})
			rule = &g.Rules[len(g.Rules)-1]
			for _, word := range strings.Split(m[2], ", ") {
				mark, ok := marks[word]
				if !ok {
					return fail("marks of S, D, P, I, O, E and stand-in")
				}
				rule.Marks = append(rule.Marks, mark)
			}
		default:
			return fail("a document, a group, a rule or a sentence")
		}
	}
	if rule != nil && rule.Says == "" {
		return Family{}, fmt.Errorf("%s says nothing", rule.ID)
	}
	return f, nil
}

// sources reads a list of documents by their codes, each with a place in it.
func sources(list string, documents map[string]string) []string {
	var all []string
	for _, s := range strings.Split(list, "; ") {
		code, place, _ := strings.Cut(s, " ")
		title, ok := documents[code]
		switch {
		case s == "":
			continue
		case ok && place != "":
			s = title + ", " + place
		case ok:
			s = title
		}
		all = append(all, s)
	}
	return all
}
