package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/checkpoint"
	"provsim/internal/run"
	"provsim/resync"
)

// quick is a network whose server answers at once.
type quick string

func (q quick) Start(_ time.Duration, _ *device.Request, d run.Delivery) {
	d.Now(device.Reply{Body: []byte(q), Bytes: int64(len(q))})
}

// log keeps what records say, by device, as far as it does not depend on the wall
// clock.
type log map[device.MAC][]line

type line struct {
	at   time.Duration
	text string
}

func (l log) Add(r *Record) error {
	l[r.Device] = append(l[r.Device], line{r.T, fmt.Sprintf("%v %d %v", r.T, r.Seq, r.Event)})
	return nil
}

// after returns what was said after an instant.
func (l log) after(at time.Duration) map[string][]string {
	said := map[string][]string{}
	for mac, lines := range l {
		for _, line := range lines {
			if line.at > at {
				said[mac.String()] = append(said[mac.String()], line.text)
			}
		}
	}
	return said
}

// shelf is where runs are kept.
type shelf [][]byte

func (s *shelf) put(parts [][]byte, err error) {
	if err != nil {
		panic(err)
	}
	*s = append(*s, bytes.Join(parts, nil))
}

func read(t *testing.T, body []byte) *Checkpoint {
	t.Helper()
	k, err := ReadCheckpoint(body)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const longDay = `
devices: 20
duration: 2h
seed: 3
population:
  version: "4"
  new: 50%
  quirks: [delay-lists]
  profile-rule: http://192.0.2.1/x
  settings: [{set: {Resync Periodic: 300+300, Resync Random Delay: 60, Forced Resync Delay: 20}}]
sites: [{name: a, devices: 5}]
phases: [{over: 20m}]
events:
- {at: 0s, calls: {per-hour: 20, length: 2m, lines: 2}}
- {at: 30m, power-cut: {site: a, devices: 50%, for: 7m, over: 10m}}
- {at: 50m, every: 15m, resync: {over: 12m, devices: 60%}}
- {at: 80m, reboot: {devices: 50%}}
`

// left runs the long day until an instant and returns what was kept then.
func left(t *testing.T, s *Scenario, at time.Duration, o RunOptions) []byte {
	t.Helper()
	var kept shelf
	drain := make(chan struct{})
	time.AfterFunc(at, func() { close(drain) })
	o.Drain, o.Keep = drain, kept.put
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	<-time.After(17 * time.Hour) // which do not count
	return kept[len(kept)-1]
}

// A run that was stopped and goes on does, device by device and instant by instant,
// what it would have done, and counts what it would have counted.
func TestResumedRunGoesOn(t *testing.T) {
	s := parse(t, longDay)
	network := quick("DBID_DBASE_VERSION=5\n")
	whole := log{}
	var want *Result
	synctest.Test(t, func(t *testing.T) {
		var err error
		if want, err = Run(t.Context(), s, RunOptions{Options: Options{Journal: whole}, Network: network}); err != nil {
			t.Fatal(err)
		}
	})
	for _, at := range []time.Duration{
		time.Second, 11 * time.Minute, 30*time.Minute + time.Millisecond, 38 * time.Minute, 51 * time.Minute, 66*time.Minute + 20*time.Second,
		80*time.Minute + 10*time.Second, 119 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			body := left(t, s, at, RunOptions{Network: network})
			part := log{}
			got, err := Run(t.Context(), s, RunOptions{Options: Options{Journal: part}, Network: network, Resume: read(t, body)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole.after(at), part.after(0)); diff != "" {
				t.Errorf("left at %v: went on (-) and was resumed (+):\n%s", at, diff)
			}
			if got, want := got.Tally.Totals(), want.Tally.Totals(); got.Boots != want.Boots || got.Outcomes != want.Outcomes || len(got.Waves) != len(want.Waves) {
				t.Errorf("left at %v: %d boots, outcomes %v and %d waves, want %d, %v and %d",
					at, got.Boots, got.Outcomes, len(got.Waves), want.Boots, want.Outcomes, len(want.Waves))
			}
			if got.Until != want.Until || got.Started.Add(17*time.Hour).After(time.Now()) {
				t.Errorf("left at %v: it lasted until %v since %v, want %v since its first begin", at, got.Until, got.Started, want.Until)
			}
		})
	}
}

