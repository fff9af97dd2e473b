package journal_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"

	"pgregory.net/rapid"
)

func asText(t interface{ Fatal(...any) }, r journal.Record) string {
	var b strings.Builder
	if err := journal.NewText(&b).Add(&r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	tests := []struct {
		rule   string
		record journal.Record
		want   string
	}{
		{"an event without more has no blanks at its end", journal.Record{},
			"     0.000  0021f2011b19  boot"},
		{"a request and its result", journal.Record{T: 12504 * time.Millisecond, Event: device.Event{
			Kind: device.ResyncDone, Outcome: resync.Applied, URL: "http://127.0.0.1/IP542N.conf", Bytes: 53,
			Took: 4123456, Version: "2208", Note: "3 settings",
		}}, "    12.504  0021f2011b19  resync.done    applied, http://127.0.0.1/IP542N.conf, 53 bytes, took 4.123ms, version 2208, 3 settings"},
		{"a transfer says what it was", journal.Record{Event: device.Event{
			Kind: device.Transferred, Job: resync.Resync, Outcome: resync.NotFound, URL: "http://h/a.cfg", Expected: true, Method: device.Write, Class: device.LogClass,
		}}, "     0.000  0021f2011b19  transfer       not-found, as expected, write, log, resync, http://h/a.cfg"},
		{"a due time may be zero", journal.Record{T: time.Second, Event: device.Event{Kind: device.ResyncWait, Job: resync.Resync, Cause: resync.AtBoot}},
			"     1.000  0021f2011b19  resync.wait    boot, due since 0.000"},
		{"another event's job is named", journal.Record{Event: device.Event{Kind: device.ResyncWait, Job: resync.Upgrade, Cause: resync.AtBoot}},
			"     0.000  0021f2011b19  resync.wait    upgrade, boot"},
		{"a server's escape sequence does not reach the terminal", journal.Record{Event: device.Event{Kind: device.Warned, Note: "\x1b[2J\n", Version: "a\xff"}},
			`     0.000  0021f2011b19  warn           version "a\xff", "\x1b[2J\n"`},
		{"letters of any script are plain", journal.Record{Event: device.Event{Kind: device.Warned, Note: "Schlüssel 鍵"}},
			"     0.000  0021f2011b19  warn           Schlüssel 鍵"},
	}
	for _, tt := range tests {
		tt.record.Device = phone
		if got := asText(t, tt.record); got != tt.want+"\n" {
			t.Errorf("%s:\ngot  %swant %s", tt.rule, got, tt.want)
		}
	}
}

func TestTextIsOneLine(t *testing.T) {
	anyBytes := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	rapid.Check(t, func(t *rapid.T) {
		r := records(rapid.OneOf(anyBytes, rapid.String())).Draw(t, "record")
		line, ended := strings.CutSuffix(asText(t, r), "\n")
		if !ended || strings.ContainsFunc(line, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Fatalf("%q is not one line of plain text", line)
		}
	})
}
