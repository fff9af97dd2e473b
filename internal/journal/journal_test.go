package journal_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var phone = device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}

// kinds lists every kind of event, found by its word.
func kinds() (all []device.EventKind) {
	for k := device.EventKind(0); k.UnmarshalText([]byte(k.String())) == nil; k++ {
		all = append(all, k)
	}
	return all
}

// records draws a record of any content.
func records(text *rapid.Generator[string]) *rapid.Generator[journal.Record] {
	return rapid.Custom(func(t *rapid.T) journal.Record {
		seconds := rapid.Custom(func(t *rapid.T) time.Duration { return time.Duration(rapid.Int64().Draw(t, "ns")) })
		r := journal.Record{
			T:      seconds.Draw(t, "t"),
			Device: device.MAC(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "device")),
			Seq:    rapid.Uint32().Draw(t, "seq"),
			Event: device.Event{
				Kind:    rapid.SampledFrom(kinds()).Draw(t, "kind"),
				Job:     resync.Job(rapid.Uint8Range(0, uint8(resync.Upgrade)).Draw(t, "job")),
				Cause:   resync.Cause(rapid.Uint8Range(0, uint8(resync.Retry)).Draw(t, "cause")),
				Outcome: rapid.SampledFrom(append(resync.Outcomes(), resync.None)).Draw(t, "outcome"),
				Due:     seconds.Draw(t, "due"),
				Took:    seconds.Draw(t, "took"),
				Bytes:   rapid.Int64().Draw(t, "bytes"),
				Status:  rapid.IntRange(0, math.MaxInt32).Draw(t, "status"),
				Tries:   rapid.IntRange(0, math.MaxInt32).Draw(t, "tries"),
				Local:   rapid.Bool().Draw(t, "local"),
				Method:  rapid.SampledFrom([]device.Method{device.Read, device.Write, device.Post}).Draw(t, "method"),
				Class:   rapid.SampledFrom(device.Classes()).Draw(t, "class"),

				Expected: rapid.Bool().Draw(t, "expected"),
				URL:      text.Draw(t, "url"),
				Version:  text.Draw(t, "version"),
				Note:     text.Draw(t, "note"),
			},
		}
		r.Device[0] = r.Device[0]&^1 | 2 // a device's own address
		if rapid.Bool().Draw(t, "on the wall clock") {
			r.Wall = time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "wall"), rapid.Int64Range(0, 999_999_999).Draw(t, "fraction"))
		}
		return r
	})
}

// failing is a sink that loses records.
type failing struct{ err error }

func (f failing) Add(*journal.Record) error { return f.err }

func TestTee(t *testing.T) {
	var before, after journal.Memory
	first, second := errors.New("first"), errors.New("second")
	sink := journal.Tee(&before, failing{first}, failing{second}, &after)
	want := []journal.Record{{Device: phone, Seq: 1}, {Device: phone, Seq: 2}}
	for _, r := range want {
		if err := sink.Add(&r); err != first {
			t.Errorf("error %v, want the first", err)
		}
	}
	if diff := cmp.Diff([][]journal.Record{want, want}, [][]journal.Record{before.Records, after.Records}); diff != "" {
		t.Errorf("what the sinks before and after have got (-want +got):\n%s", diff)
	}
	if err := journal.Tee().Add(&want[0]); err != nil {
		t.Errorf("a tee of nothing: %v", err)
	}
}
