package devicemanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// How long an action waits (DM-ACT-4), and how many do.
const (
	usualLife    = 300 * time.Second
	fileLife     = 86400 * time.Second
	shortestLife = 10 * time.Second
	longestLife  = 86400 * time.Second

	mostByKeepAlive = 3 // of a device (DM-KA-4)
	mostByFile      = 32
	mostByAgent     = 100_000 // of a tenant
	mostOrder       = 10_000  // devices of one order
	mostValue       = 1024    // bytes of an action's value
)

var (
	errNoDevice = errors.New("the device does not exist")
	errNoTenant = errors.New("the tenant does not exist")
	errNoSite   = errors.New("the tenant has no such site")
)

// An action waits until it is handed over.
type action struct {
	id      uint64
	mac     device.MAC
	kind    ippm.Action
	value   string
	expires time.Time // zero: never
	taken   bool      // by a reply to an Agent that is being written
	handed  bool      // by such a reply that has been written whole
}

func (a *action) over(now time.Time) bool { return !a.expires.IsZero() && !now.Before(a.expires) }

// An Order is one action for some devices (DM-ACT-1).
type Order struct {
	Name    string
	Value   string
	Devices []device.MAC
	Life    time.Duration // 0: as long as the mode says
}

// Act takes an order. It returns the requests that go to phones at once, those of
// tenants in mode direct; all other actions wait until they are handed over.
func (m *Machine) Act(now time.Time, o Order) (calls []Call, err error) {
	kind, ok := ippm.FindAction(o.Name)
	switch {
	case !ok:
		return nil, errors.New("want one of the five actions")
	case len(o.Devices) == 0 || len(o.Devices) > mostOrder:
		return nil, fmt.Errorf("found %d devices, want 1 to %d", len(o.Devices), mostOrder)
	case o.Life != 0 && (o.Life < shortestLife || o.Life > longestLife):
		return nil, errors.New("an action lives 10 to 86400 seconds")
	case len(o.Value) > mostValue || kind.Value == "" && o.Value != "":
		return nil, fmt.Errorf("the value is longer than %d bytes, or the action takes none", mostValue)
	case kind.Name == "IPPhoneSendMessage" && strings.TrimSpace(o.Value) == "":
		return nil, errors.New("a message needs a text")
	case kind.Name == "IPPhoneReset" && strings.Trim(o.Value, "0123456789") != "":
		return nil, errors.New("the time until a reset is digits, or empty")
	}
	for _, mac := range o.Devices {
		d := m.devices[mac]
		if d == nil {
			return nil, fmt.Errorf("%v: %w", mac, errNoDevice)
		}
		if t := m.tenants[d.Tenant]; t.Mode() == ByAgent && len(t.waiting)+len(o.Devices) > mostByAgent {
			return nil, fmt.Errorf("tenant %s has %d actions waiting, which is the most", t.Name, len(t.waiting))
		}
	}
	for _, mac := range o.Devices {
		a := &action{id: m.next, mac: mac, kind: kind, value: o.Value}
		m.next++
		if c, ok := m.place(now, a, o.Life); ok {
			calls = append(calls, c)
		}
	}
	m.reserve()
	return calls, nil
}

// place puts an action where its tenant's mode wants it, or returns its call.
func (m *Machine) place(now time.Time, a *action, life time.Duration) (Call, bool) {
	d := m.devices[a.mac]
	t := m.tenants[d.Tenant]
	usual, most := usualLife, mostByKeepAlive
	switch t.Mode() {
	case Direct:
		return Call{a.mac, m.request(a)}, true
	case ByAgent:
		if life > 0 {
			a.expires = now.Add(life)
		}
		t.waiting = append(t.waiting, a)
		return Call{}, false
	case ByFile:
		usual, most = fileLife, mostByFile
	}
	if life == 0 {
		life = usual
	}
	a.expires = now.Add(life)
	d.waiting = append(d.waiting, a)
	d.waiting = d.waiting[max(0, len(d.waiting)-most):]
	return Call{}, false
}

