package tally

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/resync"
)

// A copy has all that was counted, and stands still while the tally goes on.
func TestCopyStandsStill(t *testing.T) {
	whole := New(Config{
		Devices: 40, Sites: 4, Duration: time.Hour,
		Index: func(m device.MAC) int { return int(m[5]) }, Site: func(i int) int { return i / 10 },
	})
	play := func(from time.Duration, outcome resync.Outcome) {
		whole.Mark(Mark{At: Seconds(from), Kind: PowerBack, Name: "power back"})
		for i := range 40 {
			r := journal.Record{T: from, Device: device.MAC{5: byte(i)}}
			for _, e := range []device.Event{
				{Kind: device.Booted, Cause: resync.PowerOn}, {Kind: device.Leased, Job: resync.DHCP},
				{Kind: device.ResyncDue, Due: from}, {Kind: device.ResyncStart, Due: from},
				{Kind: device.ResyncDone, Outcome: outcome, Took: time.Second, Bytes: 9, Tries: 1},
			} {
				r.Event = e
				if e.Kind == device.ResyncDone {
					r.T += time.Second
				}
				if err := whole.Add(&r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	told := func(c *Tally) string {
		text, err := json.Marshal(c.Totals().Summary(Run{}, nil))
		if err != nil {
			t.Fatal(err)
		}
		rest := bytes.NewBuffer(text)
		if err := errors.Join(c.Totals().WriteCurves(rest), c.Totals().WriteSites(rest)); err != nil {
			t.Fatal(err)
		}
		return rest.String()
	}
	play(time.Minute, resync.Applied)
	copied, again := whole.Copy(), whole.Copy()
	end := 2 * time.Minute
	copied.End(end)
	before := told(copied)
	play(3*time.Minute, resync.Timeout)
	whole.Serve(ModelledServer{Served: 9})
	again.End(end)
	if after := told(again); after != before || told(copied) != before {
		t.Errorf("a copy has changed from\n%s\nto\n%s", before, after)
	}
	if s, o := copied.Device(7); s != Idle || o != resync.Applied {
		t.Errorf("in the copy device 7 is %v after %v", s, o)
	}
	if s, o := whole.Device(7); s != Failed || o != resync.Timeout {
		t.Errorf("device 7 is %v after %v", s, o)
	}
}
