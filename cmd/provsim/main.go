// Command provsim emulates the provisioning firmware of VoIP phones and analog
// adapters: it boots simulated phones against a provisioning server.
//
// Run "provsim help" for its commands, and "provsim demo" to see what one phone
// does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(execute(system())) }

// system is the one place that touches the globals of package os.
//
// The first signal ends the context ctx, and the command ends in order. The second
// one ends the process, whatever it waits for. A command that drains ends in order
// at the second signal too, when the context hard ends; a third one ends its
// process.
func system() *env {
	ctx, interrupt := context.WithCancel(context.Background())
	hard, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupt()
		<-signals
		end()
		if len(os.Args) > 1 && drains(os.Args[1]) {
			<-signals
		}
		os.Exit(exitInterrupted)
	}()
	return &env{ctx: ctx, hard: hard, args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr}
}

func drains(name string) bool {
	c, err := findCommand(name)
	return err == nil && c.drains
}
