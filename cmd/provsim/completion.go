package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

const completionHelp = `
The script completes commands and flags, and leaves everything else to the
shell's completion of files. For bash, for example:

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

// flagWords returns a command's flags as they are typed.
func flagWords(c command) []string {
	fs := flagSet(c.name)
	c.setup(fs)
	words := flagNames(fs)
	for i := range words {
		words[i] = "--" + words[i]
	}
	return words
}

func bashCompletion(all []command) string {
	var names, cases []string
	for _, c := range all {
		names = append(names, c.name)
		if flags := flagWords(c); len(flags) > 0 {
			cases = append(cases, fmt.Sprintf("\t%s) words='%s' ;;", c.name, strings.Join(flags, " ")))
		}
	}
	return fmt.Sprintf(`_provsim() {
	local word=${COMP_WORDS[COMP_CWORD]} words=
	if [ "$COMP_CWORD" -eq 1 ] || [ "${COMP_WORDS[1]}" = help ]; then
		COMPREPLY=($(compgen -W '%s' -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
%s
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
	esac
}
complete -o default -F _provsim provsim
`, strings.Join(names, " "), strings.Join(cases, "\n"))
}

func zshCompletion(all []command) string {
	var names, cases []string
	for _, c := range all {
		names = append(names, fmt.Sprintf("'%s:%s'", c.name, c.short))
		if flags := flagWords(c); len(flags) > 0 {
			cases = append(cases, fmt.Sprintf("\t%s) options=(%s) ;;", c.name, strings.Join(flags, " ")))
		}
	}
	return fmt.Sprintf(`#compdef provsim
_provsim() {
	local -a commands options
	commands=(%s)
	if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then
		_describe command commands
		return
	fi
	case $words[2] in
%s
	esac
	if [[ $PREFIX == -* ]]; then
		compadd -a options
	else
		_files
	fi
}
compdef _provsim provsim
`, strings.Join(names, " "), strings.Join(cases, "\n"))
}

func fishCompletion(all []command) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "complete -c provsim -n __fish_use_subcommand -f -a %s -d '%s'\n", c.name, c.short)
	}
	for _, c := range all {
		for _, flag := range flagWords(c) {
			fmt.Fprintf(&b, "complete -c provsim -n '__fish_seen_subcommand_from %s' -l %s\n", c.name, strings.TrimPrefix(flag, "--"))
		}
	}
	return b.String()
}
