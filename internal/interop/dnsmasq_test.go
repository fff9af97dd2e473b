//go:build linux

package interop

import (
	"testing"

	"provsim/internal/testing/peer"
	"provsim/resync"
)

// dnsmasq does only TFTP here, and reads no configuration of this machine.
var dnsmasq = tftpKind{
	find: func(t *testing.T) string {
		peer.NeedRoot(t, "dnsmasq has no other port for TFTP than 69")
		return peer.Find(t, "dnsmasq", "dnsmasq")
	},
	port: 69,
	args: func(host string, _ uint16, root string) []string {
		return []string{
			"--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-", "--user=nobody",
			"--port=0", "--bind-interfaces", "--listen-address=" + host, "--enable-tftp", "--tftp-root=" + root,
		}
	},
}

var dnsmasqCases = []tftpCase{
	{running, "no options", "/IP542N.conf", plain, resync.None, ""},
	{running, "no such file", "/missing.conf", plain, resync.NotFound, "ERROR 1"},
	{running, "no such file, options", "/missing.conf", all, resync.NotFound, "ERROR 1"},
	{running, "a file of mode 000", "/unreadable.conf", plain, resync.Refused, "ERROR 2"},
	{running, "a directory", "/directory", plain, resync.Refused, "Is a directory"},
	{running, "above the root", "/../IP542N.conf", plain, resync.Refused, "ERROR 2"},
	{running, "a file as large as the limit", "/limit.conf", size, resync.None, ""},
	{running, "a file over the limit", "/over.conf", plain, resync.TooLarge, ""},
	{running, "a file over the limit, size asked for", "/over.conf", size, resync.TooLarge, "1048577 bytes announced"},
	{stopped, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
	{frozen, "no options", "/IP542N.conf", plain, resync.Timeout, "no answer"},
}

// dnsmasq takes no more into a block than into its buffer, 2263 bytes in version
// 2.90, and knows neither the timeout option nor RFC 7440.
var dnsmasqGrants = []grant{
	{"none", plain, ""},
	{"blksize 1428", blk1428, ""},
	{"blksize 8192", blk8192, "server grants blksize="},
	{"windowsize 8", window8, "server grants no windowsize"},
	{"all", all, "server grants no timeout, no windowsize"},
}

func TestDnsmasq(t *testing.T) { dnsmasq.check(t, dnsmasqCases) }

func TestDnsmasqGrants(t *testing.T) { dnsmasq.checkGrants(t, dnsmasqGrants) }

func TestDnsmasqRollover(t *testing.T) { dnsmasq.checkRollover(t) }
