package tally_test

import (
	"encoding/json"
	"strings"
	"testing"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/tally"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// kinds are the products of two vendors.
var kinds = []tally.Kind{{Vendor: "a", Product: "one"}, {Vendor: "a", Product: "two"}, {Vendor: "b", Product: "one"}}

// newTally returns one of all devices of the stories.
func newTally(devices int) *tally.Tally {
	c := whole(devices, 3, span)
	c.Index = func(m device.MAC) int { return number(m) }
	c.Site = func(i int) int { return i % 3 }
	c.Kinds, c.Kind = kinds, func(i int) int { return i % 3 }
	return tally.New(c)
}

func hear(t *rapid.T, one *tally.Tally, all []happening) {
	for _, h := range all {
		switch {
		case h.mark != nil:
			one.Mark(*h.mark)
		case h.off:
			one.Off(h.device, h.at)
		default:
			if err := one.Add(&journal.Record{T: h.at, Device: mac(h.device), Event: h.event}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A tally that goes on in another process counts what it would have counted.
func TestResumedTallyGoesOn(t *testing.T) {
	const devices = 12
	rapid.Check(t, func(t *rapid.T) {
		all := happenings(devices).Draw(t, "story")
		first, second := newTally(devices), newTally(devices)
		at := rapid.IntRange(0, len(all)).Draw(t, "kept")
		hear(t, first, all[:at])
		form, err := first.Copy().MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Resume(form); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.Snapshot(span), second.Snapshot(span)); diff != "" {
			t.Fatalf("the snapshots of the kept (-) and the resumed (+) differ:\n%s", diff)
		}
		for _, one := range []*tally.Tally{first, second} {
			hear(t, one, all[at:])
			one.End(span)
		}
		if diff := cmp.Diff(dump(t, first.Totals()), dump(t, second.Totals())); diff != "" {
			t.Fatalf("went on (-) and was resumed (+):\n%s", diff)
		}
	})
}

// What was not kept of such a run is refused, and leaves the tally as it was.
func TestResumeRefuses(t *testing.T) {
	form, err := newTally(2).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		rule, member string
		value        any
		hint         string
	}{
		{"no counts", "totals", nil, "found none"},
		{"other devices", "totals", map[string]any{"devices": 3}, "found 3 devices, want 2"},
		{"an instant before the run", "at", -1, "want 0 to"},
		{"counts of no run", "totals", map[string]any{"devices": 2, "products": kinds}, "no wave"},
		{"other curves", "curves", []byte("second\n"), "curves: "},
		{"no sites", "sites", nil, "sites: "},
		{"a broken histogram", "histograms", map[string][]byte{"lag": []byte("AAAA")}, `histogram "lag"`},
		{"a wave that was not", "power_wave", 9, "the waves 9"},
		{"a device too few", "phones", []byte{0, 0, 0, 0, 0, 1}, "device 1"},
		{"a device too many", "phones", make([]byte, 17), "5 bytes behind"},
		{"a state that does not exist", "phones", []byte{0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0}, "device 0: found what no device does"},
	} {
		var members map[string]any
		if err := json.Unmarshal(form, &members); err != nil {
			t.Fatal(err)
		}
		members[tt.member] = tt.value
		bad, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		one := newTally(2)
		before := one.Snapshot(span)
		if err := one.Resume(bad); err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: error %v, want %q in it", tt.rule, err, tt.hint)
		}
		if diff := cmp.Diff(before, one.Snapshot(span)); diff != "" {
			t.Errorf("%s: the tally has changed:\n%s", tt.rule, diff)
		}
	}
	if err := newTally(2).Resume([]byte("{")); err == nil {
		t.Error("half a JSON text is no error")
	}
}
