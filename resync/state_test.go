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
	set := &Settings{
		Provision: true, OnReset: rapid.Bool().Draw(t, "on reset"), RandomDelay: 40 * time.Second, Periodic: Every(time.Hour), ErrorRetry: Every(time.Minute),
		Forced: time.Minute, Upgrade: true, UpgradeRetry: Every(time.Hour), ForcedIsDeadline: rapid.Bool().Draw(t, "deadline"),
	}
	var m Machine
	now := time.Duration(0)
	for range rapid.IntRange(0, 12).Draw(t, "inputs") {
		now += time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "after"))
		m.Step(Input{
			Now: now, Settings: set, Kind: Kind(rapid.Uint8Range(0, uint8(PowerOff)).Draw(t, "kind")), Rand: rapid.Uint64().Draw(t, "rand"),
			Cause: PowerOn, Job: m.job, Outcome: rapid.SampledFrom(Outcomes()).Draw(t, "outcome"), Upgrade: rapid.Bool().Draw(t, "upgrade"),
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
	set := &Settings{Provision: true, OnReset: true, Periodic: Every(time.Hour), Upgrade: true}
	begin := func(inputs ...Input) Machine {
		var m Machine
		for _, in := range append([]Input{{Kind: Boot, Settings: set, Cause: PowerOn}, {Kind: Online, Upgrade: true}}, inputs...) {
			m.Step(in, nil)
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
		timer := &m.resync
		if tt.next == Upgrade {
			timer = &m.upgrade
		}
		s := m.Status()
		if tt.m.job != tt.next || s.Running != NoJob || s.Storing || s.Online != tt.online || !timer.due || timer.at != time.Minute || timer.cause != AtBoot {
			t.Errorf("%s: found %+v, want %v due at 1m", tt.rule, m, tt.next)
		}
		if d := m.Deadline(); d < time.Minute {
			t.Errorf("%s: wants a tick at %v, before it was interrupted", tt.rule, d)
		}
	}
	idle := begin(resynced, Input{Kind: Done, Job: Upgrade, Outcome: HTTPSUpgrade})
	if m := idle.Interrupted(time.Minute, true); m != idle {
		t.Errorf("without a job it is %+v, want %+v", m, idle)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, tt := range []struct{ rule, form, hint string }{
		{"nothing", "", "its end too early"},
		{"a later version", "0200", "version 2, want 1"},
		{"half a machine", "0101000000", "its end too early"},
		{"more than a machine", "010000", "1 bytes behind"},
		{"a phase that does not exist", "01040000000000" + "000000" + "000000", "phase 4"},
		{"a job that no machine runs", "01020300000000" + "000000" + "000000", "job 3"},
		{"nothing to be stored", "01030000000000" + "000000" + "000000", "nothing that waits"},
		{"due, but when", "01010000000000" + "020000" + "000000", "flags 2"},
		{"a cause that does not exist", "01010000000000" + "000a00" + "000000", "cause 10"},
		{"a negative instant", "010100000000" + "80808080808080808001" + "000000" + "000000", "no instant"},
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
