package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestCommandsPage holds doc/commands.md against the commands that it is made from.
// dist/build makes the pages of the manual from it.
func TestCommandsPage(t *testing.T) {
	holdPage(t, "commands.md", commandsPage(), "CommandsPage")
}

func commandsPage() string {
	var b strings.Builder
	b.WriteString("# provsim\n\nEmulate the provisioning firmware of VoIP phones and analog adapters\n\n    provsim COMMAND [FLAGS] [ARGUMENTS]\n\n" +
		"Made from the commands by `go test ./cmd/provsim -run CommandsPage -rewrite`. `provsim help COMMAND` prints the same.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "- `%s`: %s\n", c.name, c.short)
	}
	fmt.Fprintf(&b, "\nExit codes:\n\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "- %d: %s\n", e.code, e.meaning)
	}
	b.WriteString("\nAn environment variable such as `PROVSIM_FLEET_DEVICES` sets a flag that is not given.\n")
	for _, c := range commands() {
		commandSection(&b, c)
		for _, p := range c.parts {
			commandSection(&b, p)
		}
	}
	return b.String()
}

func commandSection(b *strings.Builder, c command) {
	fs := flagSet(c.name)
	if c.setup != nil {
		c.setup(fs)
	}
	fmt.Fprintf(b, "\n## provsim %s\n\n%s\n\n    %s\n", c.name, strings.TrimSuffix(sentence(c.short), "."), c.line(fs))
	if c.long != "" {
		b.WriteString("\n")
	}
	for _, line := range strings.Split(strings.Trim(c.long, "\n"), "\n") {
		// The examples of a help text stand two columns in, Markdown wants four.
		if strings.HasPrefix(line, "  ") {
			line = "  " + line
		}
		if c.long != "" {
			b.WriteString(escapeText(line) + "\n")
		}
	}
	if len(c.parts) > 0 {
		b.WriteString("\n")
	}
	for _, p := range c.parts {
		fmt.Fprintf(b, "- `%s`: %s\n", strings.TrimPrefix(p.name, c.name+" "), p.short)
	}
	if fs.HasFlags() {
		b.WriteString("\nFlags:\n\n")
	}
	fs.VisitAll(func(f *pflag.Flag) {
		value, text := pflag.UnquoteUsage(f)
		if value != "" {
			value = " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s" {
			text += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		fmt.Fprintf(b, "- `--%s%s`: %s\n", f.Name, value, escapeText(text))
	})
}

// escapeText returns a line of text that Markdown leaves as it is. Examples, which are
// indented, need no escapes.
func escapeText(line string) string {
	if strings.HasPrefix(line, "    ") {
		return line
	}
	return strings.NewReplacer("<", `\<`, "*", `\*`, "_", `\_`, "`", "\\`").Replace(line)
}
