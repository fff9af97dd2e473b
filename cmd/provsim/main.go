// Command provsim emulates the provisioning firmware of VoIP phones and analog
// adapters: it boots simulated phones against a provisioning server.
//
// Run "provsim help" for its commands, and "provsim demo" to see one phone's
// story.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(execute(system())) }

// system is the one place that touches the globals of package os.
func system() *env {
	ctx, interrupt := context.WithCancel(context.Background())
	hard, end := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupt()
		<-signals
		end()
	}()
	return &env{ctx: ctx, hard: hard, args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr}
}
