package main

import (
	"fmt"
	"os"
	"strings"

	"provsim/profile"
)

// renamed returns a table in which the settings have the file names of a file
// of lines "Web Name=FILE_NAME" (FV-SET-3). Without a file it is the table.
func renamed(t profile.Table, file string) (profile.Table, error) {
	if file == "" {
		return t, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return t, cannot(err, "")
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
