// Command bench measures provsim beside the programs that do the same work and
// prints Markdown for doc/performance.md. The script bench/run runs all of it;
// each section can be had alone:
//
//	bench machine           where the figures come from
//	bench medians <FILE     medians of what go test -bench -count N wrote
//	bench cipher PROVSIM    encrypt and decrypt beside openssl; PROVSIM is the built command
//	bench tftp              the TFTP client beside tftp, atftp and curl
//	bench plan PROVSIM      whole plans in virtual time, up to a million phones
//	bench dhcp              DHCP clients behind a relay agent beside perfdhcp; needs root
//	bench fleet VEGETA      phones in a fleet beside wrk, ab, vegeta, pin/tftp and bare sockets; needs root for
//	                        port 69; VEGETA is the built program (bench/peers); http, https, tftp or dashboard behind it: that alone
//	bench punctual PROVSIM  how late the resyncs of 10,000 phones start, a thousand a second
//	bench soak PROVSIM [LENGTH]
//	                        20,000 phones against a server with faults, for ten minutes unless told; watched for growth
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
const limit = 15 * time.Minute

const usage = "want one of: machine, medians, cipher PROVSIM, tftp, dhcp, plan PROVSIM, fleet VEGETA, punctual PROVSIM, soak PROVSIM"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, limit)
	err := section(ctx, os.Args[1:])
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// section does one section.
func section(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch name := args[0]; {
	case name == "machine" && len(args) == 1:
		return machine(ctx, os.Stdout)
	case name == "medians" && len(args) == 1:
		return medians(os.Stdin, os.Stdout)
	case name == "cipher" && len(args) == 2:
		return inScratch(func(dir string) error { return ciphers(ctx, os.Stdout, dir, args[1]) })
	case name == "tftp" && len(args) == 1:
		return inScratch(func(dir string) error { return transfers(ctx, os.Stdout, dir) })
	case name == "dhcp" && len(args) == 1:
		return inScratch(func(dir string) error { return exchanges(ctx, os.Stdout, dir) })
	case name == "plan" && len(args) == 2:
		return inScratch(func(dir string) error { return plans(ctx, os.Stdout, dir, args[1]) })
	case name == "fleet" && len(args) >= 2:
		kinds := args[2:]
		if len(kinds) == 0 {
			kinds = []string{"http", "https", "tftp", "dashboard"}
		}
		return inScratch(func(dir string) error { return fleets(ctx, os.Stdout, dir, args[1], kinds...) })
	case name == "punctual" && len(args) == 2:
		return inScratch(func(dir string) error { return punctual(ctx, os.Stdout, dir, args[1]) })
	case name == "soak" && (len(args) == 2 || len(args) == 3):
		length, err := soakLength(args[2:])
		if err != nil {
			return err
		}
		return inScratch(func(dir string) error { return soak(ctx, os.Stdout, dir, args[1], length) })
	case name == "fleet-load": // what fleet runs beside the other programs
		return fleetLoadMain(ctx, os.Stdout, args[1:])
	case name == "watched-load":
		return watchedLoadMain(ctx, os.Stdout, args[1:])
	case loops[name] != nil:
		return loopMain(ctx, os.Stdout, name, args[1:])
	case name == "lab" && len(args) == 3: // one of the servers of tftp
		return serveLab(ctx, args[1], args[2])
	case name == "dhcp-load" && len(args) == 2: // what dhcp runs at the phones' end
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
