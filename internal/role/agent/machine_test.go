package agent

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/internal/role/ippm"
)

var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

var config = Config{Manager: "127.0.0.2", Key: "00112233445566778899aabbccddeeff", Tenants: []string{"Lab"}, Period: 5 * time.Second}

// AG-CFG-2 and the vectors of the specification.
func TestConfig(t *testing.T) {
	for text, want := range map[string]time.Duration{"1": time.Second, "59": 59 * time.Second, "0": 0, "60": 0, "5.5": 0, "5s": 0, "": 0, "-1": 0, "05": 0, " 5": 0} {
		if got, err := ParsePeriod(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("period %q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"ovoc.example": "ovoc.example:443", "10.0.0.1:8443": "10.0.0.1:8443", "fd00::1": "[fd00::1]:443", "[fd00::1]:8443": "[fd00::1]:8443"} {
		if err := CheckManager(text); err != nil || (Config{Manager: text}).Address() != want {
			t.Errorf("%q: %v, %q", text, err, (Config{Manager: text}).Address())
		}
	}
	for _, text := range []string{"http://h", "h/x", "u@h", "h:0", "h:x", "a b", "-h", "h?x", "[h"} {
		if CheckManager(text) == nil {
			t.Errorf("%q is taken as the manager", text)
		}
	}
	if err := CheckKey("s3cret"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(t.TempDir(), "agent.json")
	if c, err := Load(file); err != nil || c.Period != UsualPeriod || c.Ready() {
		t.Errorf("AG-CFG-3: a missing file is %+v, %v", c, err)
	}
	if err := Save(file, config); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(file); err != nil || fmt.Sprint(c) != fmt.Sprint(config) || !c.Ready() {
		t.Errorf("loaded %+v, %v", c, err)
	}
}

// AG-LOOP-1: polls start on a grid, one is in flight, a failure changes nothing.
func TestPolls(t *testing.T) {
	m := NewMachine(config, 2, false)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	if got := m.Next(start); got != start {
		t.Fatalf("the first poll is at %v", got)
	}
	m.Begin(start)
	if got := m.Next(at(5)); !got.IsZero() {
		t.Errorf("a second poll in flight, at %v", got)
	}
	m.Failed("no connection")
	if got := m.Next(at(1)); got != at(5) {
		t.Errorf("after a failure at %v, want 5 s after the last start", got)
	}
	m.Begin(at(5))
	m.Failed("no answer")
	if got := m.Next(at(37)); got.After(at(37)) && got != at(40) || got.Before(at(32)) {
		t.Errorf("after a poll that took 32 s the next is at %v", got.Sub(start))
	}
	if s := m.State(at(37)); s.Error != "no answer" || s.Config.Key != "" || !s.HasKey {
		t.Errorf("the page has %+v", s)
	}
	m.Configure(Config{Period: time.Second})
	if got := m.Next(at(40)); !got.IsZero() {
		t.Error("AG-CFG-3: it polls without an address")
	}
	slow := NewMachine(config, 2, true)
	for range 10 {
		slow.Begin(start)
		slow.Failed("x")
	}
	if got := slow.Next(start); got != start.Add(time.Minute) {
		t.Errorf("quirk backoff: %v", got.Sub(start))
	}
}

func list(requests ...ippm.Request) []byte {
	text, err := json.Marshal(ippm.List{Requests: requests})
	if err != nil {
		panic(err)
	}
	return text
}

// AG-LOOP-2: one by one on each device in the list's order, devices in parallel.
func TestOrder(t *testing.T) {
	m := NewMachine(config, 1, false)
	request := func(id uint64, mac string) ippm.Request { return ippm.Request{ID: id, MAC: mac, IP: "127.0.2.1"} }
	m.Begin(start)
	m.Fetched(start, start, list(request(1, "00908f000001"), request(2, "00908f000001"), request(3, "00908f000002"), request(4, "00908f000001")))
	take := func() ippm.Request {
		r, _, ok := m.Take(start)
		if !ok {
			return ippm.Request{}
		}
		return r
	}
	a, b := take(), take()
	if a.ID != 1 || b.ID != 3 || take().ID != 0 {
		t.Fatalf("begun are %d and %d, want 1 and 3 and no more", a.ID, b.ID)
	}
	m.Done(a)
	if a = take(); a.ID != 2 {
		t.Errorf("then %d, want 2", a.ID)
	}
	m.Done(a)
	m.Done(b)
	if a = take(); a.ID != 4 || take().ID != 0 {
		t.Errorf("then %d, want 4", a.ID)
	}
	m.Done(a)
	if s := m.State(start); s.Waiting != 0 || s.Devices != 2 {
		t.Errorf("at the end %+v", s)
	}
	var many []ippm.Request
	for i := range 20 {
		many = append(many, request(uint64(i), fmt.Sprintf("00908f0000%02x", i)))
	}
	m.Begin(start)
	m.Fetched(start, start, list(many...))
	workers := 0
	for {
		if _, _, ok := m.Take(start); !ok {
			break
		}
		workers++
	}
	if workers != workersPerCore {
		t.Errorf("%d workers on one core, want 8", workers)
	}
}

// Section 10: expires by the reply's Date header, not by the Agent's clock.
func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		manager time.Time
		left    time.Duration
		expired bool
	}{{start, time.Minute, false}, {start, 0, true}, {start.Add(-time.Hour), -time.Minute, false}, {start.Add(time.Hour), time.Minute, true}, {time.Time{}, time.Second, false}} {
		m := NewMachine(config, 1, false)
		m.Begin(start)
		m.Fetched(start, c.manager, list(ippm.Request{IP: "x", Expires: start.Add(c.left).Unix()}))
		if _, expired, ok := m.Take(start); !ok || expired != c.expired {
			t.Errorf("manager's clock %v, %v left: expired %v", c.manager.Sub(start), c.left, expired)
		}
	}
}

// AG-SIZE-1.
func TestSize(t *testing.T) {
	m := NewMachine(config, 2, false)
	for i := range 301 {
		m.Saw(start, fmt.Sprint(i))
		if _, warn := m.Warn(start); warn != (i == 300) {
			t.Errorf("%d devices: warning %v", i+1, warn)
		}
	}
	if _, again := m.Warn(start); again || m.State(start).Warning == "" {
		t.Error("the log warns again, or the page does not")
	}
	if n, tooMany := m.Devices(start.Add(3 * time.Hour)); n != 0 || tooMany {
		t.Errorf("two hours later there are %d", n)
	}
}

// AG-PX-1.
func TestPasses(t *testing.T) {
	for path, want := range map[string]bool{
		"/rest/v1/ipphoneMgrStatus/keep-alive": true, "/configfiles/00908f602aac.cfg": true, "/firmwarefiles/440HD.img": true,
		"/ipp/tenant/Nir/": true, "/dynamicconfigfiles/x": true, "/firmwarefiles/": true,
		"/": false, "/rest": false, "/other": false, "/rest/v1/ipphoneMgrAgent/poll": false, "/rest/v1/ipphonemgragent/report": false,
		"/rest//v1/ipphoneMgrAgent/poll": false, "/rest/v1/x/../ipphoneMgrAgent/poll": false, "/configfiles/../api/v1/devices": false,
		"/rest/v1/ipphoneMgrAgent": false, "/rest/v1/%69pphoneMgrAgent/poll": false, "/rest/v1\\ipphoneMgrAgent/poll": false, "//rest/v1/x": false,
	} {
		if got := passes(path); got != want {
			t.Errorf("%s: passed on %v, want %v", path, got, want)
		}
	}
}

func FuzzList(f *testing.F) {
	f.Add(list(ippm.Request{ID: 1, MAC: "00908f602aac", IP: "127.0.0.1", Method: "GET", Path: "/rest/v1/status"}))
	f.Add([]byte(`{"requests":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := NewMachine(config, 1, false)
		m.Begin(start)
		m.Fetched(start, start, body)
		for range 1000 {
			r, _, ok := m.Take(start)
			if !ok {
				break
			}
			m.Done(r)
		}
		if m.running != 0 || m.State(start).Waiting > 0 && m.State(start).Error != "" {
			t.Errorf("%d under way, %+v", m.running, m.State(start))
		}
	})
}
