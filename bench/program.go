package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// absent says why a program cannot take part; empty: it can.
func absent(program string) string {
	if _, err := exec.LookPath(program); err != nil {
		return "not installed"
	}
	return ""
}

// execute runs a program to its end. What it says is of no interest: its result
// is checked.
func execute(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

// version returns what a program says of itself, without the list of its
// features that many add.
func version(ctx context.Context, program string, args ...string) string {
	if absent := absent(program); absent != "" {
		return absent
	}
	// Some exit with 1 in spite of a good answer.
	text, _ := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if end := strings.IndexAny(string(text), ",(\n"); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSpace(string(text))
}
