package tftp

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"provsim/device"
	"provsim/resync"
)

// A names maps host names to addresses; a name that is not there has none.
type names map[string][]string

func (n names) LookupNetIP(ctx context.Context, _, host string) (addrs []netip.Addr, err error) {
	switch host {
	case "never.test":
		<-ctx.Done()
		return nil, ctx.Err()
	case "slow.test":
		<-time.After(50 * time.Second)
	}
	for _, text := range n[host] {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	if addrs == nil && host != "empty.test" {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

func TestHostsAreResolved(t *testing.T) {
	resolver := names{
		"four.test": {"192.0.2.7"},
		"both.test": {"2001:db8::7", "192.0.2.7", "192.0.2.8"},
		"six.test":  {"2001:db8::7"},
	}
	for _, test := range []struct {
		rule, host, server string
		outcome            resync.Outcome
	}{
		{"an IPv4 address needs no resolver", "192.0.2.9", "192.0.2.9:69", resync.Timeout},
		{"an IPv6 address needs no resolver", "2001:db8::9", "[2001:db8::9]:69", resync.Timeout},
		{"a name with one address", "four.test", "192.0.2.7:69", resync.Timeout},
		{"the first IPv4 address wins", "both.test", "192.0.2.7:69", resync.Timeout},
		{"IPv6 where there is nothing else", "six.test", "[2001:db8::7]:69", resync.Timeout},
		{"an unknown name", "no.test", "", resync.DNS},
		{"a name without address", "empty.test", "", resync.DNS},
		{"a name server that never answers", "never.test", "", resync.Timeout},
	} {
		t.Run(test.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := newMemoryConn()
				var told, asked string
				client := Client{Resolver: resolver, Listen: func(_ context.Context, server netip.AddrPort) (net.PacketConn, error) {
					told = server.String()
					return conn, nil
				}}
				reply := client.Fetch(t.Context(), request(test.host))
				if len(conn.outbox) > 0 {
					asked = conn.outbox[0].addr.String()
				}
				if reply.Outcome != test.outcome || told != test.server || asked != test.server {
					t.Errorf("%v (%s) with a socket for %q to %q, want %v with both for %q",
						reply.Outcome, reply.Note, told, asked, test.outcome, test.server)
				}
			})
		})
	}
}

func TestLookUpCountsForWholeTime(t *testing.T) {
	for _, host := range []string{"slow.test", "never.test"} {
		synctest.Test(t, func(t *testing.T) {
			client := Client{
				Resolver: names{"slow.test": {"192.0.2.7"}},
				Listen:   func(context.Context, netip.AddrPort) (net.PacketConn, error) { return newMemoryConn(), nil },
			}
			begun := time.Now()
			reply := client.Fetch(t.Context(), request(host))
			if took := time.Since(begun); reply.Outcome != resync.Timeout || took != time.Minute {
				t.Errorf("%s: %v after %v, want a timeout after the minute of the request", host, reply.Outcome, took)
			}
		})
	}
}

func TestRequestsThatCannotBeMade(t *testing.T) {
	for _, test := range []struct {
		rule, path string
		options    device.TFTPOptions
	}{
		{rule: "a file name is not empty", path: "/"},
		{rule: "a file name has no NUL", path: "/a\x00b"},
		{rule: "a request has at most 512 bytes", path: "/" + strings.Repeat("x", 504)},
		{rule: "blksize is at least 8", path: "/x", options: device.TFTPOptions{BlockSize: 7}},
		{rule: "blksize is at most 65464", path: "/x", options: device.TFTPOptions{BlockSize: 65465}},
		{rule: "blksize is not negative", path: "/x", options: device.TFTPOptions{BlockSize: -1}},
		{rule: "windowsize is at most 65535", path: "/x", options: device.TFTPOptions{WindowSize: 65536}},
		{rule: "windowsize is not negative", path: "/x", options: device.TFTPOptions{WindowSize: -1}},
		{rule: "timeout is in whole seconds", path: "/x", options: device.TFTPOptions{Timeout: 1500 * time.Millisecond}},
		{rule: "timeout is at most 255 s", path: "/x", options: device.TFTPOptions{Timeout: 256 * time.Second}},
		{rule: "timeout is not negative", path: "/x", options: device.TFTPOptions{Timeout: -time.Second}},
	} {
		client := Client{Listen: func(context.Context, netip.AddrPort) (net.PacketConn, error) { panic("socket opened") }}
		req := request("192.0.2.1")
		req.Path, req.TFTP = test.path, test.options
		if reply := client.Fetch(t.Context(), req); reply.Outcome != resync.BadRule || reply.Note == "" {
			t.Errorf("%s: %v with note %q, want bad-rule with a note", test.rule, reply.Outcome, reply.Note)
		}
	}
}
