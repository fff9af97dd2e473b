package devicemanager_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/role/agent"
	. "provsim/internal/role/devicemanager"
	"provsim/internal/role/ippm"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/profile"
	"provsim/resync"
)

// The systems in virtual time: no socket, but the same machines that serve, and whole
// phones. Each party has its own delays to the others.
const (
	wireTime    = 5 * time.Millisecond
	callTimeout = 5 * time.Second
	pollEach    = 5 * time.Second // AG-CFG-1

	managerHost, agentHost = "127.0.0.2", "127.0.1.1"
)

var began = time.Date(2019, 2, 17, 0, 0, 0, 0, time.UTC)

// world is a manager, its phones, and perhaps an Agent.
type world struct {
	t       *testing.T
	driver  *run.Driver
	devices []device.Device
	manager *Machine
	agents  []*agent.Machine // that live
	loses   bool             // the next reply to an Agent with actions in it
	states  []device.WebState
	nat     bool // phones take calls from the Agent only

	requests []string // that the manager has seen, with their senders
	beats    []int    // keep-alives by second
	bytes    int64
	sent     map[string]time.Duration // when an action was given, by its text
	shown    map[string]time.Duration // and when the phone did it
	results  map[string]int           // of calls and reports
}

// newWorld makes phones of the tenant Branch, which is in a mode.
func newWorld(t *testing.T, phones int, tenant Tenant, settings ...string) *world {
	t.Helper()
	vendor, err := vendors.Lookup("audiocodes")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, manager: New(Config{User: "system"}), states: make([]device.WebState, phones), nat: tenant.NAT,
		sent: map[string]time.Duration{}, shown: map[string]time.Duration{}, results: map[string]int{}, devices: make([]device.Device, phones),
	}
	w.manager.Start(serviceKey)
	w.manager.SetAgents(true, "")
	tenant.Name = "Branch"
	tenant.Templates = map[string]string{"440HD": "voip/line/0/enabled=1\nems_server/provisioning/url http://" + managerHost + "/\nprovisioning/random_provisioning_time=120"}
	if err := w.manager.SetTenant(tenant); err != nil {
		t.Fatal(err)
	}
	m := device.NewModel(vendor, encrypt.Ciphers()[0])
	m.Memo, m.Seed = device.NewMemo(), 1
	var config profile.Config
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		if config, err = config.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	product := &device.Product{Name: vendor.Shipped.Product, Hardware: vendor.Shipped.Hardware, Software: vendor.Shipped.Software}
	for i := range w.devices {
		w.devices[i].Init(m, product, mac(i), &device.Stored{Config: config})
	}
	w.driver = run.New(run.Config{
		Clock: &sched.Virtual{}, Network: w, Journal: w,
		Lease: func(i int, _ *device.Device) device.Lease {
			return device.Lease{Addr: addr(i), Offer: device.TextOffer(160, "http://"+managerHost+"/firmwarefiles;ipp/tenant/Branch")}
		},
	}, w.devices)
	return w
}

const serviceKey = "00112233445566778899aabbccddeeff"

func mac(i int) device.MAC    { return device.MAC{0, 0x90, 0x8f, byte(i >> 16), byte(i >> 8), byte(i)} }
func number(m device.MAC) int { return int(m[3])<<16 | int(m[4])<<8 | int(m[5]) }
func addr(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{127, byte(1 + i>>16), byte(i >> 8), byte(i)})
}
func wall(at time.Duration) time.Time { return began.Add(at) }

// Add takes a record of the phones' journal.
func (w *world) Add(r *journal.Record) error {
	if r.Kind != device.MessageShown {
		return nil
	}
	if _, twice := w.shown[r.Note]; twice {
		w.t.Errorf("the action %s is done twice", r.Note)
	}
	w.shown[r.Note] = r.T
	return nil
}

// Start carries a phone's request to the manager, or through the Agent.
func (w *world) Start(now time.Duration, req *device.Request, d run.Delivery) {
	from := addr(d.Device())
	if req.Host == agentHost {
		if from = netip.MustParseAddr(agentHost); len(w.agents) == 0 {
			d.After(wireTime, &device.Reply{Outcome: resync.Refused})
			return
		}
	}
	reply := w.answer(now+wireTime, from, req)
	w.bytes += int64(len(reply.Body))
	d.After(2*wireTime, reply)
}

