package tally_test

import (
	"encoding/json"
	"testing"
	"time"

	"provsim/internal/tally"
	"provsim/resync"

	"pgregory.net/rapid"
)

func TestSecondsAreExactInJSON(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "-0.5": -time.Second / 2, "0.000000001": 1, "3600": time.Hour, "12.25": 12250 * time.Millisecond,
	} {
		written, err := json.Marshal(tally.Seconds(want))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, want.String(), string(written), text)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := tally.Seconds(rapid.Int64().Draw(t, "ns"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got tally.Seconds
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s is read as %d, %v, want %d", text, got, err, want)
		}
	})
	for _, text := range []string{`"1"`, "1e3", "0.0000000001", "99999999999"} {
		if err := json.Unmarshal([]byte(text), new(tally.Seconds)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// The tables of outcomes have a place for every word of FV-OUT-1.
func TestOutcomesHaveAllWords(t *testing.T) {
	var o tally.Outcomes
	equal(t, "places", len(o[resync.Resync]), len(resync.Outcomes())+1)
	for i, outcome := range resync.Outcomes() {
		o[resync.Resync][outcome] = uint64(i) + 1
		o[resync.Upgrade][outcome] = uint64(i) + 100
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var again tally.Outcomes
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	equal(t, "read again", again, o)
	all, failures := o.Ended(resync.Resync)
	equal(t, "ended and failed", [2]uint64{all, failures}, [2]uint64{406, 376}) // 1 to 28, less the four successes
}
