package fleet

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/resync"
)

// slow is a network whose server takes its time, as goroutines that sleep.
type slow struct {
	took time.Duration
	body string

	mu    sync.Mutex
	asked []int
}

func (s *slow) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, d.Device())
	ctx := d.Context()
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(s.took):
			d.Now(device.Reply{Body: []byte(s.body), Bytes: int64(len(s.body))})
		}
	}()
}

const morning = `
devices: 30
duration: 1h
population: {profile-rule: http://192.0.2.1/x, settings: [{set: {Resync Periodic: 600, Resync Random Delay: 60}}]}
events: [{at: 20m, power-cut: {for: 1m}}, {at: 30m, reboot: {}}]
`

// The wall clock runs what a plan runs, and the memory goes in and out.
func TestRunOnTheWallClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, morning)
		network := &slow{took: time.Second, body: "DBID_DBASE_VERSION=5\n"}
		saved, last := map[device.MAC]string{}, map[int]string{}
		r, err := Run(t.Context(), s, RunOptions{
			Network: network, Epoch: time.Now().Add(time.Hour),
			Recall: func(n int, _ device.MAC, fresh *device.Stored) (*device.Stored, error) {
				if n != 7 {
					return fresh, nil
				}
				known := *fresh
				known.Version = "5"
				return &known, nil
			},
			Save: func(mac device.MAC, s *device.Stored) error { saved[mac] = s.Version; return nil },
			Last: func(n int, d *device.Device) { last[n] = d.Stored().Version },
		})
		if err != nil {
			t.Fatal(err)
		}
		outcomes := r.Tally.Totals().Outcomes[resync.Resync]
		if outcomes[resync.Applied] != 29 || outcomes[resync.Unchanged] == 0 {
			t.Errorf("%d files applied and %d unchanged, want 29, and the rest of all resyncs", outcomes[resync.Applied], outcomes[resync.Unchanged])
		}
		if len(saved) != 30 || len(last) != 30 || saved[device.MAC{0x00, 0x21, 0xf2}] != "5" || last[0] != "5" {
			t.Errorf("%d devices saved, %d told last, device 0 has version %q, want 30, 30 and 5", len(saved), len(last), last[0])
		}
		// Power-on at 0, the applied file, the power cut, the reboot.
		if boots := r.Tally.Totals().Boots; boots != 29*4+3 || r.Until != time.Hour || r.Started.IsZero() {
			t.Errorf("%d boots until %v, want 119 until 1h", boots, r.Until)
		}
	})
}

// A shard on the wall clock drives its own devices, which do what they do in the
// whole fleet.
func TestRunOfAShard(t *testing.T) {
	records := func(o Options) (b bytes.Buffer, asked int) {
		synctest.Test(t, func(t *testing.T) {
			network := &slow{took: time.Second, body: "DBID_DBASE_VERSION=5\n"}
			o.Journal = only{device.MAC{0x00, 0x21, 0xf2, 0, 0, 7}, journal.NewJSON(&b)}
			if _, err := Run(t.Context(), parse(t, morning), RunOptions{Options: o, Network: network}); err != nil {
				t.Fatal(err)
			}
			asked = len(network.asked)
		})
		return b, asked
	}
	whole, all := records(Options{})
	part, few := records(Options{Shard: Shard{Index: 1, Count: 3}})
	if whole.Len() == 0 || !bytes.Equal(whole.Bytes(), part.Bytes()) || few*2 > all {
		t.Errorf("device 7 has %d bytes of records in the whole, %d in its shard; %d and %d transfers", whole.Len(), part.Len(), all, few)
	}
}

// The first interrupt lets what is in flight end, and nothing new start.
func TestRunDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, morning)
		network := &slow{took: 10 * time.Second, body: "DBID_DBASE_VERSION=5\n"}
		drain := make(chan struct{})
		time.AfterFunc(30*time.Second, func() { close(drain) })
		began := time.Now()
		r, err := Run(t.Context(), s, RunOptions{Network: network, Drain: drain})
		if err != nil {
			t.Fatal(err)
		}
		totals := r.Tally.Totals()
		ended, _ := totals.Outcomes.Ended(resync.Resync)
		if took := time.Since(began); took <= 30*time.Second || took > 40*time.Second || int(ended) != len(network.asked) || ended == 0 || ended == 30 {
			t.Errorf("after %v %d of %d transfers have ended, want all that began, within 10 s of the interrupt", took, ended, len(network.asked))
		}
	})
}

