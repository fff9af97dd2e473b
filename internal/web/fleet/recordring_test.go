package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// Whatever was added, a device's records are the latest that it had, complete and
// in their order, and the reader learns when some are missing.
func TestRecordRingIsTheEndOfTheJournal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const devices = 3
		d := newRecordRing(devices)
		d.ring = make([]byte, rapid.IntRange(600, 4000).Draw(t, "room"))
		whole := [devices][]journal.Record{}
		for i := range rapid.IntRange(0, 60).Draw(t, "records") {
			n := rapid.IntRange(0, devices-1).Draw(t, "device")
			r := aRecord(t, n, uint32(i))
			d.add(n, &r)
			whole[n] = append(whole[n], r)
		}
		for n := range devices {
			most := rapid.IntRange(1, 20).Draw(t, "most")
			got, older := d.of(n, most)
			if len(got) > most || older != (len(got) < len(whole[n])) {
				t.Fatalf("device %d has %d records, older %v; it had %d", n, len(got), older, len(whole[n]))
			}
			for i, r := range got {
				if diff := cmp.Diff(whole[n][len(whole[n])-1-i], r); diff != "" {
					t.Fatalf("record %d from the end (-want +got):\n%s", i, diff)
				}
			}
		}
	})
}

func aRecord(t *rapid.T, n int, seq uint32) journal.Record {
	text := func(label string) string { return rapid.StringN(0, 20, 40).Draw(t, label) }
	return journal.Record{
		T: time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "t")), Device: device.MAC{0, 1, 2, 3, 4, byte(n)}, Seq: seq,
		Event: device.Event{
			Kind: device.EventKind(rapid.IntRange(0, int(device.Transferred)).Draw(t, "kind")), Job: resync.Resync,
			Cause: resync.Cause(rapid.IntRange(0, 5).Draw(t, "cause")), Outcome: resync.Outcome(rapid.IntRange(0, 9).Draw(t, "outcome")),
			Due: time.Duration(rapid.Int64().Draw(t, "due")), Took: time.Duration(rapid.Int64().Draw(t, "took")),
			Bytes: rapid.Int64().Draw(t, "bytes"), Status: rapid.IntRange(0, 999).Draw(t, "status"), Tries: rapid.IntRange(0, 99).Draw(t, "tries"), Local: rapid.Bool().Draw(t, "local"),
			Expected: rapid.Bool().Draw(t, "expected"), Class: rapid.SampledFrom(device.Classes()).Draw(t, "class"), Method: device.Method(rapid.IntRange(0, 2).Draw(t, "method")),
			URL: text("url"), Version: text("version"), Note: text("note"),
		},
	}
}

// The ring holds at least this many records of a large fleet, with URLs as they
// are.
func TestRecordRingHoldsMany(t *testing.T) {
	d := newRecordRing(1_000_000)
	r := journal.Record{Event: device.Event{Kind: device.ResyncDone, URL: "http://provisioning.example.com/phones/0021f2000000.cfg"}}
	for range 600_000 {
		d.add(7, &r)
	}
	if got, older := d.of(7, 500_000); len(got) != 500_000 || !older {
		t.Errorf("found %d records, older %v, want 500000 and more", len(got), older)
	}
}

// Texts of any length take up little, and are cut between characters. A record of
// no device, and the wall clock's time, are no trouble.
func TestRecordRingBoundsTexts(t *testing.T) {
	d := newRecordRing(1)
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	long := strings.Repeat("ö", 5000)
	d.add(0, &journal.Record{T: time.Second, Wall: began.Add(time.Second), Event: device.Event{URL: long, Version: long, Note: long}})
	d.add(1, &journal.Record{})
	d.add(-1, &journal.Record{})
	got, _ := d.of(0, 9)
	if len(got) != 1 || !got[0].Wall.Equal(began.Add(time.Second)) {
		t.Fatalf("found %d records, the first at %v", len(got), got)
	}
	sizes := fmt.Sprint(len(got[0].URL), len(got[0].Version), len(got[0].Note)) + strings.Trim(got[0].URL+got[0].Note, "ö")
	if sizes != "1024 128 512" {
		t.Errorf("the texts have the sizes %q", sizes)
	}
}