// Wake and Cancel have nothing to do: no transfer waits in this network.
func (w *world) Wake(time.Duration, run.Delivery, uint64) {}

// Cancel does nothing.
func (w *world) Cancel(time.Duration, run.Delivery) {}

func (w *world) answer(now time.Duration, from netip.Addr, req *device.Request) *device.Reply {
	seen := func(what string) { w.requests = append(w.requests, from.String()+" "+what) }
	if req.Method == device.Post {
		body := req.Body()
		var m struct{ Status string }
		if json.Unmarshal(body, &m) != nil {
			w.t.Errorf("a body is no JSON: %s", body)
		}
		seen("POST " + path.Base(req.Path) + " " + m.Status)
		take := w.manager.KeepAlive
		if req.Path == ippm.Alert {
			take = w.manager.Alert
		} else {
			second := int(now / time.Second)
			w.beats = append(w.beats, make([]int, max(0, second+1-len(w.beats)))...)
			w.beats[second]++
		}
		a := take(wall(now), from, body)
		return &device.Reply{Outcome: resync.Sent, Status: a.Status, Body: a.Body}
	}
	seen("GET " + req.Path)
	a := w.manager.File(wall(now), Ask{Method: http.MethodGet, Path: req.Path, Host: managerHost, UserAgent: req.UserAgent(), From: from, Port: 80})
	if a.Status != http.StatusOK {
		return &device.Reply{Outcome: resync.NotFound}
	}
	return &device.Reply{Body: a.Body, Bytes: int64(len(a.Body))}
}

// call carries a request to a phone, as the one of Server does.
func (w *world) call(now time.Duration, from string, r ippm.Request, result func(now time.Duration, word string)) {
	m, err := device.ParseMAC(r.MAC)
	if err != nil {
		w.t.Fatal(err)
	}
	i := number(m)
	after := func(d time.Duration, word string) {
		w.driver.Do(now+d, func(now time.Duration) { result(now, word) })
	}
	switch {
	case r.IP != addr(i).String():
		w.t.Errorf("a call goes to %s", r.IP)
	case w.nat && from != agentHost:
		after(callTimeout, ippm.Timeout)
		return
	case w.devices[i].Lease().IsZero():
		after(wireTime, ippm.Refused)
		return
	}
	a := w.devices[i].Model().Personality.Web(&w.devices[i], &w.states[i], &device.WebRequest{Now: now, Method: r.Method, Path: r.Path, Body: r.Body})
	if a.Status == http.StatusOK && a.Order != "" && !w.driver.Order(i, a.Order) {
		a.Status = http.StatusServiceUnavailable
	}
	word := ippm.OK
	if a.Status != http.StatusOK {
		word = fmt.Sprintf("HTTP %d", a.Status)
	}
	after(2*wireTime, word)
}

// act gives an order to the manager. The text of a message is its own.
func (w *world) act(now time.Duration, o Order) {
	w.sent[`"`+o.Value+`"`] = now
	calls, err := w.manager.Act(wall(now), o)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range calls {
		w.call(now, managerHost, c.Request, func(_ time.Duration, word string) { w.results[word]++ })
	}
}

// startAgent lets an Agent poll from an instant on.
func (w *world) startAgent(at time.Duration) {
	w.driver.Do(at, func(now time.Duration) {
		c := agent.Config{Manager: managerHost, Key: serviceKey, Tenants: []string{"Branch"}, Period: pollEach}
		a := agent.NewMachine(c, 2, false)
		w.agents = append(w.agents, a)
		w.poll(now, a)
	})
}

// poll fetches the list of an Agent that has not been killed.
func (w *world) poll(now time.Duration, a *agent.Machine) {
	if !slices.Contains(w.agents, a) {
		return
	}
	a.Begin(wall(now))
	body := fmt.Sprintf(`{"agentName":"lab7-%s","version":"ours-1","tenants":["Branch"]}`, agentHost)
	answer := w.manager.Poll(wall(now), serviceKey, []byte(body))
	w.manager.Handed(answer, true)
	lost := w.loses && len(answer.Body) > len(`{"requests":[]}`)
	w.loses = w.loses && !lost
	w.driver.Do(now+2*wireTime, func(now time.Duration) {
		switch {
		case lost:
			a.Failed("no answer")
		case slices.Contains(w.agents, a):
			a.Fetched(wall(now), wall(now), answer.Body)
			w.workOff(now, a)
		}
	})
	w.driver.Do(now+pollEach, func(now time.Duration) { w.poll(now, a) })
}

