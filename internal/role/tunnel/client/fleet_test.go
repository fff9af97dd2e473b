package client_test

import (
	"context"
	"testing"
	"time"

	"provsim/fleet/scenario"
	"provsim/internal/fetch/model"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/sched"
)

// plan runs a scenario in virtual time.
func plan(t testing.TB, s *scenario.Scenario) *client.Figures {
	t.Helper()
	r, err := client.NewRun(s, 0, &sched.Virtual{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Drive(context.Background(), client.NewModel(r)); err != nil {
		t.Fatal(err)
	}
	r.Figures.Finish()
	return r.Figures
}

func storm(down time.Duration, kind model.Failing) *scenario.Scenario {
	s := &scenario.Scenario{
		Devices: 1000, Seed: 3, Duration: 50 * time.Minute, Server: scenario.DefaultServer(),
		Phases: []scenario.Phase{{Over: 30 * time.Second}}, Tunnel: &scenario.Tunnel{Services: tunnel.Services{KeepAlive: tunnel.Never}},
	}
	if down > 0 {
		s.Events = []scenario.Event{{At: 10 * time.Minute, Outage: &scenario.Outage{For: down, Kind: kind}}}
	}
	return s
}

// WT-FLT-2, WT-FLT-3: the curve of 1,000 devices whose server was killed. The worst
// case is a restart without downtime.
func TestReconnectStorm(t *testing.T) {
	for down, want := range map[time.Duration]struct {
		back [3]time.Duration
		peak int
	}{
		time.Millisecond: {[3]time.Duration{500 * time.Millisecond, 900 * time.Millisecond, time.Second}, 1000},
		time.Second:      {[3]time.Duration{900 * time.Millisecond, 2300 * time.Millisecond, 4600 * time.Millisecond}, 570},
		10 * time.Second: {[3]time.Duration{5500 * time.Millisecond, 14 * time.Second, 29 * time.Second}, 147},
		time.Minute:      {[3]time.Duration{18 * time.Second, 41 * time.Second, 54 * time.Second}, 34},
		time.Hour / 2:    {[3]time.Duration{18 * time.Second, 41 * time.Second, 54 * time.Second}, 34},
	} {
		f := plan(t, storm(down, model.Stopped))
		if len(f.Storms) != 1 || f.Storms[0].Devices != 1000 || f.Open != 1000 {
			t.Errorf("down %v: %d storms, %d tunnels at the end", down, len(f.Storms), f.Open)
			continue
		}
		s := f.Storms[0]
		for i, w := range want.back {
			if got := s.Back[i]; float64(got) < 0.75*float64(w)-1e8 || float64(got) > 1.25*float64(w)+1e8 {
				t.Errorf("down %v: %v of the devices are back after %v, want about %v", down, client.Shares[i], got, w)
			}
		}
		if s.Back[3] > time.Minute+time.Second {
			t.Errorf("down %v: the last device is back after %v", down, s.Back[3])
		}
		if float64(s.Peak) < 0.75*float64(want.peak) || float64(s.Peak) > 1.35*float64(want.peak) {
			t.Errorf("down %v: peak %d a second, want about %d", down, s.Peak, want.peak)
		}
	}
}

// A server that is silent is given up after 120 s (WT-LIFE-2), and one that has
// no room asks for patience (WT-LIM-2).
func TestOtherServers(t *testing.T) {
	f := plan(t, storm(5*time.Minute, model.Gone))
	if f.Outcomes[tunnel.DeadPeer] != 1000 || f.Outcomes[tunnel.Timeout] == 0 || f.Open != 1000 || f.Storms[0].At != 12*time.Minute {
		t.Errorf("a silent server: %v, %d open, %+v", f.Outcomes, f.Open, f.Storms)
	}
	full := storm(0, "")
	full.Tunnel.MaxTunnels = 600
	if f = plan(t, full); f.Open != 600 || f.Statuses[503] == 0 || len(f.Storms) != 0 {
		t.Errorf("a full server: %d open, %v", f.Open, f.Statuses)
	}
}

// A power cut and a rolling restart are not storms, and no device is forgotten.
func TestEventsOfFleets(t *testing.T) {
	s := storm(0, "")
	s.Duration, s.Tunnel.KeepAlive = 30*time.Minute, 0
	s.Events = []scenario.Event{
		{At: 10 * time.Minute, PowerCut: &scenario.PowerCut{For: time.Minute, Over: 10 * time.Second}},
		{At: 20 * time.Minute, Reboot: &scenario.Reboot{Over: 5 * time.Minute}},
	}
	f := plan(t, s)
	if f.Open != 1000 || f.Opens != 3000 || len(f.Storms) != 0 || len(f.Outcomes) != 0 {
		t.Errorf("%d open, %d opens, %d storms, outcomes %v", f.Open, f.Opens, len(f.Storms), f.Outcomes)
	}
	if at := f.Seconds[10*60+30]; at.Open != 0 {
		t.Errorf("%d tunnels without power", at.Open)
	}
	if got := f.Services[tunnel.ColdStart].Count; got != 3000 {
		t.Errorf("%d cold starts, want one after each start", got)
	}
	if alive := f.Services[tunnel.KeepAlive]; alive.Count < 50_000 || alive.Failed > 0 {
		t.Errorf("keep-alives %+v", alive)
	}
}

// The same seed gives the same run.
func TestPlansRepeat(t *testing.T) {
	a, b := plan(t, storm(time.Second, model.Stopped)), plan(t, storm(time.Second, model.Stopped))
	if a.Storms[0] != b.Storms[0] || a.Tries != b.Tries || a.Connect(0.99) != b.Connect(0.99) {
		t.Errorf("%+v and %+v", a.Storms, b.Storms)
	}
}
