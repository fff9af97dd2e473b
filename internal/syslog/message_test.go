package syslog

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

const (
	config   = "tftp://192.0.2.1/IP542N.conf"
	firmware = "http://192.0.2.1/fw/v3.4.0.bin"
)

var (
	phone = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	noon  = time.Date(2026, 1, 2, 13, 0, 0, 250_000_000, time.FixedZone("", 3600))
)

func TestMessage(t *testing.T) {
	const start = "1 2026-01-02T12:00:00.250000Z 0021f2011b19 provsim - "
	const who = " - IP542N 00:21:f2:01:1b:19 -- "
	tests := []struct {
		rule  string
		event device.Event
		want  string // "" is no message
	}{
		{"a resync is asked for", device.Event{Kind: device.ResyncStart, URL: config, Cause: resync.Periodic},
			"<134>" + start + "resync.start" + who + "resync requested: " + config},
		{"a resync without a server", device.Event{Kind: device.ResyncStart}, ""},
		{"a resync succeeds", device.Event{Kind: device.ResyncDone, URL: config, Outcome: resync.Applied, Version: "2208"},
			"<133>" + start + "resync.done" + who + "resync succeeded: " + config + ": applied"},
		{"unchanged is a success too", device.Event{Kind: device.ResyncDone, URL: config, Outcome: resync.Unchanged},
			"<133>" + start + "resync.done" + who + "resync succeeded: " + config + ": unchanged"},
		{"a resync fails", device.Event{Kind: device.ResyncDone, URL: config, Outcome: resync.NotFound, Note: "error 1"},
			"<131>" + start + "resync.done" + who + "resync failed: " + config + ": not-found"},
		{"a resync without a server fails", device.Event{Kind: device.ResyncDone, Outcome: resync.NoServer},
			"<131>" + start + "resync.done" + who + "resync failed: -: no-server"},
		{"an upgrade is asked for", device.Event{Kind: device.UpgradeStart, URL: firmware},
			"<134>" + start + "upgrade.start" + who + "upgrade requested: " + firmware},
		{"an upgrade without a server", device.Event{Kind: device.UpgradeStart}, ""},
		{"an upgrade succeeds", device.Event{Kind: device.UpgradeDone, URL: firmware, Outcome: resync.Applied, Version: "v3.4.0"},
			"<133>" + start + "upgrade.done" + who + "upgrade succeeded: " + firmware + ": applied, version v3.4.0"},
		{"an upgrade fails", device.Event{Kind: device.UpgradeDone, URL: firmware, Outcome: resync.BadImage},
			"<131>" + start + "upgrade.done" + who + "upgrade failed: " + firmware + ": bad-image"},
		{"the parent is silent on all else", device.Event{Kind: device.Booted, Cause: resync.PowerOn}, ""},
		{"nothing can be written between the lines",
			device.Event{Kind: device.ResyncStart, URL: "tftp://h/a\r\n<0>b\x00\xff\u2028$PN"},
			"<134>" + start + "resync.start" + who + "resync requested: tftp://h/a??<0>b???$PN"},
		{"a long URL is cut, the outcome is not",
			device.Event{Kind: device.ResyncDone, URL: config + strings.Repeat("/", 5000), Outcome: resync.Timeout},
			"<131>" + start + "resync.done" + who + "resync failed: " + config + strings.Repeat("/", 1000-len(config)) + ": timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			r := journal.Record{Wall: noon, Device: phone, Event: tt.event}
			if got := string(message(&r, "IP542N")); got != tt.want {
				t.Errorf("found %q\nwant  %q", got, tt.want)
			}
		})
	}
}

func TestMessageOfVirtualTime(t *testing.T) {
	r := journal.Record{T: time.Hour, Device: phone, Event: device.Event{Kind: device.ResyncStart, URL: config}}
	const want = "<134>1 - 0021f2011b19 provsim - "
	if got := string(message(&r, "IP542N")); !strings.HasPrefix(got, want) {
		t.Errorf("found %q, want it to begin with %q", got, want)
	}
}

// A message fits into one Ethernet frame: 1452 bytes over IPv6.
func TestLongestMessage(t *testing.T) {
	long := strings.Repeat("x", 5000)
	r := journal.Record{Wall: noon, Device: phone, Event: device.Event{
		Kind: device.UpgradeDone, Outcome: resync.Applied, URL: long, Version: long,
	}}
	m := message(&r, long)
	if n := len(m); n > 1452 {
		t.Errorf("it has %d bytes, want at most 1452", n)
	}
	// It is cut and not empty: its head is there, and as much of the texts as fits.
	if !bytes.Contains(m, []byte("applied")) || len(m) < 1200 {
		t.Errorf("of a long message %d bytes are left: %.100q", len(m), m)
	}
}

func TestAnyMessageIsPrintable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := journal.Record{Wall: noon, Device: phone, Event: device.Event{
			Kind:    rapid.SampledFrom([]device.EventKind{device.ResyncStart, device.UpgradeDone}).Draw(t, "kind"),
			Outcome: resync.Applied,
			URL:     "tftp:" + string(rapid.SliceOf(rapid.Byte()).Draw(t, "url")),
			Version: rapid.String().Draw(t, "version"),
		}}
		m := string(message(&r, rapid.String().Draw(t, "product")))
		if i := strings.IndexFunc(m, func(r rune) bool { return r < ' ' || r > '~' }); m == "" || i >= 0 {
			t.Fatalf("byte %d is not printable: %q", i, m)
		}
	})
}
