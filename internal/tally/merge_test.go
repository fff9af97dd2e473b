package tally_test

import (
	"errors"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"
	"provsim/resync"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// happening is a record, or a power cut, or a mark.
type happening struct {
	at     time.Duration
	device int
	event  device.Event
	off    bool
	mark   *tally.Mark
}

const span = 300 * time.Second

// happenings draws what happens to a fleet, in order.
func happenings(devices int) *rapid.Generator[[]happening] {
	kinds := []device.EventKind{
		device.Booted, device.Leased, device.ResyncDue, device.ResyncWait, device.ResyncStart, device.ResyncDone,
		device.ResyncDone, device.UpgradeStart, device.UpgradeDone, device.Rebooting, device.Warned,
		device.Transferred, device.KeepAliveStart, device.KeepAliveDone,
	}
	return rapid.Custom(func(t *rapid.T) []happening {
		all := make([]happening, rapid.IntRange(0, 150).Draw(t, "happenings"))
		at := time.Duration(0)
		for i := range all {
			at = min(span, at+time.Duration(rapid.Int64Range(0, int64(4*time.Second)).Draw(t, "pause")))
			h := happening{at: at, device: rapid.IntRange(0, devices-1).Draw(t, "device")}
			switch rapid.IntRange(0, 30).Draw(t, "what") {
			case 0:
				h.off = true
			case 1:
				h.mark = &tally.Mark{
					At: tally.Seconds(at), Kind: rapid.SampledFrom([]tally.MarkKind{tally.Other, tally.PowerBack, tally.OutageEnd}).Draw(t, "mark"),
					Name: "mark", Period: tally.Seconds(30 * time.Second),
				}
			default:
				h.event = device.Event{
					Kind:    rapid.SampledFrom(kinds).Draw(t, "kind"),
					Job:     resync.Job(rapid.Uint8Range(0, uint8(resync.DHCP)).Draw(t, "job")),
					Cause:   rapid.SampledFrom([]resync.Cause{resync.PowerOn, resync.Config}).Draw(t, "cause"),
					Outcome: resync.Outcome(rapid.SampledFrom([]resync.Outcome{resync.Applied, resync.Unchanged, resync.Timeout, resync.HTTPStatus, resync.Refused}).Draw(t, "outcome")),
					Due:     at - time.Duration(rapid.Int64Range(0, int64(at)).Draw(t, "late")),
					Took:    time.Duration(rapid.Int64Range(0, int64(span)).Draw(t, "took")),
					Bytes:   rapid.Int64Range(-1, 9000).Draw(t, "bytes"), Tries: rapid.IntRange(0, 20).Draw(t, "tries"),
					Class:    rapid.SampledFrom(device.Classes()).Draw(t, "class"),
					Expected: rapid.Bool().Draw(t, "expected"),
					Local:    rapid.IntRange(0, 9).Draw(t, "local") == 0,
					Status:   rapid.SampledFrom([]int{0, 403, 429, 500}).Draw(t, "status"),
				}
			}
			all[i] = h
		}
		return all
	})
}

// play tells the tally of one shard of several what happens to its devices.
func play(t *rapid.T, all []happening, devices, shard, shards int) *tally.Totals {
	c := whole((devices-shard+shards-1)/shards, 3, span)
	c.Index = func(m device.MAC) int { return number(m) / shards }
	c.Site = func(i int) int { return (i*shards + shard) % 3 }
	c.Kinds, c.Kind = kinds, func(i int) int { return (i*shards + shard) % 4 % 3 }
	one := tally.New(c)
	for _, h := range all {
		switch {
		case h.mark != nil:
			one.Mark(*h.mark)
		case h.device%shards != shard:
		case h.off:
			one.Off(h.device/shards, h.at)
		default:
			if err := one.Add(&journal.Record{T: h.at, Device: mac(h.device), Event: h.event}); err != nil {
				t.Fatal(err)
			}
		}
	}
	one.End(span)
	return one.Totals()
}

func TestMergedShardsEqualTheWholeRun(t *testing.T) {
	const devices = 12
	rapid.Check(t, func(t *rapid.T) {
		all := happenings(devices).Draw(t, "story")
		shards := rapid.IntRange(1, 3).Draw(t, "shards")
		merged := play(t, all, devices, 0, shards)
		for s := 1; s < shards; s++ {
			if err := merged.Merge(play(t, all, devices, s, shards)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(dump(t, play(t, all, devices, 0, 1)), dump(t, merged)); diff != "" {
			t.Fatalf("%d shards (-whole +merged):\n%s", shards, diff)
		}
	})
}

func TestMergeRefusesOtherRuns(t *testing.T) {
	fresh := func() *story { return begin(t, whole(2, 2, time.Minute)) }
	marked := fresh()
	marked.tally.Mark(tally.Mark{At: 5, Kind: tally.PowerBack, Name: "power"})
	later := fresh()
	later.tally.Mark(tally.Mark{At: 6, Kind: tally.PowerBack, Name: "power"})
	tests := []struct {
		rule string
		a, b *tally.Totals
	}{
		{"one has a mark more", fresh().tally.Totals(), marked.tally.Totals()},
		{"a mark is at another instant", later.tally.Totals(), marked.tally.Totals()},
		{"one has other sites", begin(t, whole(2, 3, time.Minute)).tally.Totals(), fresh().tally.Totals()},
		{"one was to last longer", begin(t, whole(2, 2, 48*time.Hour)).tally.Totals(), fresh().tally.Totals()},
	}
	for _, tt := range tests {
		before := dump(t, tt.a)
		if err := tt.a.Merge(tt.b); !errors.Is(err, tally.ErrOtherRun) {
			t.Errorf("%s: error %v, want ErrOtherRun", tt.rule, err)
		}
		equal(t, tt.rule+": the totals afterwards", dump(t, tt.a), before)
	}
}