// A run whose process is killed goes on from the checkpoint before. What happened
// while that was made, slice by slice, happens to each device once.
func TestResumedRunOfAKilledProcess(t *testing.T) {
	s := parse(t, "devices: 700\nduration: 5m\npopulation: {boot-time: 1s, profile-rule: http://192.0.2.1/x}\nevents: [{at: 60001ms, reboot: {}}, {at: 60002500us, power-cut: {for: 1ms}}]\n")
	network := quick("DBID_DBASE_VERSION=5\n")
	synctest.Test(t, func(t *testing.T) {
		var kept shelf
		ctx, kill := context.WithCancel(t.Context())
		time.AfterFunc(75*time.Second, kill)
		if _, err := Run(ctx, s, RunOptions{Network: network, Keep: kept.put}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		k := read(t, kept[len(kept)-2]) // the last one is of after the context's end
		if k.At != time.Minute+2*sliceEvery {
			t.Fatalf("the last checkpoint is of %v, want one of a minute and two slices", k.At)
		}
		l := log{}
		r, err := Run(t.Context(), s, RunOptions{Options: Options{Journal: l}, Network: network, Resume: k})
		if err != nil {
			t.Fatal(err)
		}
		c, all := inventoryOf(t, s), l.after(0)
		for n := range s.Devices {
			said := all[c.MAC(n).String()]
			count := func(event string) (times int) {
				for _, text := range said {
					if strings.Contains(text, "{"+event+" ") {
						times++
					}
				}
				return times
			}
			// The first slice was frozen before both, the last after both. The power cut
			// cuts the reboot short.
			reboots, boots := []int{1, 0, 0}[n/sliceOf], []int{1, 1, 0}[n/sliceOf]
			if count("reboot") != reboots || count("boot") != boots {
				t.Fatalf("device %d: %d reboots and %d boots, want %d and %d: %q", n, count("reboot"), count("boot"), reboots, boots, said)
			}
		}
		if applied := r.Tally.Totals().Outcomes[resync.Resync][resync.Applied]; applied != 700 {
			t.Errorf("%d files were applied, want 700: no phone does it again", applied)
		}
	})
}

// A run may be longer when it goes on, whether it was left or had ended, and does
// what it would have done if it had been as long from the begin. It may not end
// before the instant at which it was left.
func TestResumedRunMayBeLonger(t *testing.T) {
	s := parse(t, longDay)
	network := quick("DBID_DBASE_VERSION=5\n")
	short := *s
	short.Duration = 15 * time.Minute // phones are switched on until 20 minutes
	short.Events = s.Events[:1]
	longer := short
	longer.Duration = s.Duration
	for _, at := range []time.Duration{5 * time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var want, got = log{}, log{}
			once, err := Run(t.Context(), &longer, RunOptions{Options: Options{Journal: want}, Network: network})
			if err != nil {
				t.Fatal(err)
			}
			body := left(t, &short, at, RunOptions{Network: network})
			at := min(at, short.Duration)
			twice, err := Run(t.Context(), &longer, RunOptions{Options: Options{Journal: got}, Network: network, Resume: read(t, body)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.after(at), got.after(0)); diff != "" {
				t.Errorf("left at %v: as long from the begin (-) and longer later (+):\n%.2000s", at, diff)
			}
			if diff := cmp.Diff(summary(t, once.Tally.Totals()), summary(t, twice.Tally.Totals())); diff != "" {
				t.Errorf("left at %v: counted in one (-) and in two (+):\n%.2000s", at, diff)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		body := left(t, s, time.Hour, RunOptions{Network: network})
		if _, err := Run(t.Context(), &short, RunOptions{Network: network, Resume: read(t, body)}); !errors.Is(err, ErrOtherRun) {
			t.Errorf("other events: %v, want ErrOtherRun", err)
		}
		body = left(t, &longer, time.Hour, RunOptions{Network: network})
		if _, err := Run(t.Context(), &short, RunOptions{Network: network, Resume: read(t, body)}); !errors.Is(err, ErrNothingToDo) {
			t.Errorf("an end before the instant at which it was left: %v, want ErrNothingToDo", err)
		}
	})
}

// Transfers that were in flight begin anew, and no others.
func TestResumedTransfersBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, morning)
		ctx, kill := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, kill)
		var kept shelf
		first := &slow{took: 20 * time.Second, body: "DBID_DBASE_VERSION=5\n"}
		if _, err := Run(ctx, s, RunOptions{Network: first, Keep: kept.put}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		body := kept[len(kept)-1]
		flying := 0
		for _, p := range read(t, body).Phones() {
			if s := p.Machine.Status(); s.Waits && s.At == 30*time.Second {
				flying++
			}
		}
		second := &slow{took: time.Second, body: "DBID_DBASE_VERSION=5\n"}
		ctx, kill = context.WithCancel(t.Context())
		time.AfterFunc(time.Nanosecond, kill)
		if _, err := Run(ctx, s, RunOptions{Network: second, Resume: read(t, body)}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if flying == 0 || len(second.asked) != flying {
			t.Errorf("%d transfers were in flight, and %d began at once", flying, len(second.asked))
		}
	})
}

