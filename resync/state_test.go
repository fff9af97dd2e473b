package resync

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// machines yields machines as they are after any inputs.
func machines(t *rapid.T) Machine {
	set := (&options{
		Provision: true, OnReset: rapid.Bool().Draw(t, "on reset"), RandomDelay: 40 * time.Second, Periodic: Every(time.Hour), ErrorRetry: Every(time.Minute),
		Forced: time.Minute, Upgrade: true, UpgradeRetry: Every(time.Hour), ForcedIsDeadline: rapid.Bool().Draw(t, "deadline"),
	}).settings()
	var m Machine
	now := time.Duration(0)
	for range rapid.IntRange(0, 12).Draw(t, "inputs") {
		now += time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
		m.Step(&Input{
			Now: now, Settings: set, Kind: Kind(rapid.Uint8Range(0, uint8(PowerOff)).Draw(t, "kind")), Rand: rapid.Uint64().Draw(t, "rand"),
			Cause: PowerOn, Job: m.job, Outcome: rapid.SampledFrom(Outcomes()).Draw(t, "outcome"), Wanted: [2]bool{1: rapid.Bool().Draw(t, "upgrade")},
		}, nil)
	}
	return m
}

// What is written of a machine is all of it but its settings.
func TestMachineIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := machines(t)
		form, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var again Machine
		if err := again.UnmarshalBinary(form); err != nil {
			t.Fatalf("%+v: %v", m, err)
		}
		if again.Resume(m.set); again != m {
			t.Fatalf("read %+v, want %+v", again, m)
		}
	})
}

// A job that runs or waits to be stored is due anew, and nothing else changes.
func TestInterruptedMachine(t *testing.T) {
	set := (&options{Provision: true, OnReset: true, Periodic: Every(time.Hour), Upgrade: true}).settings()
	begin := func(inputs ...Input) Machine {
		var m Machine
		for _, in := range append([]Input{{Kind: Boot, Settings: set, Cause: PowerOn}, {Kind: Online, Wanted: [2]bool{1: true}}}, inputs...) {
			m.Step(&in, nil)
		}
		return m
	}
	resynced := Input{Kind: Done, Job: Resync, Outcome: Unchanged}
	for _, tt := range []struct {
		rule   string
		m      Machine
		leased bool
		next   Job
		online bool
	}{
		{"a resync", begin(), true, Resync, true},
		{"an upgrade", begin(resynced), true, Upgrade, true},
		{"a file in a call", begin(Input{Kind: LineBusy}, Input{Kind: Done, Job: Resync, Outcome: Applied}), true, Resync, true},
		{"a file in a call, the address lost", begin(Input{Kind: LineBusy}, Input{Kind: Done, Job: Resync, Outcome: Applied}), false, Resync, false},
	} {
		m := tt.m.Interrupted(time.Minute, tt.leased)
		timer := &m.timers[0]
		if tt.next == Upgrade {
			timer = &m.timers[1]
		}
		s := m.Status()
		if tt.m.job != tt.next || s.Running != NoJob || s.Storing || s.Online != tt.online || !timer.due || timer.at != time.Minute || timer.cause != AtBoot {
			t.Errorf("%s: found %+v, want %v due at 1m", tt.rule, m, tt.next)
		}
		if d := m.Deadline(); d < time.Minute {
			t.Errorf("%s: wants a tick at %v, before it was interrupted", tt.rule, d)
		}
	}
	idle := begin(resynced, Input{Kind: Done, Job: Upgrade, Outcome: HTTPSUpgrade, Final: true})
	if m := idle.Interrupted(time.Minute, true); m != idle {
		t.Errorf("without a job it is %+v, want %+v", m, idle)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, tt := range []struct{ rule, form, hint string }{
		{"nothing", "", "its end too early"},
		{"a later version", "0300", "version 3, want 2"},
		{"half a machine", "0201000000", "its end too early"},
		{"more than a machine", "020000", "1 bytes behind"},
		{"a phase that does not exist", "0204000000" + "00000000" + "00000000", "phase 4"},
		{"a job that no machine runs", "0202030000" + "00000000" + "00000000", "job 3"},
		{"nothing to be stored", "0203000000" + "00000000" + "00000000", "nothing that waits"},
		{"due, but when", "0201000000" + "02000000" + "00000000", "flags 2"},
		{"a cause that does not exist", "0201000000" + "000b0000" + "00000000", "cause 11"},
		{"a negative instant", "02010000" + "80808080808080808001" + "00000000" + "00000000", "no instant"},
	} {
		form, err := hex.DecodeString(tt.form)
		if err != nil {
			t.Fatal(err)
		}
		m := Machine{phase: online}
		if err := m.UnmarshalBinary(form); err == nil || !strings.Contains(err.Error(), tt.hint) || m != (Machine{phase: online}) {
			t.Errorf("%s: error %v, want %q in it, and the machine as it was", tt.rule, err, tt.hint)
		}
	}
}