// request returns the request of an action.
func (m *Machine) request(a *action) ippm.Request {
	r := ippm.Request{
		ID: a.id, Name: a.kind.Name, Tenant: m.devices[a.mac].Tenant, MAC: a.mac.String(), IP: m.devices[a.mac].Field("ip"),
		Method: a.kind.Method, Path: a.kind.Path,
	}
	if !a.expires.IsZero() {
		r.Expires = a.expires.Unix()
	}
	if a.kind.Method == http.MethodGet {
		return r
	}
	body := map[string]string{"emsUserName": m.config.User}
	body["sessionId"], body["emsUserPassword"] = m.session(a.id)
	if a.kind.Value != "" {
		body[a.kind.Value] = a.value
	}
	if a.kind.Name == "IPPhoneSendMessage" {
		body["displayTime"] = "10"
	}
	r.Body, _ = json.Marshal(body) // texts only
	return r
}

// take hands over what waits for a device: it is deleted, whatever happens next
// (DM-ACT-4). Actions that are over, or that the fault loses, are left out.
func (m *Machine) take(now time.Time, d *Device) (actions []*action) {
	for _, a := range d.waiting {
		if !a.over(now) && !m.lose() {
			actions = append(actions, a)
		}
	}
	d.waiting = nil
	return actions
}

// lose counts an action that is handed over, and reports whether the fault loses
// it (DM-ACT-7).
func (m *Machine) lose() bool {
	m.handed++
	return m.config.LoseEach > 0 && m.handed%m.config.LoseEach == 0
}

// offer returns the body of the answer to a keep-alive (DM-KA-4).
func (m *Machine) offer(now time.Time, d *Device) any {
	requests := []any{}
	if m.tenants[d.Tenant].Mode() == ByKeepAlive {
		for _, a := range m.take(now, d) {
			r := m.request(a).ForPhone()
			if !m.config.Strings {
				requests = append(requests, r)
				continue
			}
			text, _ := json.Marshal(r) // texts and a body that was made here
			switch a.kind.Name {
			case "IPPhoneReset":
				text = []byte(`{"cmd":"reset"}`)
			case "IPPhoneStatus":
				text = []byte(`{"cmd":"status"}`)
			}
			requests = append(requests, string(text))
		}
	}
	return map[string]any{"requests": requests}
}

// actionLines are the actions of a device's file (DM-ACT-6).
func actionLines(actions []*action) (lines []Line) {
	for n, a := range actions {
		prefix := "ems_server/action/" + strconv.Itoa(n) + "/"
		lines = append(lines, Line{prefix + "id", strconv.FormatUint(a.id, 10)}, Line{prefix + "name", a.kind.Name},
			Line{prefix + "value", clean(strings.ReplaceAll(a.value, "\n", " "))})
	}
	return lines
}

// Bounds of Agents.
const (
	mostAgents   = 1000
	mostRows     = 100 // of an Agent's last actions (DM-PG-3)
	mostRequests = 1000
	mostNames    = 256 // tenants of a poll
)

// An Agent has polled. Actions are what it did, the newest first.
type Agent struct {
	Name       string    `json:"name"`
	Tenants    []string  `json:"tenants"`
	Registered time.Time `json:"registered"`
	LastPoll   time.Time `json:"lastPoll"`
	Actions    []string  `json:"actions"`
}

// admit checks what all requests of an Agent have in common.
func (m *Machine) admit(key string) (Answer, bool) {
	switch {
	case m.state.Key == "" || !same(key, m.state.Key):
		return refuse(http.StatusUnauthorized, "the service key is missing or wrong"), false
	case !m.state.Agents:
		return refuse(http.StatusConflict, "Manager Device Agents are not enabled"), false
	}
	return Answer{}, true
}

// Poll answers an Agent with the actions of its tenants (DM-WIRE-1 to -4). They
// are deleted by Handed, which must be called with the answer.
func (m *Machine) Poll(now time.Time, key string, body []byte) Answer {
	a := m.poll(now, key, body)
	a.Record.Event = "poll"
	return a
}

