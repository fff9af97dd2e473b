package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/fleet/scenario"
)

const completionHelp = `
The script completes commands, flags, their values where there is a list of them,
vendors and the IDs of rules and checks, and leaves everything else to the shell's
completion of files. For bash, for example:

  provsim completion bash > /etc/bash_completion.d/provsim`

func setupCompletion(*pflag.FlagSet) func(*env, []string) error {
	return func(e *env, args []string) error {
		if err := wantArgs(args, 1, 1, "one shell: bash, zsh or fish"); err != nil {
			return err
		}
		script, ok := completions[args[0]]
		if !ok {
			return usage(unknown("shell", args[0], []string{"bash", "zsh", "fish"}), "want bash, zsh or fish")
		}
		_, err := fmt.Fprint(e.out, script(commands()))
		return err
	}
}

var completions = map[string]func([]command) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}

// flagWords returns a command's flags as they are typed, and before them the
// words that choose one of its parts.
func flagWords(c command) []string {
	if c.parts != nil {
		var words []string
		for _, p := range c.parts {
			words = append(words, strings.TrimPrefix(p.name, c.name+" "))
			words = append(words, flagWords(p)...)
		}
		slices.Sort(words)
		return slices.Compact(words)
	}
	fs := flagSet(c.name)
	c.setup(fs)
	words := flagNames(fs)
	for i := range words {
		words[i] = "--" + words[i]
	}
	return words
}

// argumentWords returns what may be an argument of a command; none: files.
func argumentWords(c command) []string {
	if c.words == nil {
		return nil
	}
	return c.words()
}

// flagValues are the values of flags of which there is a list.
func flagValues() map[string][]string {
	var scenarios, quirks, ciphers, checks []string
	for _, s := range scenario.Examples() {
		scenarios = append(scenarios, s.Name)
	}
	for _, p := range vendors.All() {
		for _, q := range p.Quirks {
			quirks = append(quirks, q.Name)
		}
	}
	slices.Sort(quirks)
	for _, c := range encrypt.Ciphers() {
		ciphers = append(ciphers, c.Name)
	}
	for _, g := range checkGroups() {
		for _, c := range g.checks {
			checks = append(checks, c.ID)
		}
	}
	formats := reportFormatNames()
	for _, f := range formatNames() {
		if !slices.Contains(formats, f) {
			formats = append(formats, f)
		}
	}
	return map[string][]string{
		"vendor": vendors.Names(), "scenario": scenarios, "quirk": slices.Compact(quirks), "cipher": ciphers,
		"only": checks, "skip": checks, "explain": checks, "format": formats, "level": {"info", "should", "must"},
	}
}

// valueCases returns a line for each flag of flagValues, made by a form of its name and
// its values.
func valueCases(form string) string {
	values := flagValues()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, form, name, strings.Join(values[name], " "))
	}
	return b.String()
}

func bashCompletion(all []command) string {
	var names, cases []string
	for _, c := range all {
		names = append(names, c.name)
		flags, arguments := flagWords(c), argumentWords(c)
		if len(flags) > 0 || len(arguments) > 0 {
			cases = append(cases, fmt.Sprintf("\t%s) words='%s' arguments='%s' ;;", c.name, strings.Join(flags, " "), strings.Join(arguments, " ")))
		}
	}
	return fmt.Sprintf(`_provsim() {
	local word=${COMP_WORDS[COMP_CWORD]} words= arguments=
	if [ "$COMP_CWORD" -eq 1 ] || [ "${COMP_WORDS[1]}" = help ]; then
		COMPREPLY=($(compgen -W '%s' -- "$word"))
		return
	fi
	local before=${COMP_WORDS[COMP_CWORD-1]}
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD-2]}
	case $before in
%s	esac
	case ${COMP_WORDS[1]} in
%s
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
	*) COMPREPLY=($(compgen -W "$arguments" -- "$word")) ;;
	esac
}
complete -o default -F _provsim provsim
`, strings.Join(names, " "), valueCases("\t--%s) COMPREPLY=($(compgen -W '%s' -- \"${word#=}\")); return ;;\n"), strings.Join(cases, "\n"))
}

func zshCompletion(all []command) string {
	var names, cases []string
	for _, c := range all {
		names = append(names, fmt.Sprintf("'%s:%s'", c.name, c.short))
		flags, arguments := flagWords(c), argumentWords(c)
		if len(flags) > 0 || len(arguments) > 0 {
			cases = append(cases, fmt.Sprintf("\t%s) options=(%s) arguments=(%s) ;;", c.name, strings.Join(flags, " "), strings.Join(arguments, " ")))
		}
	}
	return fmt.Sprintf(`#compdef provsim
_provsim() {
	local -a commands options arguments
	commands=(%s)
	if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then
		_describe command commands
		return
	fi
	case $words[CURRENT-1] in
%s	esac
	case $words[2] in
%s
	esac
	if [[ $PREFIX == -* ]]; then
		compadd -a options
	elif (( $#arguments )); then
		compadd -a arguments
	else
		_files
	fi
}
compdef _provsim provsim
`, strings.Join(names, " "), valueCases("\t--%s) compadd -- %s; return ;;\n"), strings.Join(cases, "\n"))
}

func fishCompletion(all []command) string {
	var b strings.Builder
	values := flagValues()
	for _, c := range all {
		fmt.Fprintf(&b, "complete -c provsim -n __fish_use_subcommand -f -a %s -d '%s'\n", c.name, c.short)
	}
	for _, c := range all {
		for _, flag := range flagWords(c) {
			name := strings.TrimPrefix(flag, "--")
			fmt.Fprintf(&b, "complete -c provsim -n '__fish_seen_subcommand_from %s' -l %s", c.name, name)
			if list := values[name]; list != nil {
				fmt.Fprintf(&b, " -r -a '%s'", strings.Join(list, " "))
			}
			fmt.Fprintln(&b)
		}
		if arguments := argumentWords(c); len(arguments) > 0 {
			fmt.Fprintf(&b, "complete -c provsim -n '__fish_seen_subcommand_from %s' -f -a '%s'\n", c.name, strings.Join(arguments, " "))
		}
	}
	return b.String()
}
