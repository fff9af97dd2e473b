//go:build linux

package interop

import (
	"context"
	"errors"
	"testing"
	"time"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/report"
	"provsim/internal/run"
	"provsim/internal/tally"
	webfleet "provsim/internal/web/fleet"
	"provsim/resync"
)

// A post is where somebody watches a run with a browser.
type post struct {
	*tab
	url string
}

const watcher = "a-password-of-a-test"

// login opens a dashboard and logs in.
func (p *post) login() {
	p.t.Helper()
	p.open(p.url)
	p.fill("#user", "admin")
	p.fill("#password", watcher)
	p.click("form.card button", "#state")
}

// A city of two kinds of site, whose power goes and comes back.
const city = `
name: A city's morning
seed: 7
devices: 3000
duration: 2h
population:
  profile-rule: http://192.0.2.1/$MA.cfg
  settings: [{set: {Resync Periodic: "900", Resync Random Delay: "30", Resync Error Retry Delay: "120"}}]
sites: [{name: office, devices: 50}, {name: home}]
phases: [{over: 10m}]
events: [{at: 40m, power-cut: {devices: 60%, for: 5m}}, {at: 75m, outage: {for: 8m}}]
server: {http: {workers: 1, resync: {shape: exponential, mean: 18ms}}}
`

// block is some of them, whose phones start in a second.
const block = `
name: A block of flats
devices: 500
population:
  profile-rule: http://192.0.2.1/$MA.cfg
  boot-time: 1s
  settings: [{set: {Resync Periodic: "900", Resync Random Delay: "1", Resync Error Retry Delay: "120"}}]
sites: [{name: office, devices: 50}, {name: home}]
`

func scenario(t *testing.T, text string) *fleet.Scenario {
	t.Helper()
	s, err := fleet.ParseScenario("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// aPlan is the dashboard of a plan that has ended.
func aPlan(t *testing.T) *post {
	t.Helper()
	s := scenario(t, city)
	inventory, err := fleet.NewInventory(s, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	page := dashboard(t, webfleet.Config{Run: tally.Run{Scenario: s.Name}, Inventory: inventory})
	result, err := fleet.Plan(t.Context(), s, fleet.Options{Journal: page})
	if err != nil {
		t.Fatal(err)
	}
	page.Show(report.New(result.Run(), result.Tally.Totals(), nil), result.Tally)
	p := &post{chromium(t), page.URL()}
	p.login()
	return p
}

func dashboard(t *testing.T, c webfleet.Config) *webfleet.Page {
	t.Helper()
	c.Address, c.User, c.Password = "127.0.0.1:0", "admin", watcher
	page, err := webfleet.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	return page
}

// answers is a network that answers at once, and refuses one device in seven.
type answers struct{}

func (answers) Start(_ time.Duration, req *device.Request, d run.Delivery) {
	reply := device.Reply{Body: []byte("DBID_DBASE_VERSION=1\n"), Bytes: 21}
	if d.Device()%7 == 0 {
		reply = device.Reply{Outcome: resync.HTTPStatus, Note: "403 Forbidden, says <b>the server</b>"}
	}
	d.After(time.Duration(1+d.Device()%40)*time.Millisecond, &reply)
}

// underway is the dashboard of a run that goes on until the test ends, or until
// somebody stops it, which closes the channel.
func underway(t *testing.T) (*post, <-chan struct{}) {
	t.Helper()
	s := scenario(t, block)
	inventory, err := fleet.NewInventory(s, fleet.Shard{})
	if err != nil {
		t.Fatal(err)
	}
	drain, stop := context.WithCancel(context.Background())
	about := (&fleet.Result{Scenario: s, Started: time.Now()}).Run()
	page := dashboard(t, webfleet.Config{Run: about, Inventory: inventory, Stop: stop})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, err := fleet.Run(ctx, s, fleet.RunOptions{
			Options: fleet.Options{Journal: page, Every: time.Second, Progress: func(fleet.Progress) { page.Changed() }},
			Network: answers{}, Drain: drain.Done(), Control: func(c *fleet.Control) { page.Attach(c) },
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); stop(); <-ended })
	p := &post{chromium(t), page.URL()}
	p.login()
	return p, ended
}

// An operator watches a run, cuts the power, sees it go and come back, looks at
// the device that fails, and stops the run.
func TestOperatorWatchesAFleet(t *testing.T) {
	t.Parallel()
	p, ended := underway(t)
	p.waits("#chart-devices", "idle 428")
	p.waits("#chart-devices", "failed 72")
	p.fill("#cut-for", "8") // longer than a slow machine takes from one look to the next
	p.click(`form[action="/power-cut"] button`, ".notice.good")
	p.shows("The power of 100 % of the devices is cut for 8 s.")
	p.waits("#chart-devices", "off 500")
	p.waits("#chart-devices", "idle 428")
	p.click(`#chart-devices a[href="/devices?state=failed"]`, "#found")
	p.shows("72 devices at", "http-status")
	p.click(`tbody tr:first-child a`, "#journal")
	p.shows("Device 00:21:f2:00:00:00", "403 Forbidden, says <b>the server</b>", "http://192.0.2.1/0021f2000000.cfg")
	p.open(p.url + "devices")
	p.fill("#q", "f2:00:01:f3")
	p.click(`form.search button`, "#found")
	p.shows("1 device at", "0021f20001f3")
	p.open(p.url + "overview")
	p.press(`input[name="sure"]`)
	p.press(`form[action="/stop"] button`)
	<-ended
}

// Without scripts the dashboard shows what it showed when it was loaded, and
// buttons work.
func TestDashboardWithoutScript(t *testing.T) {
	t.Parallel()
	p, _ := underway(t)
	p.withoutScript()
	p.open(p.url + "overview")
	p.shows("Load it again", "Device states")
	p.click(`form[action="/resync"] button`, ".notice.good")
	p.shows("A resync is asked of 100 % of the devices.")
}

// TestDashboardScreens checks that no page of the dashboard is wider than its
// window, and with axe-core that each is accessible. It makes pictures of them
// where these are wanted.
func TestDashboardScreens(t *testing.T) {
	t.Parallel()
	p := aPlan(t)
	for _, s := range []screen{
		{name: "fleet-overview", path: "overview"},
		{name: "fleet-devices", path: "devices?site=office"},
		{name: "fleet-device", path: "devices/0021f2000011"},
	} {
		p.screens(t, s)
	}
	live, _ := underway(t)
	live.waits("#chart-devices", "idle 428")
	live.screens(t, screen{name: "fleet-running", path: "overview"})
}

// screens looks at a page in every width and colour scheme.
func (p *post) screens(t *testing.T, s screen) {
	p.open(p.url + s.path)
	d := &visitor{tab: p.tab}
	checked := d.loadAxe()
	for _, width := range widths {
		for _, scheme := range schemes {
			p.looks(width, scheme)
			if wide := evaluate[int64](p.tab, "document.documentElement.scrollWidth"); wide > width {
				t.Errorf("%s is %d wide in a window of %d", s.name, wide, width)
			}
			if checked {
				d.accessible(s.name)
			}
			p.picture(s.name, width, scheme)
		}
	}
}