func (m *Machine) poll(now time.Time, key string, body []byte) Answer {
	if a, ok := m.admit(key); !ok {
		return a
	}
	var p ippm.PollBody
	if json.Unmarshal(body, &p) != nil || p.Version != ippm.Version || p.AgentName == "" || len(p.AgentName) > 128 || clean(p.AgentName) != p.AgentName ||
		len(p.Tenants) == 0 || len(p.Tenants) > mostNames {
		return refuse(http.StatusBadRequest, "want agentName, tenants and the version "+ippm.Version)
	}
	for _, name := range p.Tenants {
		if t := m.tenants[name]; t == nil || t.Mode() != ByAgent {
			return refuse(http.StatusForbidden, "a tenant is unknown or has no Agent")
		}
	}
	agent := m.agents[p.AgentName]
	if agent == nil {
		if len(m.agents) >= mostAgents {
			return refuse(http.StatusServiceUnavailable, "the manager has as many Agents as it takes")
		}
		agent = &Agent{Name: p.AgentName, Registered: now}
		m.agents[p.AgentName] = agent
	}
	agent.LastPoll, agent.Tenants = now, p.Tenants
	m.touch(agentBucket, agent.Name)
	list := ippm.List{Requests: []ippm.Request{}}
	var taken []*action
	for _, name := range p.Tenants {
		for _, w := range m.tenants[name].waiting {
			if w.taken || len(taken) == mostRequests {
				continue
			}
			w.taken = true
			taken = append(taken, w)
			if !m.lose() {
				list.Requests = append(list.Requests, m.request(w))
			}
		}
	}
	a := answer(http.StatusOK, list, "")
	a.list = taken
	a.Record.Note = agent.Name
	if len(taken) > 0 {
		a.Record.Note += fmt.Sprintf(", %d actions", len(taken))
	}
	return a
}

// Handed says whether an answer to a poll has been written whole. Only then its
// actions are deleted; else the next poll has them (DM-WIRE-4).
func (m *Machine) Handed(a Answer, whole bool) {
	for _, w := range a.list {
		w.taken, w.handed = whole, whole
	}
	if !whole || len(a.list) == 0 {
		return
	}
	for _, t := range m.tenants {
		t.waiting = slices.DeleteFunc(t.waiting, func(w *action) bool { return w.handed })
	}
}

// Report takes the result of a request (DM-WIRE-5). A report of an Agent whose row
// was deleted is lost.
func (m *Machine) Report(now time.Time, key string, body []byte) Answer {
	a := m.report(now, key, body)
	a.Record.Event = "report"
	return a
}

func (m *Machine) report(now time.Time, key string, body []byte) Answer {
	if a, ok := m.admit(key); !ok {
		return a
	}
	var r ippm.ReportBody
	short := func(text string, most int) bool { return text != "" && len(text) <= most && clean(text) == text }
	err := json.Unmarshal(body, &r)
	if _, known := ippm.FindAction(r.Name); err != nil || !known || !short(r.AgentName, 128) || !short(r.IP, 256) || !short(r.Result, 32) {
		return refuse(http.StatusBadRequest, "want agentName, id, name, ip and result")
	}
	a := answer(http.StatusOK, struct{}{}, r.Name+" at "+r.IP)
	a.Record.Outcome = r.Result
	if agent := m.agents[r.AgentName]; agent != nil {
		row := strings.Join([]string{now.Format(time.DateTime), r.Name, r.IP, ippm.HostOf(agent.Name), r.Result}, ", ")
		agent.Actions = append([]string{row}, agent.Actions[:min(len(agent.Actions), mostRows-1)]...)
		m.touch(agentBucket, agent.Name)
	}
	return a
}

// AgentRows returns copies of the Agents, by name.
func (m *Machine) AgentRows() []Agent {
	rows := make([]Agent, 0, len(m.agents))
	for _, a := range m.agents {
		row := *a
		row.Actions = slices.Clone(a.Actions)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Agent) int { return strings.Compare(a.Name, b.Name) })
	return rows
}

// RemoveAgent forgets an Agent's row until its next poll (DM-PG-2).
func (m *Machine) RemoveAgent(name string) {
	delete(m.agents, name)
	m.touch(agentBucket, name)
}

// called returns the record of a call in mode direct.
func called(c Call, result, why string, took time.Duration) role.Record {
	return role.Record{Event: "action", Device: c.Device, Outcome: result, Took: took, Note: strings.Join(slices.DeleteFunc([]string{c.Request.Name, why}, func(s string) bool { return s == "" }), ", ")}
}
