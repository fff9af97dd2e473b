package resync_test

import (
	"testing"
	"time"

	"provsim/resync"
)

// With FromStart a job that takes long does not move the ones after it (AC-TM-2).
func TestEveryFromStart(t *testing.T) {
	for _, fromStart := range []bool{true, false} {
		set := resync.Settings{Jobs: [2]resync.Schedule{{
			Job: resync.KeepAlive, AtBoot: resync.AnyBoot, Every: resync.Every(time.Hour), FromStart: fromStart, Lines: resync.IgnoresThem,
		}}}
		var m resync.Machine
		m.Step(&resync.Input{Kind: resync.Boot, Settings: &set, Cause: resync.PowerOn}, nil)
		m.Step(&resync.Input{Kind: resync.Online, Now: time.Minute}, nil)
		m.Step(&resync.Input{Kind: resync.Done, Job: resync.KeepAlive, Outcome: resync.Sent, Began: time.Minute, Now: 11 * time.Minute}, nil)
		want := 71 * time.Minute
		if fromStart {
			want = 61 * time.Minute
		}
		if got := m.Deadline(); got != want {
			t.Errorf("from the start %v: the next is at %v, want %v", fromStart, got, want)
		}
	}
}