func (w *world) workOff(now time.Duration, a *agent.Machine) {
	for slices.Contains(w.agents, a) {
		r, expired, ok := a.Take(wall(now))
		if !ok {
			return
		}
		if expired {
			w.t.Errorf("action %d is expired", r.ID)
		}
		w.call(now, agentHost, r, func(now time.Duration, word string) {
			w.results[word]++
			if slices.Contains(w.agents, a) {
				a.Done(r)
				report := fmt.Sprintf(`{"agentName":"lab7-%s","id":%d,"name":%q,"ip":%q,"result":%q}`, agentHost, r.ID, r.Name, r.IP, word)
				w.manager.Report(wall(now), serviceKey, []byte(report))
				w.workOff(now, a)
			}
		})
	}
}

// run switches the phones on over a time and runs the world.
func (w *world) run(over, until time.Duration) {
	w.t.Helper()
	for i := range w.devices {
		w.driver.SwitchOn(i, over*time.Duration(i)/time.Duration(len(w.devices)))
	}
	if err := w.driver.Run(w.t.Context(), until); err != nil {
		w.t.Fatal(err)
	}
}

// took returns quantiles of the time from action to phone, and how many actions came.
func (w *world) took() (p50, p99 time.Duration, came int) {
	var times []time.Duration
	for text, at := range w.shown {
		sent, known := w.sent[text]
		if !known {
			w.t.Errorf("no test has given the action %s", text)
		}
		times = append(times, at-sent)
	}
	if slices.Sort(times); len(times) == 0 {
		return 0, 0, 0
	}
	at := func(q float64) time.Duration { return times[int(math.Ceil(q*float64(len(times))))-1] }
	return at(0.5), at(0.99), len(times)
}

func (w *world) status(i int, at time.Duration) string {
	d, _ := w.manager.Look(wall(at), mac(i))
	return d.Status
}

// saw compares what the manager has seen since the last call.
func (w *world) saw(what string, want ...string) {
	w.t.Helper()
	if got := strings.Join(w.requests, "\n"); got != strings.Join(want, "\n") {
		w.t.Errorf("%s: the manager has seen\n%s\nwant\n%s", what, got, strings.Join(want, "\n"))
	}
	w.requests = nil
}

const (
	generic = "Audiocodes_440HD_global_GENERIC_empty.cfg"
	own     = "GET /ipp/tenant/Branch/00908f000000.cfg"
	part    = "GET /ipp/tenant/Branch/" + generic
	image   = "GET /firmwarefiles/440HD.img"
)

func of(from string, requests ...string) (all []string) {
	for _, r := range requests {
		all = append(all, from+" "+r)
	}
	return all
}

// boot is what a phone asks at a boot, once it knows the manager.
var boot = []string{"POST keep-alive started", image, own, part, "POST keep-alive registered"}

// DM-TOP-1: a phone in the manager's network; a reset reaches it within a second, and
// DM-ST-2: the manager learns of a device by its keep-alives.
func TestSameNetwork(t *testing.T) {
	w := newWorld(t, 1, Tenant{})
	phone := addr(0).String()
	w.driver.Do(time.Minute, func(now time.Duration) {
		w.saw("the first boot", of(phone, image, own, part, "POST keep-alive started", "POST keep-alive registered")...)
		w.act(now, Order{Name: "IPPhoneReset", Devices: []device.MAC{mac(0)}})
	})
	w.driver.Do(time.Minute+time.Second, func(now time.Duration) {
		w.saw("a second after the action", of(phone, "POST keep-alive offline")...)
		if got := w.status(0, now); got != Offline {
			t.Errorf("the manager says %s", got)
		}
	})
	w.run(0, 10*time.Minute)
	w.saw("after the reset", of(phone, boot...)...)
	if w.results[ippm.OK] != 1 || len(w.results) != 1 || w.status(0, 10*time.Minute) != Registered {
		t.Errorf("results %v, status %s", w.results, w.status(0, 10*time.Minute))
	}
}

