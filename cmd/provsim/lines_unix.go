//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

func ignoreTerminal() { signal.Ignore(syscall.SIGTTIN) }
