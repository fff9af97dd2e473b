package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/pflag"

	"provsim/fleet"
)

// scenarioFlags choose a scenario.
type scenarioFlags struct {
	file  string
	list  bool
	print string
}

func (f *scenarioFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.file, "scenario", "", "`FILE` in YAML, or the name of a shipped scenario")
	fs.BoolVar(&f.list, "list-scenarios", false, "list the shipped scenarios and exit")
	fs.StringVar(&f.print, "print-scenario", "", "print the shipped scenario with this `NAME`, to start from, and exit")
}

// load reads the scenario; without one it is the zero scenario.
func (f *scenarioFlags) load(e *env) (*fleet.Scenario, error) {
	if f.file == "" {
		return &fleet.Scenario{Name: "fleet"}, nil
	}
	text, err := readFile(e, f.file, fleet.MaxScenario)
	switch example, shipped := fleet.FindExample(f.file); {
	case errors.Is(err, fs.ErrNotExist) && shipped:
		text = example.Text
	case errors.Is(err, fs.ErrNotExist):
		return nil, cannot(err, "give a file, or one of the shipped scenarios, which --list-scenarios shows")
	case err != nil:
		return nil, err
	}
	s, err := fleet.ParseScenario(f.file, text)
	if err != nil {
		return nil, usage(err, "")
	}
	return s, nil
}

// listScenarios prints the shipped scenarios.
func listScenarios(e *env) error {
	for _, example := range fleet.Examples() {
		s, err := fleet.ParseScenario(example.Name, example.Text)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(e.out, "%-16s %s\n", example.Name, s.Description); err != nil {
			return err
		}
	}
	return nil
}

// printScenario prints the text of a shipped scenario.
func printScenario(e *env, name string) error {
	example, ok := fleet.FindExample(name)
	if !ok {
		var names []string
		for _, example := range fleet.Examples() {
			names = append(names, example.Name)
		}
		return usage(unknown("scenario", name, names), "--list-scenarios shows them all")
	}
	_, err := e.out.Write(example.Text)
	return err
}
