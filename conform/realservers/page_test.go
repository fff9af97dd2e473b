//go:build linux

package realservers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/conform"
	"provsim/conform/check"
)

const page = "../../doc/real-servers.md"

// TestPage holds doc/real-servers.md against the findings. With -rewrite it runs
// after them, for TestFindings is above it and has ended by then.
func TestPage(t *testing.T) {
	got := text(t)
	if *rewrite {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page (-) is not of the findings (+); -rewrite writes it:\n%s", diff)
	}
}

// Whatever fails was seen with another program as well.
func TestFailuresAreVerified(t *testing.T) {
	for _, server := range servers {
		failed := map[string]bool{}
		for _, s := range server.setups {
			for _, f := range read(t, s.file(server)).Failures {
				failed[f.ID] = true
			}
		}
		for _, tried := range server.tries {
			for _, id := range tried.checks {
				if !slices.ContainsFunc(conform.Catalogue(), func(c check.Check) bool { return c.ID == id }) {
					t.Errorf("%s: %q is about %s, which is no check", server.name, tried.how, id)
				}
			}
		}
		for id := range failed {
			if !slices.ContainsFunc(server.tries, func(tried try) bool { return slices.Contains(tried.checks, id) }) {
				t.Errorf("%s: %s has no trial by hand", server.name, id)
			}
		}
	}
}

const preface = `# What the checks find on real servers

This page is made by ` + "`go test ./conform/realservers -rewrite`" + `, and held against what the servers do by the same test without
-rewrite, which is part of ` + "`make test`" + `. Each server runs on loopback, in the configuration that Debian gives it and in one that does
what the checks advise, and is asked all that applies to it. Two phones' configurations, with the password of a line, a firmware image and
a few files for TFTP are what it serves. Checks that write, and malformed packets, are among what is asked; of the checks that load a server,
those for web servers.

`

// text writes the page.
func text(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("| server | configuration | phones come by | asked | must | should | info | no verdict |\n|---|---|---|---|---|---|---|---|\n")
	for _, server := range servers {
		for _, s := range server.setups {
			summary(&b, server, &s, read(t, s.file(server)))
		}
	}
	b.WriteString("\nMust, should and info count failures of checks of that level; info never makes a setup bad. A check comes to no verdict where the server\nlacks what it is about.\n")
	for _, server := range servers {
		section(t, &b, server)
	}
	return b.String()
}

// summary writes the line of a setup.
func summary(b *strings.Builder, server *server, s *setup, r record) {
	counts := map[check.Level]int{}
	for _, f := range r.Failures {
		counts[f.Level]++
	}
	none := 0
	for _, w := range r.Without {
		none += len(w.Checks)
	}
	fmt.Fprintf(b, "| %s %s | %s | %s | %d | %d | %d | %d | %d |\n", server.name, r.Version, s.name, strings.ToUpper(s.over), r.Asked,
		counts[check.Must], counts[check.Should], counts[check.Info], none)
}

// section writes all about a server.
func section(t *testing.T, b *strings.Builder, server *server) {
	fmt.Fprintf(b, "\n## %s\n\n", server.name)
	for _, s := range server.setups {
		fmt.Fprintf(b, "- **%s**: %s %s\n", s.title(), s.about, s.means())
	}
	failures(t, b, server)
	reasons(t, b, server)
	b.WriteString("\nBy hand:\n\n")
	for _, tried := range server.tries {
		fmt.Fprintf(b, "- %s: %s. %s\n", strings.Join(tried.checks, ", "), tried.how, tried.saw)
	}
}

// means says where a setup's configuration is.
func (s *setup) means() string {
	if s.config != "" {
		return fmt.Sprintf("[%s](../conform/realservers/testdata/%[1]s)", s.config)
	}
	return "`" + strings.NewReplacer("{{.Host}}", "ADDRESS", "{{.Port}}", "PORT", "{{.Root}}", "FOLDER").Replace(strings.Join(s.args, " ")) + "`"
}

// A line is what several setups of a server have in common.
type line[T any] struct {
	what   T
	setups []string
}

// lines puts the setups together that have the same of something.
func lines[T any](t *testing.T, server *server, of func(record) []T, same func(a, b T) bool) (all []line[T]) {
	for _, s := range server.setups {
		for _, what := range of(read(t, s.file(server))) {
			i := slices.IndexFunc(all, func(l line[T]) bool { return same(l.what, what) })
			if i < 0 {
				i, all = len(all), append(all, line[T]{what: what})
			}
			all[i].setups = append(all[i].setups, s.title())
		}
	}
	return all
}

// title names a setup among those of its server.
func (s *setup) title() string { return s.name + ", " + strings.ToUpper(s.over) }

// failures writes a table of what the setups of a server fail.
func failures(t *testing.T, b *strings.Builder, server *server) {
	all := lines(t, server, func(r record) []failure { return r.Failures }, func(a, b failure) bool { return a == b })
	order := conform.Catalogue()
	at := func(id string) int { return slices.IndexFunc(order, func(c check.Check) bool { return c.ID == id }) }
	slices.SortStableFunc(all, func(a, b line[failure]) int { return at(a.what.ID) - at(b.what.ID) })
	b.WriteString("\n| check | level | what is required | expected | found | in |\n|---|---|---|---|---|---|\n")
	for _, l := range all {
		f := l.what
		fmt.Fprintf(b, "| %s | %v | %s | %s | %s | %s |\n", f.ID, f.Level, order[at(f.ID)].Title, cell(f.Expected), cell(f.Actual), strings.Join(l.setups, "; "))
	}
}

// reasons writes why checks have no verdict.
func reasons(t *testing.T, b *strings.Builder, server *server) {
	same := func(a, b without) bool { return a.Why == b.Why && slices.Equal(a.Checks, b.Checks) }
	for _, l := range lines(t, server, func(r record) []without { return r.Without }, same) {
		fmt.Fprintf(b, "\nNo verdict on %s: %s. (%s)\n", strings.Join(l.what.Checks, ", "), cell(l.what.Why), strings.Join(l.setups, "; "))
	}
}

// cell keeps a text within its cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
