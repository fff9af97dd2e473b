// Command bench measures provsim beside the programs that do the same work and
// prints Markdown for doc/performance.md. The script bench/run runs all of it;
// each section can be had alone:
//
//	bench machine           where the figures come from
//	bench medians <FILE     medians of what go test -bench -count N wrote
//	bench cipher PROVSIM    encrypt and decrypt beside openssl; PROVSIM is the built command
//	bench tftp              the TFTP client beside tftp, atftp and curl
//	bench dhcp              DHCP clients behind a relay agent beside perfdhcp; needs root
//
// # Fairness
//
// The contenders of a row do the same work in turn, round after round, so that
// a machine that slows down slows all of them. Every transfer ends in a file,
// whose content is compared with what it must be outside the measured time. A
// program that is not installed has a cell that says so.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit ends a section that hangs, programs that it has started included.
const limit = 10 * time.Minute

const usage = "want one of: machine, medians, cipher PROVSIM, tftp, dhcp"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, limit)
	err := run(ctx, os.Args[1:])
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does one section.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch section := args[0]; {
	case section == "machine" && len(args) == 1:
		return machine(ctx, os.Stdout)
	case section == "medians" && len(args) == 1:
		return medians(os.Stdin, os.Stdout)
	case section == "cipher" && len(args) == 2:
		return inScratch(func(dir string) error { return ciphers(ctx, os.Stdout, dir, args[1]) })
	case section == "tftp" && len(args) == 1:
		return inScratch(func(dir string) error { return transfers(ctx, os.Stdout, dir) })
	case section == "dhcp" && len(args) == 1:
		return inScratch(func(dir string) error { return exchanges(ctx, os.Stdout, dir) })
	case section == "lab" && len(args) == 3: // one of the servers of tftp
		return serveLab(ctx, args[1], args[2])
	case section == "dhcp-load" && len(args) == 2: // what dhcp runs at the phones' end
		return dhcpLoad(ctx, os.Stdout, args[1])
	}
	return fmt.Errorf("%q: %s", args, usage)
}

// inScratch gives do a directory that is gone afterwards. Servers read it as
// another user, so it is open to all.
func inScratch(do func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(memory(), "provsim-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return do(dir)
}

// memory returns where files are kept in memory, if the system has such a
// place. To create a file on a disk takes as long as to fetch it.
func memory() string {
	const linux = "/dev/shm"
	if info, err := os.Stat(linux); err == nil && info.IsDir() {
		return linux
	}
	return os.TempDir()
}
