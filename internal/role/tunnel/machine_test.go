package tunnel_test

import (
	"slices"
	"testing"
	"time"

	"provsim/internal/role/tunnel"
	"provsim/resync"
)

// ended runs a machine through attempts that all end alike, and returns the waits.
func ended(m *tunnel.Machine, n int, how tunnel.Outcome, after time.Duration) (waits []time.Duration) {
	now := time.Duration(0)
	m.PowerOn()
	for range n {
		m.Ended(now, how, after)
		waits = append(waits, m.Deadline()-now)
		now = m.Deadline()
		if m.Wake(now) != tunnel.Dial {
			panic("no attempt at the deadline")
		}
	}
	return waits
}

// WT-LIFE-3: waits are uniform in 0 to min(60, 2^k) s, and the device never gives up.
func TestWaitsDouble(t *testing.T) {
	var sums [10]time.Duration
	const devices = 2000
	for d := range devices {
		for i, w := range ended(&tunnel.Machine{Seed: 1, Device: d}, len(sums), tunnel.Refused, 0) {
			if limit := min(time.Minute, time.Second<<i); w < 0 || w > limit {
				t.Fatalf("device %d, wait %d: %v, want at most %v", d, i, w, limit)
			}
			sums[i] += w
		}
	}
	for i, sum := range sums {
		mean, want := sum.Seconds()/devices, min(60, float64(int(1)<<i))/2
		if mean < want*0.95 || mean > want*1.05 {
			t.Errorf("wait %d: mean %.2f s, want %.2f s", i, mean, want)
		}
	}
}

// WT-LIFE-3: refusals that will last begin at k = 6, Retry-After is the least wait
// and at most 600 s, and the quirk reconnect=fixed has one wait.
func TestOtherWaits(t *testing.T) {
	for _, how := range []tunnel.Outcome{tunnel.Unauthorized, tunnel.Untrusted, tunnel.WrongName} {
		var longest time.Duration
		for d := range 100 {
			longest = max(longest, ended(&tunnel.Machine{Device: d}, 1, how, 0)[0])
		}
		if longest < 45*time.Second || longest > time.Minute {
			t.Errorf("after %s the longest first wait of 100 is %v, want nearly a minute", how, longest)
		}
	}
	for after, want := range map[time.Duration]time.Duration{90 * time.Second: 90 * time.Second, time.Hour: 600 * time.Second} {
		if got := ended(&tunnel.Machine{}, 1, tunnel.Status, after)[0]; got != want {
			t.Errorf("Retry-After %v: waited %v, want %v", after, got, want)
		}
	}
	fixed := ended(&tunnel.Machine{Fixed: 5 * time.Second}, 3, tunnel.Refused, 0)
	if !slices.Equal(fixed, []time.Duration{5 * time.Second, 5 * time.Second, 5 * time.Second}) {
		t.Errorf("reconnect=fixed:5s waits %v", fixed)
	}
}

// WT-LIFE-3: k falls to 0 once a tunnel has stood 60 s, and not before.
func TestASettledTunnelStartsAnew(t *testing.T) {
	for stood, want := range map[time.Duration]int{59 * time.Second: 5, time.Minute: 1} {
		m := &tunnel.Machine{}
		ended(m, 4, tunnel.Refused, 0)
		now := time.Hour
		m.Connected(now)
		if m.State() != tunnel.Open || m.Opened() != now || m.Deadline() != resync.Never {
			t.Fatalf("state %v, opened %v", m.State(), m.Opened())
		}
		m.Ended(now+stood, tunnel.Lost, 0)
		if m.Step() != want {
			t.Errorf("after a tunnel of %v the next step is %d, want %d", stood, m.Step(), want)
		}
	}
}

// WT-LIFE-3: k of the wait that begins grows up to 6, where it also begins after a
// refusal that will last.
func TestEndedTellsK(t *testing.T) {
	for how, want := range map[tunnel.Outcome][]int{tunnel.Refused: {0, 1, 2, 3, 4, 5, 6, 6}, tunnel.Unauthorized: {6, 6}} {
		m := &tunnel.Machine{}
		m.PowerOn()
		for i, k := range want {
			if got := m.Ended(0, how, 0); got != k {
				t.Errorf("%s, wait %d: k %d, want %d", how, i, got, k)
			}
			m.Wake(m.Deadline())
		}
	}
}