// After a run's end a new one begins, with what the phones have stored.
func TestRunAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, morning)
		var kept shelf
		if _, err := Run(t.Context(), s, RunOptions{Network: quick("DBID_DBASE_VERSION=5\n"), Keep: kept.put}); err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), s, RunOptions{Network: quick("DBID_DBASE_VERSION=5\n"), Resume: read(t, kept[len(kept)-1])})
		if err != nil {
			t.Fatal(err)
		}
		totals := r.Tally.Totals()
		if n := totals.Outcomes[resync.Resync][resync.Applied]; n != 0 || totals.Boots == 0 || r.Until != time.Hour {
			t.Errorf("%d files applied in %d boots until %v, want none in an hour: the phones know the version", n, totals.Boots, r.Until)
		}
	})
}

// What is kept of another run is refused before anything happens.
func TestResumeRefusesOtherRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := left(t, parse(t, morning), time.Minute, RunOptions{Network: quick("x"), Options: Options{Shard: Shard{Index: 1, Count: 3}}})
		for what, tt := range map[string]struct {
			text  string
			shard Shard
		}{
			"another seed":    {morning + "seed: 4\n", Shard{Index: 1, Count: 3}},
			"another shard":   {morning, Shard{Index: 2, Count: 3}},
			"the whole fleet": {morning, Shard{}},
		} {
			network := &slow{}
			_, err := Run(t.Context(), parse(t, tt.text), RunOptions{Network: network, Options: Options{Shard: tt.shard}, Resume: read(t, body)})
			if !errors.Is(err, ErrOtherRun) || len(network.asked) > 0 {
				t.Errorf("%s: error %v, want ErrOtherRun, and %d transfers", what, err, len(network.asked))
			}
		}
	})
}

// A run is kept at the begin, every 30 seconds and at the end. It does not wait
// for a disk that is slow, and writes one checkpoint at a time.
func TestKeepTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept shelf
		var instants []time.Duration
		writing := false
		_, err := Run(t.Context(), parse(t, "devices: 3\nduration: 200s\npopulation: {profile-rule: http://192.0.2.1/x}\n"), RunOptions{
			Network: quick("x"),
			Keep: func(parts [][]byte, err error) {
				if writing {
					t.Error("two checkpoints are written at once")
				}
				writing = true
				kept.put(parts, err)
				instants = append(instants, read(t, kept[len(kept)-1]).At)
				if len(kept) == 3 {
					<-time.After(70 * time.Second)
				}
				writing = false
			},
		})
		want := []time.Duration{0, 30 * time.Second, 60 * time.Second, 150 * time.Second, 180 * time.Second, 200 * time.Second}
		if err != nil || !slices.Equal(instants, want) {
			t.Errorf("kept at %v, error %v, want %v", instants, err, want)
		}
	})
}

// FuzzResume: whatever a file holds is refused, or its devices go on.
func FuzzResume(f *testing.F) {
	s, err := ParseScenario("fuzz", []byte("devices: 2\nduration: 1h\npopulation: {quirks: [delay-lists, forced-resync=deadline]}\n"))
	if err != nil {
		f.Fatal(err)
	}
	c, err := NewInventory(s, Shard{})
	if err != nil {
		f.Fatal(err)
	}
	w := checkpoint.NewWriter(0)
	devices := c.Devices()
	for i := range devices {
		devices[i].SwitchOn(time.Second)
		devices[i].Step(&device.Input{Now: time.Second}, nil)
		devices[i].Step(&device.Input{Now: time.Second, Kind: device.GotLease, Lease: c.Lease(i)}, nil)
		frozen := devices[i].Freeze(time.Minute)
		w.Add(time.Minute, &frozen)
	}
	f.Add(bytes.Join(w.Finish(checkpoint.Head{At: time.Minute, Shards: 1, Digest: s.Digest()}, nil), nil))
	f.Fuzz(func(t *testing.T, body []byte) {
		k, err := ReadCheckpoint(body)
		if err != nil || k.Devices != 2 {
			return
		}
		devices, p, err := thaw(c, &RunOptions{Resume: k})
		if err != nil {
			return
		}
		for i := range devices {
			now := p.until
			for range 20 {
				now = max(now, min(devices[i].Deadline(), now+time.Hour))
				devices[i].Step(&device.Input{Now: now}, nil)
			}
		}
	})
}
