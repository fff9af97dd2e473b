package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/resync"
)

// patience is how long a single transfer may last.
const patience = time.Minute

// A transfer is one file to be fetched into another one.
type transfer struct {
	server  netip.AddrPort
	name    string
	into    string
	options device.TFTPOptions // BlockSize and WindowSize only
}

func (t transfer) host() string { return t.server.Addr().String() }

func (t transfer) port() string { return fmt.Sprint(t.server.Port()) }

// A client fetches files: a program, by one process for each, or provsim in
// this process.
type client struct {
	name             string
	blksize, windows bool                    // it knows RFC 2348, RFC 7440
	args             func(transfer) []string // of the program; nil: in process
}

func clients() []client {
	return []client{
		{name: "provsim", blksize: true, windows: true},
		{name: "tftp", args: tftpArgs},
		{name: "atftp", blksize: true, windows: true, args: atftpArgs},
		{name: "curl", blksize: true, args: curlArgs},
	}
}

func tftpArgs(t transfer) []string {
	return []string{"-4", "-m", "binary", t.host(), t.port(), "-c", "get", t.name, t.into}
}

func atftpArgs(t transfer) []string {
	var args []string
	if t.options.BlockSize > 0 {
		args = append(args, "--option", fmt.Sprintf("blksize %d", t.options.BlockSize))
	}
	if t.options.WindowSize > 0 {
		args = append(args, "--option", fmt.Sprintf("windowsize %d", t.options.WindowSize))
	}
	return append(args, "-g", "-r", t.name, "-l", t.into, t.host(), t.port())
}

func curlArgs(t transfer) []string {
	args := []string{"-s", "-o", t.into, fmt.Sprintf("tftp://%v/%s", t.server, t.name)}
	if t.options.BlockSize > 0 {
		return append(args, "--tftp-blksize", strconv.Itoa(t.options.BlockSize))
	}
	return append(args, "--tftp-no-options")
}

// lacks says why a client cannot do transfers with these options; empty: it can.
func (c client) lacks(options device.TFTPOptions) string {
	switch {
	case options.BlockSize > 0 && !c.blksize:
		return "no options"
	case options.WindowSize > 0 && !c.windows:
		return "no windowsize"
	case c.args != nil:
		return absent(c.name)
	}
	return ""
}

// fetch does one transfer. Where a device would keep the file in memory it is
// written, because the programs write theirs too.
func (c client) fetch(ctx context.Context, t transfer) error {
	if c.args != nil {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return execute(ctx, c.name, c.args(t)...)
	}
	reply := tftp.Client{}.Fetch(ctx, device.Request{
		Scheme: "tftp", Host: t.host(), Port: t.server.Port(), Path: "/" + t.name,
		Limit: 64 << 20, Timeout: patience, TFTP: t.options,
	})
	if reply.Outcome != resync.None {
		return fmt.Errorf("%s from %v: outcome %v: %s", t.name, t.server, reply.Outcome, reply.Note)
	}
	return os.WriteFile(t.into, reply.Body, 0o600)
}
