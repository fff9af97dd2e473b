package resync

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const hour = time.Hour

// The next instant of a time of day. 1970-01-01 was a Thursday.
func TestDaily(t *testing.T) {
	const friday = 1 << 5
	for _, tt := range []struct {
		rule  string
		daily Daily
		now   time.Duration
		begin time.Duration
		rand  uint64
		mac   uint64
		want  time.Duration // by the local clock
	}{
		{"later on the same day", Daily{At: 3 * hour}, hour, 0, 0, 0, 3 * hour},
		{"at its time, the next day", Daily{At: 3 * hour}, 3 * hour, 0, 0, 0, 27 * hour},
		{"the run begins at noon", Daily{At: 3 * hour}, hour, 12 * hour, 0, 0, 27 * hour},
		{"half of a window later", Daily{At: 3 * hour, Window: 2 * hour}, 0, 0, 1 << 63, 0, 4 * hour},
		{"within a window, that of the next day", Daily{At: 3 * hour, Window: 2 * hour}, 4 * hour, 0, 0, 0, 27 * hour},
		{"every third day", Daily{At: 3 * hour, Days: 3}, 0, 0, 0, 0, 51 * hour},
		{"the day of the address", Daily{At: 3 * hour, Days: 7, ByMAC: true}, 0, 0, 0, 12, 123 * hour},
		{"a week after it", Daily{At: 3 * hour, Days: 7, ByMAC: true}, 123 * hour, 0, 0, 12, 291 * hour},
		{"on Fridays", Daily{At: 3 * hour, Week: friday}, 0, 0, 0, 0, 27 * hour},
		{"a day that never comes", Daily{At: 3 * hour, Days: 7, ByMAC: true, Week: friday}, 0, 0, 0, 0, Never},
	} {
		got := tt.daily.next(tt.now, tt.begin, tt.rand, tt.mac)
		if got != Never {
			got += tt.begin
		}
		if got != tt.want {
			t.Errorf("%s: %v by the local clock, want %v", tt.rule, got, tt.want)
		}
	}
}

// The next instant lies ahead, in a window of a day that fits.
func TestDailyLiesAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Daily{
			At: time.Duration(rapid.Int64Range(0, int64(aDay)-1).Draw(t, "at")), Window: time.Duration(rapid.Int64Range(0, int64(aDay)).Draw(t, "window")),
			Days: rapid.IntRange(0, 40).Draw(t, "days"), ByMAC: rapid.Bool().Draw(t, "by MAC"), Week: rapid.Uint8().Draw(t, "week"),
		}
		now, begin := time.Duration(rapid.Int64Range(0, 1<<55).Draw(t, "now")), time.Duration(rapid.Int64Range(0, 1<<60).Draw(t, "begin"))
		mac := rapid.Uint64().Draw(t, "mac")
		at := d.next(now, begin, 0, mac)
		if at == Never {
			return
		}
		local := at + begin
		number := uint64(local / aDay)
		switch {
		case at <= now || local%aDay != d.At:
			t.Fatalf("at %v it is %v, want a later instant at %v of a day", now+begin, local, d.At)
		case d.ByMAC && d.Days > 1 && number%uint64(d.Days) != mac%uint64(d.Days):
			t.Fatalf("day %d is not that of address %d", number, mac)
		case d.Week&0x7f != 0 && d.Week>>((number+4)%7)&1 == 0:
			t.Fatalf("day %d of the week is not one of %b", (number+4)%7, d.Week)
		}
	})
}

// A keep-alive that ignores the lines is sent in a call, while a resync waits for its
// end.
func TestKeepAliveInACall(t *testing.T) {
	set := &Settings{Idle: time.Minute, Jobs: [2]Schedule{
		{Job: Resync, AtBoot: AnyBoot, Every: Every(hour)},
		{Job: KeepAlive, AtBoot: AnyBoot, Every: Every(hour), Retry: Every(hour), Lines: IgnoresThem},
	}}
	var m Machine
	m.Step(&Input{Kind: Boot, Settings: set, Cause: PowerOn}, nil)
	m.Step(&Input{Kind: LineBusy}, nil)
	var done []Action
	for _, a := range m.Step(&Input{Kind: Online}, nil) {
		if a.Do != Due {
			done = append(done, a)
		}
	}
	if len(done) != 2 || done[0].Do != Hold || done[0].Job != Resync || done[1].Do != Start || done[1].Job != KeepAlive {
		t.Fatalf("in a call it does %+v, want a resync that waits and a keep-alive", done)
	}
	m.Step(&Input{Kind: Done, Job: KeepAlive, Outcome: Sent}, nil)
	if d := m.Deadline(); d != hour {
		t.Errorf("the next keep-alive is due at %v, want an hour", d)
	}
	m.Step(&Input{Kind: LinesIdle, Now: time.Second}, nil)
	if d := m.Deadline(); d != time.Minute+time.Second {
		t.Errorf("the resync is due at %v, want 1m1s", d)
	}
}

// A job that is off is never due, by whatever trigger.
func TestJobThatIsOff(t *testing.T) {
	set := &Settings{Jobs: [2]Schedule{1: {Job: Upgrade}}}
	var m Machine
	m.Step(&Input{Kind: Boot, Settings: set, Cause: PowerOn}, nil)
	m.Step(&Input{Kind: Online}, nil)
	if acts := m.Step(&Input{Kind: Trigger, Job: Resync, Cause: Notify}, nil); len(acts) > 0 || set.On(Resync) || m.Deadline() != Never {
		t.Errorf("a trigger of a job that is off does %+v", acts)
	}
	if acts := m.Step(&Input{Kind: Trigger, Job: Upgrade, Cause: Notify}, nil); len(acts) != 2 || acts[1].Do != Start || acts[1].Job != Upgrade {
		t.Errorf("a trigger of an upgrade does %+v, want it due and started", acts)
	}
}
