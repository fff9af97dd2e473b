//go:build linux

package interop

import (
	"strconv"
	"testing"

	"provsim/internal/testing/peer"
	"provsim/resync"
)

var atftpd = tftpKind{
	find: func(t *testing.T) string {
		peer.NeedRoot(t, "atftpd gives up root's rights")
		return peer.Find(t, "atftpd", "atftpd")
	},
	args: func(host string, port uint16, root string) []string {
		return []string{
			"--daemon", "--no-fork", "--bind-address", host, "--port", strconv.Itoa(int(port)),
			"--user", "nobody.nogroup", "--logfile", "-", "--verbose=6", root,
		}
	},
}

// atftpd takes a file that it cannot read for none, and a directory for a file without
// bytes, whose size it announces as the directory's.
var atftpdCases = []tftpCase{
	{running, "no options", "/IP542N.conf", plain, resync.None, ""},
	{running, "no such file", "/missing.conf", plain, resync.NotFound, "ERROR 1"},
	{running, "no such file, options", "/missing.conf", all, resync.NotFound, "ERROR 1"},
	{running, "a file of mode 000", "/unreadable.conf", plain, resync.NotFound, "ERROR 1"},
	{running, "a directory", "/directory", plain, resync.None, ""},
	{running, "a directory, size asked for", "/directory", size, resync.Truncated, "0 came"},
	{running, "above the root", "/../IP542N.conf", plain, resync.Refused, "ERROR 2"},
	{running, "a file as large as the limit", "/limit.conf", size, resync.None, ""},
	{running, "a file over the limit", "/over.conf", plain, resync.TooLarge, ""},
	{running, "a file over the limit, size asked for", "/over.conf", size, resync.TooLarge, "1048577 bytes announced"},
	{stopped, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
	{frozen, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
}

var atftpdGrants = []grant{
	{"none", plain, ""},
	{"blksize 1428", blk1428, ""},
	{"blksize 8192", blk8192, ""},
	{"windowsize 8", window8, ""},
	{"all", all, ""},
}

func TestAtftpd(t *testing.T) { atftpd.check(t, atftpdCases) }

func TestAtftpdGrants(t *testing.T) { atftpd.checkGrants(t, atftpdGrants) }

func TestAtftpdRollover(t *testing.T) { atftpd.checkRollover(t) }
