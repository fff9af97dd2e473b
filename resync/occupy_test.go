package resync

import (
	"testing"
	"time"
)

// A job that no timer is for moves none, holds the others until its end, and is
// forgotten when the program is stopped.
func TestOccupy(t *testing.T) {
	set := &Settings{Jobs: [2]Schedule{{Job: KeepAlive, AtBoot: AnyBoot, Every: Every(time.Hour), Lines: IgnoresThem}}}
	var m Machine
	if m.Free() {
		t.Error("a machine without power is free")
	}
	m.Step(&Input{Kind: Boot, Settings: set, Cause: PowerOn}, nil)
	m.Step(&Input{Kind: Online}, nil)
	if m.Free() {
		t.Error("a machine is free while its job runs")
	}
	m.Step(&Input{Kind: Done, Job: KeepAlive, Outcome: Sent}, nil)
	if !m.Free() {
		t.Fatal("a machine whose job has ended is not free")
	}
	m.Occupy(KeepAlive)
	if next := m.Interrupted(time.Minute, true); !next.Free() || next.Deadline() != time.Hour {
		t.Errorf("interrupted it is %+v", next)
	}
	if acts := m.Step(&Input{Kind: Tick, Now: 2 * time.Hour}, nil); len(acts) != 1 || acts[0].Do != Due {
		t.Errorf("what falls due meanwhile gives %+v, want no start", acts)
	}
	acts := m.Step(&Input{Kind: Done, Job: KeepAlive, Outcome: Timeout, Now: 2 * time.Hour}, nil)
	if len(acts) != 1 || acts[0].Do != Start || acts[0].Cause != Periodic || acts[0].Due != time.Hour {
		t.Errorf("at its end %+v, want the start of what was due", acts)
	}
	m.Step(&Input{Kind: Done, Job: KeepAlive, Outcome: Sent, Now: 2 * time.Hour}, nil)
	m.Occupy(KeepAlive)
	acts = m.Step(&Input{Kind: Done, Job: KeepAlive, Outcome: Applied, Now: 2 * time.Hour}, nil)
	if len(acts) != 2 || acts[0].Do != Commit || acts[1].Do != Restart || m.Free() {
		t.Errorf("what it has brought gives %+v", acts)
	}
}