// DM-TOP-2: behind a NAT a call ends TIMEOUT; in nat-file the action is in the file of
// the next day, is done once, and is in no other (DM-ACT-6, AC-ACT-4).
func TestBehindNAT(t *testing.T) {
	w := newWorld(t, 1, Tenant{NAT: true})
	var direct ippm.Request
	w.driver.Do(time.Minute, func(now time.Duration) {
		direct = ippm.Request{MAC: mac(0).String(), IP: addr(0).String(), Method: "PUT", Path: ippm.Actions[2].Path, Body: []byte("{}")}
		w.call(now, managerHost, direct, func(_ time.Duration, word string) { w.results[word]++ })
		w.requests = nil
	})
	w.driver.Do(2*time.Hour, func(now time.Duration) {
		w.act(now, Order{Name: "IPPhoneReset", Devices: []device.MAC{mac(0)}})
		w.requests = nil
	})
	const midnight = 24 * time.Hour
	w.driver.Do(midnight, func(time.Duration) {
		if slices.ContainsFunc(w.requests, func(r string) bool { return strings.Contains(r, "GET") }) {
			t.Errorf("before the next day: %v", w.requests)
		}
		w.requests = nil
	})
	w.run(0, 3*midnight)
	resets, files := 0, 0
	for _, r := range w.requests {
		if strings.HasSuffix(r, "offline") {
			resets++
		}
		if strings.HasSuffix(r, own) {
			files++
		}
	}
	if w.results[ippm.Timeout] != 1 || len(w.results) != 1 || resets != 1 || files != 3 { // two days, and the boot after the reset
		t.Errorf("results %v, %d resets by %d files; want one TIMEOUT, and one reset by 3 files:\n%s", w.results, resets, files, strings.Join(w.requests, "\n"))
	}
}

// DM-TOP-3: behind a NAT with an Agent, the manager sees the Agent only; three phones
// have their message within a period, once; without the Agent they are offline by
// DM-ST-1.
func TestBehindAgent(t *testing.T) {
	w := newWorld(t, 3, Tenant{NAT: true, Agent: true, Text: AgentLines(agentHost)}, "emulator/tenant=Branch", "provisioning/method=STATIC", "ems_server/provisioning/url=http://"+agentHost,
		"provisioning/configuration/url=http://"+agentHost+"/configfiles", "provisioning/firmware/url=http://"+agentHost+"/firmwarefiles/440HD.img")
	w.startAgent(0)
	w.driver.Do(10*time.Minute, func(time.Duration) {
		if w.agents = nil; slices.ContainsFunc(w.requests, func(r string) bool { return !strings.HasPrefix(r, agentHost) }) {
			t.Errorf("the manager has seen others than the Agent:\n%s", strings.Join(w.requests, "\n"))
		}
		w.requests = nil
	})
	w.driver.Do(time.Minute, func(now time.Duration) {
		for i := range 3 {
			w.act(now, Order{Name: "IPPhoneSendMessage", Value: fmt.Sprint("hello ", i), Devices: []device.MAC{mac(i)}})
		}
	})
	w.run(0, 4*time.Hour)
	w.saw("without the Agent")
	_, p99, came := w.took()
	rows := w.manager.AgentRows()
	if came != 3 || p99 > pollEach+time.Second || len(rows) != 1 || len(rows[0].Actions) != 3 || !strings.HasSuffix(rows[0].Actions[0], ", lab7, OK") {
		t.Errorf("%d messages within %v, the Agent's rows are %v", came, p99, rows)
	}
	for i := range 3 {
		if before, after := w.status(i, 10*time.Minute), w.status(i, 4*time.Hour); before != Registered || after != Offline {
			t.Errorf("phone %d is %s, and without the Agent %s", i, before, after)
		}
	}
}

