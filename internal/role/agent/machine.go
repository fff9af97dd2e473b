package agent

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// Limits and times of the specification.
const (
	workersPerCore = 8   // AG-LOOP-2
	devicesPerCore = 150 // AG-SIZE-1
	remember       = 2 * time.Hour
	longestBackoff = time.Minute
	mostDevices    = 100_000
	mostWaiting    = 100_000
)

// Machine is an Agent without its network.
type Machine struct {
	config  Config
	cores   int
	backoff bool // the quirk

	last    time.Time // when the last poll began
	polling bool
	failed  int           // polls since the last good one
	error   string        // of the last poll; empty: it was good
	skew    time.Duration // the manager's clock before ours

	queues  map[string][]ippm.Request // by device; the first of a busy one is under way
	free    []string                  // devices whose first request can begin, in order
	running int
	waiting int
	known   map[string]time.Time // when a device was last seen
	pruned  time.Time
	warned  bool
}

// NewMachine returns a machine on the given number of cores.
func NewMachine(c Config, cores int, backoff bool) *Machine {
	return &Machine{config: c, cores: max(cores, 1), backoff: backoff, queues: map[string][]ippm.Request{}, known: map[string]time.Time{}}
}

// Configure replaces the configuration, which counts at once (AG-CFG-2).
func (m *Machine) Configure(c Config) { m.config, m.failed, m.error = c, 0, "" }

// Next returns when the next poll is due; the zero time: not before something
// else happens. Polls start on a grid that begins with the last start: one that
// takes longer leaves instants out (AG-LOOP-1).
func (m *Machine) Next(now time.Time) time.Time {
	switch {
	case m.polling || !m.config.Ready():
		return time.Time{}
	case m.last.IsZero():
		return now
	}
	wait := m.config.Period
	if m.backoff && m.failed > 0 {
		wait = min(wait<<min(m.failed, 6), longestBackoff)
	}
	next := m.last.Add(wait)
	for next.Before(now.Add(-m.config.Period)) {
		next = next.Add(m.config.Period * max(1, now.Sub(next)/m.config.Period))
	}
	return next
}

// Begin starts a poll.
func (m *Machine) Begin(now time.Time) Config {
	m.last, m.polling = now, true
	return m.config
}

// Failed ends a poll that brought no list.
func (m *Machine) Failed(why string) role.Record {
	m.polling, m.error = false, why
	m.failed++
	return role.Record{Event: "poll.failed", Note: why}
}

// Fetched ends a poll with the manager's list. The manager's clock decides what
// is expired; the zero time says that it is not known.
func (m *Machine) Fetched(now, manager time.Time, body []byte) role.Record {
	var list ippm.List
	if err := json.Unmarshal(body, &list); err != nil || list.Requests == nil {
		return m.Failed("the manager's answer is no list of requests")
	}
	m.polling, m.failed, m.error, m.skew = false, 0, "", 0
	if !manager.IsZero() {
		m.skew = manager.Sub(now)
	}
	dropped := 0
	for _, r := range list.Requests {
		if m.waiting == mostWaiting {
			dropped++
			continue
		}
		m.add(now, r)
	}
	note := fmt.Sprintf("%d actions", len(list.Requests))
	if dropped > 0 {
		note += fmt.Sprintf(", %d of which are dropped: too many wait", dropped)
	}
	return role.Record{Event: "poll", Outcome: "ok", Note: note}
}

// key returns the key of a request's device.
func key(r ippm.Request) string {
	if mac, err := device.ParseMAC(r.MAC); err == nil {
		return mac.String()
	}
	return strings.Clone(r.IP)
}

func (m *Machine) add(now time.Time, r ippm.Request) {
	k := key(r)
	m.Saw(now, k)
	m.queues[k] = append(m.queues[k], r)
	m.waiting++
	if len(m.queues[k]) == 1 {
		m.free = append(m.free, k)
	}
}

// Take returns the next request that a worker can begin. A device's requests are
// done one by one, in the list's order; devices at once, up to 8 a core
// (AG-LOOP-2). Expired says that it must not be sent.
func (m *Machine) Take(now time.Time) (r ippm.Request, expired, ok bool) {
	if len(m.free) == 0 || m.running == m.cores*workersPerCore {
		return ippm.Request{}, false, false
	}
	k := m.free[0]
	m.free = m.free[1:]
	m.running++
	r = m.queues[k][0]
	return r, r.Expires != 0 && now.Add(m.skew).Unix() >= r.Expires, true
}

// Done ends a request that was taken.
func (m *Machine) Done(r ippm.Request) {
	k := key(r)
	m.running--
	m.waiting--
	if m.queues[k] = m.queues[k][1:]; len(m.queues[k]) == 0 {
		delete(m.queues, k)
		return
	}
	m.free = append(m.free, k)
}

// Saw counts a device, by its address or MAC, as there.
func (m *Machine) Saw(now time.Time, device string) {
	if _, ok := m.known[device]; ok || len(m.known) < mostDevices {
		m.known[device] = now
	}
}

// Devices returns how many devices were seen in the last two hours, and whether
// these are more than this machine is for (AG-SIZE-1).
func (m *Machine) Devices(now time.Time) (count int, tooMany bool) {
	if now.Sub(m.pruned) > time.Minute {
		for k, seen := range m.known {
			if now.Sub(seen) > remember {
				delete(m.known, k)
			}
		}
		m.pruned = now
	}
	return len(m.known), len(m.known) > devicesPerCore*m.cores
}

// Warn returns the warning about too many devices when it is new.
func (m *Machine) Warn(now time.Time) (role.Record, bool) {
	count, tooMany := m.Devices(now)
	fresh := tooMany && !m.warned
	m.warned = tooMany
	return role.Record{Event: "size", Outcome: "warning", Note: m.sizeText(count)}, fresh
}

func (m *Machine) sizeText(count int) string {
	return fmt.Sprintf("%d devices on %d cores: an Agent needs two cores for each 300 devices", count, m.cores)
}

// State is what the page shows.
type State struct {
	Config   Config // without its key
	HasKey   bool
	Ready    bool   // to poll
	Error    string // of the last poll
	LastPoll time.Time
	Waiting  int
	Devices  int
	Warning  string
}

// State returns what the page shows, without the key.
func (m *Machine) State(now time.Time) State {
	s := State{Config: m.config, HasKey: m.config.Key != "", Ready: m.config.Ready(), Error: m.error, LastPoll: m.last, Waiting: m.waiting}
	s.Config.Key = ""
	var tooMany bool
	if s.Devices, tooMany = m.Devices(now); tooMany {
		s.Warning = m.sizeText(s.Devices)
	}
	return s
}