// A drained run without anything in flight ends at once, and the second
// interrupt, which ends the context, does not wait.
func TestRunEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, morning)
		drain := make(chan struct{})
		time.AfterFunc(5*time.Minute, func() { close(drain) })
		began := time.Now()
		network := &slow{took: time.Second, body: "DBID_DBASE_VERSION=5\n"}
		if _, err := Run(t.Context(), s, RunOptions{Network: network, Drain: drain}); err != nil || time.Since(began) != 5*time.Minute {
			t.Errorf("drained after %v: %v, want 5m and no error", time.Since(began), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(45*time.Second, cancel)
		began = time.Now()
		r, err := Run(ctx, s, RunOptions{Network: &slow{took: time.Hour}, Drain: make(chan struct{})})
		if !errors.Is(err, context.Canceled) || r == nil || r.Until != 45*time.Second || time.Since(began) != 45*time.Second {
			t.Errorf("interrupted after %v: %v and %+v, want the context's error and the result after 45s", time.Since(began), err, r)
		}
	})
}

// A run that would do nothing says why, and sends no request.
func TestRunHasNothingToDo(t *testing.T) {
	const server = "population: {profile-rule: http://192.0.2.1/x}\n"
	for _, c := range []struct {
		why, text string
		epoch     time.Time
		want      string // empty: it runs
	}{
		{"no server", "duration: 1s\n", time.Time{}, "no phone has a server to ask"},
		{"no server of the settings", "duration: 1s\npopulation: {settings: [{set: {Option 66: 0}}]}\n", time.Time{}, "no phone has a server to ask"},
		{"a server of the settings", "duration: 1s\npopulation: {settings: [{set: {Option 66: 0, Profile Rule: http://h/x}}]}\n", time.Time{}, ""},
		{"a server of option 66", "duration: 1s\npopulation: {option66: 192.0.2.2}\n", time.Time{}, ""},
		{"late phases", server + "duration: 1m\nphases: [{devices: 50%, at: 2m}, {at: 1m}]\n", time.Time{}, "the first phone is switched on at 1m, and the run ends at 1m"},
		{"a late event", server + "duration: 1m\nevents: [{at: 1s, reboot: {}}, {at: 1h30m, reboot: {}}]\n", time.Time{}, "event 2, reboot: it comes at 1h30m"},
		{"the past", server + "duration: 1m\n", time.Unix(9e8, 0), "the run would have ended at 1998-07-09"},
	} {
		synctest.Test(t, func(t *testing.T) {
			network := &slow{took: time.Millisecond, body: "x"}
			_, err := Run(t.Context(), parse(t, c.text), RunOptions{Network: network, Epoch: c.epoch})
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%s: %v", c.why, err)
			case c.want != "" && (!errors.Is(err, ErrNothingToDo) || !strings.Contains(err.Error(), c.want) || len(network.asked) > 0):
				t.Errorf("%s: error %v after %d transfers, want one that says %q", c.why, err, len(network.asked), c.want)
			}
		})
	}
	if _, err := Plan(t.Context(), parse(t, "duration: 1m\nphases: [{at: 2m}]\n"), Options{}); !errors.Is(err, ErrNothingToDo) {
		t.Errorf("a plan whose phones are switched on after its end: %v", err)
	}
}

// PlanOnly lists what a run on the wall clock leaves out of a scenario.
func TestPlanOnly(t *testing.T) {
	got := parse(t, "server: {http: {workers: 3}}\nsites: [{name: a}, {loss: 1%}]\nevents: [{at: 1h, resync: {}}, {at: 1h, outage: {for: 1m}}]\n").PlanOnly()
	want := []string{"server", "events[1].outage", "loss, delay, rate and clock of sites[1]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if got := append((&Scenario{}).PlanOnly(), parse(t, "name: plain\n").PlanOnly()...); got != nil {
		t.Errorf("of a plain scenario %q is left out", got)
	}
	if _, err := Run(t.Context(), &Scenario{}, RunOptions{}); err == nil {
		t.Error("a run without a network is no error")
	}
}
