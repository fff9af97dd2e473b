package main

import (
	"errors"
	"fmt"
	"strings"

	"provsim/device"
	"provsim/profile"
	"provsim/profile/rule"
)

// set adds one setting by its web or file name, after a check.
func set(m *device.Model, config profile.Config, flag, name, value string) (profile.Config, error) {
	p, ok := m.Parameters.Find(name)
	if !ok {
		return config, usage(fmt.Errorf("%s: %w", flag, unknownSetting(m, name)), "")
	}
	if err := m.Personality.Check(m.Quirks, p, value); err != nil {
		return config, usage(fmt.Errorf("%s: %s: %w", flag, name, err), "")
	}
	config, err := config.With(p.Name, value)
	if err != nil {
		return config, usage(fmt.Errorf("%s: %w", flag, err), "")
	}
	return config, nil
}

// warnOfRules prints what is wrong with rules. A device stores a wrong rule, and
// its resyncs fail with bad-rule.
func warnOfRules(e *env, m *device.Model, config profile.Config) {
	for name, value := range config.All() {
		p, _ := m.Parameters.Find(name)
		var bad *rule.Error
		if err := p.Check(value); errors.As(err, &bad) {
			fmt.Fprintf(e.err, "provsim: warning: %s: %v\n%s\n", p.Web, err, bad.Caret())
		}
	}
}

func unknownSetting(m *device.Model, name string) error {
	if near, ok := m.Parameters.Nearest(name); ok {
		return fmt.Errorf("unknown setting %q, did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown setting %q", name)
}

// renamed returns a table in which settings have other file names: those of a
// file of lines "Web Name=FILE_NAME" (FV-SET-3). Without a file it returns t.
func renamed(e *env, t profile.Table, file string) (profile.Table, error) {
	if file == "" {
		return t, nil
	}
	text, err := readFile(e, file, maxSmallFile)
	if err != nil {
		return t, err
	}
	names := map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		web, name, ok := strings.Cut(line, "=")
		if !ok {
			return t, usage(fmt.Errorf("%s:%d: found no '=', want a line 'Web Name=FILE_NAME'", file, i+1), "")
		}
		names[strings.TrimSpace(web)] = strings.TrimSpace(name)
	}
	t, err = t.Rename(names)
	if err != nil {
		return t, usage(fmt.Errorf("%s: %w", file, err), "")
	}
	return t, nil
}