// WT-PAR-5: a changed parameter closes the tunnel and opens it anew at once.
// WT-LIFE-1: a restart closes it in order.
func TestOrders(t *testing.T) {
	m := &tunnel.Machine{}
	if m.Changed() != tunnel.None || m.Restart() != tunnel.None || m.PowerOn() != tunnel.Dial || m.PowerOn() != tunnel.None {
		t.Error("a device without power has nothing to do, and power comes once")
	}
	m.Connected(0)
	if got := m.Changed(); got != tunnel.Reconfigure || m.State() != tunnel.Connecting {
		t.Errorf("changed while open: action %v, state %v", got, m.State())
	}
	m.Ended(0, tunnel.Refused, 0)
	if got := m.Changed(); got != tunnel.Dial {
		t.Errorf("changed while waiting: action %v", got)
	}
	m.Connected(0)
	if got := m.Restart(); got != tunnel.Close || m.State() != tunnel.Off || m.Deadline() != resync.Never {
		t.Errorf("restart: action %v, state %v", got, m.State())
	}
	m.PowerOn()
	if got := m.PowerOff(); got != tunnel.Drop {
		t.Errorf("power off: action %v", got)
	}
	m.Ended(0, tunnel.Lost, 0)
	if m.State() != tunnel.Off {
		t.Errorf("a device without power is %v", m.State())
	}
}

// WT-LIFE-2: pings 30, 60 and 90 s after the last message, dead after 120 s.
func TestWatch(t *testing.T) {
	for _, every := range []time.Duration{0, tunnel.PingAfter} {
		var idle time.Duration
		var pings []time.Duration
		for range 10 {
			ping, dead, next := tunnel.Watch(idle, every, len(pings))
			if dead {
				break
			}
			if ping {
				pings = append(pings, idle)
			}
			if next <= 0 {
				t.Fatalf("after %v it looks again in %v", idle, next)
			}
			idle += next
		}
		want := []time.Duration{30 * time.Second, 60 * time.Second, 90 * time.Second}
		if every == 0 {
			want = nil
		}
		if idle != 120*time.Second || !slices.Equal(pings, want) {
			t.Errorf("ping %v: pings at %v, dead at %v", every, pings, idle)
		}
	}
}

// WT-SVC-4, WT-SVC-5: services keep their own timers, each can be off.
func TestServicesAreDue(t *testing.T) {
	s := tunnel.Services{Files: tunnel.Pace(time.Hour), NTP: tunnel.Never, Syslog: tunnel.Pace(500 * time.Millisecond)}
	count := map[tunnel.Service]int{}
	c := tunnel.Clock{}
	if _, due := c.Take(0, &s); due || c.Deadline() != resync.Never {
		t.Error("a clock that has not begun is due")
	}
	c.Begin(0, &s, 7)
	for c.Deadline() < time.Minute {
		now := c.Deadline()
		service, ok := c.Take(now, &s)
		if !ok {
			t.Fatalf("nothing is due at the deadline %v", now)
		}
		count[service]++
	}
	if count[tunnel.Files] != 1 || count[tunnel.NTP] != 0 || count[tunnel.KeepAlive] != 1 || count[tunnel.Syslog] != 120 || len(count) != 3 {
		t.Errorf("in a minute: %v", count)
	}
	c.Take(time.Hour/2, &s)
	if c.Deadline() < time.Minute {
		t.Error("a late clock makes up for what it has missed")
	}
	c.Stop()
	if c.Deadline() != resync.Never {
		t.Error("a stopped clock is due")
	}
}

func TestPaces(t *testing.T) {
	for text, want := range map[string]tunnel.Pace{
		"2/s": tunnel.Pace(time.Second / 2), "6/m": tunnel.Pace(10 * time.Second), "24h": tunnel.Pace(24 * time.Hour), "off": tunnel.Never,
	} {
		var p tunnel.Pace
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s: %v, %v", text, p, err)
		}
		var again tunnel.Pace
		if err := again.UnmarshalText([]byte(p.String())); err != nil || again != p {
			t.Errorf("%s comes back as %v, %v", text, again, err)
		}
	}
	for _, text := range []string{"", "0", "-1s", "2/x", "0/s", "1e9/s", "NaN/s", "Inf/s", "1us", "9000h"} {
		var p tunnel.Pace
		if p.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is taken for %v", text, p)
		}
	}
}
