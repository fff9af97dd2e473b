package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/web/app"
	"provsim/resync"
)

// A stand is a run with its dashboard, and a client of that.
type stand struct {
	t         *testing.T
	page      *Page
	inventory *fleet.Inventory
	control   *fleet.Control
	events    chan device.EventKind
	stopped   chan struct{}
	client    *http.Client
	token     string
}

const town = `
name: %
devices: 120
population:
  profile-rule: http://192.0.2.1/$MA.cfg
  boot-time: 50ms
  settings: [{set: {Resync Periodic: "3600", Resync Random Delay: "0", Resync Error Retry Delay: "3600"}}]
sites: [{name: office, devices: 10}, {name: home}]
`

// Start answers at once, and refuses every seventh device in words that would
// run in a page.
func (s *stand) Start(_ time.Duration, _ *device.Request, d run.Delivery) {
	reply := device.Reply{Body: []byte("DBID_DBASE_VERSION=" + "1\n"), Bytes: 21}
	if d.Device()%7 == 0 {
		reply = device.Reply{Outcome: resync.HTTPStatus, Note: "403 " + evil}
	}
	d.After(time.Millisecond, &reply)
}

// evil is a text that would run in a page that takes it for HTML, an attribute's
// end or a script's.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`

// Add tells what happens.
func (s *stand) Add(r *journal.Record) error {
	s.events <- r.Kind
	return nil
}

// start begins a run and waits until each device has resynced and is up.
func start(t *testing.T, name string) *stand {
	t.Helper()
	scenario, err := fleet.ParseScenario("town.yaml", []byte(strings.Replace(town, "%", mustJSON(t, name), 1)))
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t: t, events: make(chan device.EventKind, 100_000), stopped: make(chan struct{})}
	if s.inventory, err = fleet.NewInventory(scenario, fleet.Shard{}); err != nil {
		t.Fatal(err)
	}
	c := config((&fleet.Result{Scenario: scenario, Started: time.Now()}).Run().Scenario, s.inventory)
	c.Stop = func() { close(s.stopped) }
	if s.page, err = New(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := fleet.Run(ctx, scenario, fleet.RunOptions{
			Options: fleet.Options{Journal: journal.Tee(s.page, s), Every: time.Second, Progress: func(fleet.Progress) { s.page.Changed() }},
			Network: s, Drain: s.stopped, Control: func(c *fleet.Control) { s.control = c; s.page.Attach(c) },
		})
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v", err)
		}
		s.page.Close()
	})
	// Those that have applied their file start anew.
	s.wait(map[device.EventKind]int{device.ResyncDone: 120, device.Leased: 120 + 102})
	s.client = newClient(t)
	return s
}

func config(name string, c Inventory) Config {
	cfg := Config{Access: app.Access{Address: "127.0.0.1:0", User: "admin", Password: password}, Inventory: c}
	cfg.Run.Scenario = name
	return cfg
}

const password = "hunter2-of-the-dashboard"

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wait waits for the given number of events of each kind.
func (s *stand) wait(counts map[device.EventKind]int) {
	s.t.Helper()
	timeout := time.After(30 * time.Second)
	for len(counts) > 0 {
		select {
		case k := <-s.events:
			if counts[k]--; counts[k] <= 0 { // also of a kind that no test waits for
				delete(counts, k)
			}
		case <-timeout:
			s.t.Fatalf("%v more did not come in 30 seconds", counts)
		}
	}
}

// resyncs waits for count resyncs to end.
func (s *stand) resyncs(count int) {
	s.t.Helper()
	s.wait(map[device.EventKind]int{device.ResyncDone: count})
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *stand) login() *stand {
	s.t.Helper()
	var answer struct{ CSRF string }
	status, body := s.ask("POST", "/api/login", `{"user":"admin","password":"`+password+`"}`)
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		s.t.Fatalf("the login answers %d: %s", status, body)
	}
	s.token = answer.CSRF
	return s
}

// ask sends a request with a body of JSON; a GET has none.
func (s *stand) ask(method, path, body string) (int, string) {
	s.t.Helper()
	return s.send(s.request(method, path, "application/json", body))
}

// post sends a form.
func (s *stand) post(path string, form url.Values) (int, string) {
	s.t.Helper()
	form.Set("csrf", s.token)
	return s.send(s.request("POST", path, "application/x-www-form-urlencoded", form.Encode()))
}

func (s *stand) request(method, path, kind, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, strings.TrimSuffix(s.page.URL(), "/")+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if method != "GET" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-CSRF-Token", s.token)
	}
	return r
}

func (s *stand) send(r *http.Request) (int, string) {
	s.t.Helper()
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// get expects a page.
func (s *stand) get(path string) string {
	s.t.Helper()
	status, page := s.ask("GET", path, "")
	if status != http.StatusOK {
		s.t.Fatalf("%s answers %d: %s", path, status, page)
	}
	return page
}

func (s *stand) json(path string, into any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.get(path)), into); err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
}

// fresh makes the next look a new one.
func (s *stand) fresh() {
	if v := s.page.seen.Load(); v != nil {
		old := *v
		old.fresh = time.Time{}
		s.page.seen.Store(&old)
	}
}

func (s *stand) states() map[string]int {
	s.t.Helper()
	s.fresh()
	var r standing
	s.json("/api/run", &r)
	return r.States
}
