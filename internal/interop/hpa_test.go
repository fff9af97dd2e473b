//go:build linux

package interop

import (
	"net"
	"strconv"
	"testing"

	"provsim/internal/testing/peer"
	"provsim/resync"
)

// hpa gives up root's rights after it has closed itself in its root directory.
var hpa = tftpKind{
	find: func(t *testing.T) string {
		peer.NeedRoot(t, "in.tftpd gives up root's rights")
		return peer.FindHPA(t)
	},
	args: func(host string, port uint16, root string) []string {
		return []string{"-L", "-4", "-a", net.JoinHostPort(host, strconv.Itoa(int(port))), "-u", "nobody", "--secure", root}
	},
}

var hpaCases = []tftpCase{
	{running, "no options", "/IP542N.conf", plain, resync.None, ""},
	{running, "no such file", "/missing.conf", plain, resync.NotFound, "ERROR 1"},
	{running, "no such file, options", "/missing.conf", all, resync.NotFound, "ERROR 1"},
	{running, "a file of mode 000", "/unreadable.conf", plain, resync.Refused, "Permission denied"},
	{running, "a directory", "/directory", plain, resync.Refused, "Is a directory"},
	{running, "above the root, which is the root in there", "/../IP542N.conf", plain, resync.None, ""},
	{running, "a file as large as the limit", "/limit.conf", size, resync.None, ""},
	{running, "a file over the limit", "/over.conf", plain, resync.TooLarge, ""},
	{running, "a file over the limit, size asked for", "/over.conf", size, resync.TooLarge, "1048577 bytes announced"},
	{stopped, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
	{frozen, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
}

// tftpd-hpa does not know RFC 7440.
var hpaGrants = []grant{
	{"none", plain, ""},
	{"blksize 1428", blk1428, ""},
	{"blksize 8192", blk8192, ""},
	{"windowsize 8", window8, "server grants no windowsize"},
	{"all", all, "server grants no windowsize"},
}

func TestHPA(t *testing.T) { hpa.check(t, hpaCases) }

func TestHPAGrants(t *testing.T) { hpa.checkGrants(t, hpaGrants) }

func TestHPARollover(t *testing.T) { hpa.checkRollover(t) }