// DM-TOP-4: how long actions for 300 phones take by each mode, and what is lost where
// the Agent is killed in the middle, or a reply to it does not come: counted, and never
// done twice. Two Agents of a tenant share its actions (DM-WIRE-4).
func TestActionsByMode(t *testing.T) {
	const phones = 300
	// Not sooner after midnight than the phones' checks spread: an action in a file lives for
	// a day, and a phone that checks later the next day would not get it.
	const given = 3 * time.Hour
	for _, test := range []struct {
		name          string
		tenant        Tenant
		least, most   time.Duration // of p99
		until         time.Duration
		agents        []time.Duration // when they start
		kill, lose    bool
		fewest, total int
	}{
		{"direct", Tenant{}, 0, time.Second, given + time.Hour, nil, false, false, phones, phones},
		{"nat-agent", Tenant{NAT: true, Agent: true}, time.Second, pollEach + time.Second, given + time.Hour, []time.Duration{0}, false, false, phones, phones},
		{"nat-agent, two Agents", Tenant{NAT: true, Agent: true}, 0, pollEach/2 + time.Second, given + time.Hour, []time.Duration{0, pollEach / 2}, false, false, phones, phones},
		{"nat-agent, killed", Tenant{NAT: true, Agent: true}, 0, 2 * time.Minute, given + time.Hour, []time.Duration{0, given + time.Minute}, true, false, 1, phones - 1},
		{"nat-agent, a reply is lost", Tenant{NAT: true, Agent: true}, 0, pollEach + time.Second, given + time.Hour, []time.Duration{0}, false, true, 1, phones - 1},
		{"nat-keepalive", Tenant{NAT: true, KeepAlive: true}, 30 * time.Minute, time.Hour + time.Second, 5 * time.Hour, nil, false, false, phones, phones},
		{"nat-file", Tenant{NAT: true}, 21 * time.Hour, 23 * time.Hour, 27 * time.Hour, nil, false, false, phones, phones},
	} {
		if !test.tenant.KeepAlive { // else they only take the test's time
			test.tenant.Text = "ems_server/keep_alive_period 300"
		}
		w := newWorld(t, phones, test.tenant)
		w.loses = test.lose
		for _, at := range test.agents {
			w.startAgent(at)
		}
		for i := range phones {
			w.driver.Do(given+time.Second+time.Duration(i)*20*time.Millisecond, func(now time.Duration) {
				w.act(now, Order{Name: "IPPhoneSendMessage", Value: fmt.Sprint("m", i), Devices: []device.MAC{mac(i)}, Life: 24 * time.Hour})
			})
		}
		if test.kill { // in the middle of its list
			w.driver.Do(given+5*time.Second+40*time.Millisecond, func(time.Duration) { w.agents = nil })
		}
		w.run(time.Hour, test.until)
		p50, p99, came := w.took()
		t.Logf("%s: %d of %d actions, p50 %v, p99 %v", test.name, came, phones, p50, p99)
		if came < test.fewest || came > test.total || p99 < test.least || p99 > test.most {
			t.Errorf("%s: %d actions came, p99 %v; want %d to %d, and %v to %v", test.name, came, p99, test.fewest, test.total, test.least, test.most)
		}
	}
}

// DM-TOP-4: phones keep their phase. Those that are switched on over an hour make 5
// keep-alives a minute of 300; after a power cut all come in one minute, hour after
// hour, and quirk ka-spread would be the remedy (AC-KA-3).
func TestPowerCut(t *testing.T) {
	const phones = 300
	w := newWorld(t, phones, Tenant{})
	const cut = 3 * time.Hour
	w.driver.Do(cut, func(now time.Duration) {
		for i := range phones {
			w.driver.Step(i, device.Input{Kind: device.PowerOff})
			w.driver.SwitchOn(i, now+10*time.Minute+time.Duration(i)*100*time.Millisecond)
		}
	})
	w.run(time.Hour, 6*time.Hour)
	minute := func(at time.Duration) (n int) {
		for s := range 60 {
			if second := int(at/time.Second) + s; second < len(w.beats) {
				n += w.beats[second]
			}
		}
		return n
	}
	peak := 0
	for m := 2 * time.Hour; m < cut; m += time.Minute {
		peak = max(peak, minute(m))
	}
	if peak < 5 || peak > 6 {
		t.Errorf("before the cut %d keep-alives in a minute, want 5", peak)
	}
	for hour := time.Hour; hour <= 2*time.Hour; hour += time.Hour {
		if n := minute(cut + 10*time.Minute + hour); n < phones*9/10 {
			t.Errorf("%v after the cut %d keep-alives in a minute, want nearly %d", hour, n, phones)
		}
		if n := minute(cut + 30*time.Minute + hour); n != 0 {
			t.Errorf("half an hour later %d, want none", n)
		}
	}
	t.Logf("%d requests, %d bytes of answers", len(w.requests), w.bytes)
}
