package devicemanager

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// The parts of the database.
const (
	deviceBucket = "devices"
	tenantBucket = "tenants"
	agentBucket  = "agents"
	stateBucket  = "state" // one value, by the same name
)

// Config is how a machine differs from the usual one.
type Config struct {
	Seed           [16]byte // sessions of requests depend on it
	User, Password string   // that keep-alives must prove where StrictAuth is set
	StrictAuth     bool     // DM-KA-2
	StrictUA       bool     // DM-URL-4
	Strings        bool     // actions in keep-alives are strings that hold JSON
	LoseEach       int      // one in LoseEach actions is lost after its deletion; 0: none
	Ports          []uint16 // that the server listens on
	Customers      []string // that a keep-alive's path may name; nil: none is loaded
	Parts          map[string][]byte
}

// Machine is a Device Manager without its network.
type Machine struct {
	config  Config
	devices map[device.MAC]*Device
	tenants map[string]*Tenant
	agents  map[string]*Agent
	state   state
	next    uint64 // the next action's number
	handed  int    // actions that were handed over, for the fault
	alarms  int    // of all devices
	dirty   map[change]bool
}

// state is what the database has beside devices, tenants and agents.
type state struct {
	Agents bool   `json:"agents"` // DM-PG-1
	Key    string `json:"key"`
	Ids    uint64 `json:"ids"` // actions have lower numbers
}

type change struct{ bucket, key string }

// New returns a machine that knows the default tenant and no device.
func New(c Config) *Machine {
	m := &Machine{
		config: c, devices: map[device.MAC]*Device{}, tenants: map[string]*Tenant{}, agents: map[string]*Agent{},
		dirty: map[change]bool{},
	}
	m.tenants[DefaultTenant] = &Tenant{Name: DefaultTenant, Templates: map[string]string{}}
	return m
}

// Load takes what the database has of one key. All of it comes before Start.
func (m *Machine) Load(bucket, key string, value []byte) (err error) {
	switch bucket {
	case deviceBucket:
		err = m.loadDevice(value)
	case tenantBucket:
		err = m.loadTenant(value)
	case agentBucket:
		var a Agent
		if err = json.Unmarshal(value, &a); err == nil {
			m.agents[a.Name] = &a
		}
	case stateBucket:
		err = json.Unmarshal(value, &m.state)
	}
	if err != nil {
		return fmt.Errorf("the entry %q of %q: %w", key, bucket, err)
	}
	return nil
}

// Start makes the machine ready. The key is the one of a first start.
func (m *Machine) Start(key string) {
	if m.state.Key == "" {
		m.state.Key = key
	}
	m.next = max(m.state.Ids, 1)
	m.reserve()
}

// block is how many action numbers are taken from the database at once, so that
// no number is given twice after a restart.
const block = 100_000

func (m *Machine) reserve() {
	if m.next+block/2 > m.state.Ids {
		m.state.Ids = m.next + block
	}
	m.touch(stateBucket, stateBucket)
}

func (m *Machine) touch(bucket, key string) { m.dirty[change{bucket, key}] = true }

// Entry is a value for the database; nil removes it.
type Entry struct {
	Bucket, Key string
	Value       []byte
}

// Changes returns what has changed since the last call. Again has it returned
// once more, where it could not be written.
func (m *Machine) Changes() ([]Entry, error) {
	entries := make([]Entry, 0, len(m.dirty))
	for c := range m.dirty {
		e := Entry{Bucket: c.bucket, Key: c.key}
		if value := m.value(c); value != nil {
			var err error
			if e.Value, err = json.Marshal(value); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	clear(m.dirty)
	return entries, nil
}

// Again marks entries as changed.
func (m *Machine) Again(entries []Entry) {
	for _, e := range entries {
		m.touch(e.Bucket, e.Key)
	}
}

// value returns what the database has to hold for a key, or nil.
func (m *Machine) value(c change) any {
	switch c.bucket {
	case deviceBucket:
		if mac, err := device.ParseMAC(c.key); err == nil && m.devices[mac] != nil {
			return m.devices[mac]
		}
	case tenantBucket:
		if t := m.tenants[c.key]; t != nil {
			return t
		}
	case agentBucket:
		if a := m.agents[c.key]; a != nil {
			return a
		}
	case stateBucket:
		return m.state
	}
	return nil
}

// Agents returns whether Agents are enabled, and the service key (DM-PG-1).
func (m *Machine) Agents() (enabled bool, key string) { return m.state.Agents, m.state.Key }

// SetAgents switches Agents on or off. An empty key keeps the one that there is.
func (m *Machine) SetAgents(enabled bool, key string) {
	m.state.Agents = enabled
	if key != "" {
		m.state.Key = key
	}
	m.touch(stateBucket, stateBucket)
}

// Answer is what a request gets, and what is to be logged.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
	Record role.Record
	Keep   bool      // what has changed must be in the database before the answer
	list   []*action // that the answer hands to an Agent
}

// answer returns a JSON answer.
func answer(status int, value any, note string) Answer {
	body, err := json.Marshal(value)
	if err != nil { // only texts, numbers and bodies that the machine made
		panic(err)
	}
	return Answer{
		Status: status, Body: body, Header: map[string]string{"Content-Type": "application/json"},
		Record: role.Record{Status: status, Note: note},
	}
}

// refuse returns an answer of the form {"error":..}.
func refuse(status int, text string) Answer {
	return answer(status, map[string]string{"error": text}, text)
}

// same compares two texts in a time that does not tell how much of them agrees.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// session returns the credentials of the request with a number: 8 and 32 hex
// digits that no client can foresee.
func (m *Machine) session(id uint64) (session, password string) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%x %d", m.config.Seed, id))
	return hex.EncodeToString(sum[:4]), hex.EncodeToString(sum[4:20])
}

// Tick returns what has changed by time alone: phones that are offline now
// (DM-ST-1).
func (m *Machine) Tick(now time.Time) (records []role.Record) {
	for mac, d := range m.devices {
		silent := d.stored() != Offline && m.silent(now, d)
		if silent && !d.silent {
			records = append(records, role.Record{Event: "offline", Device: mac, Note: "no keep-alive since " + d.LastSeen.UTC().Format(time.DateTime)})
		}
		d.silent = silent
	}
	return records
}

// Call is a request to a phone at once, in mode direct (DM-ACT-3).
type Call struct {
	Device  device.MAC
	Request ippm.Request
}

// Ask is a request for a file.
type Ask struct {
	Method, Path string
	Host         string // as the client has it
	UserAgent    string
	From         netip.Addr
	Port         uint16 // that the request came to
	TLS          bool
}

// gives reports whether the method asks for a file (DM-URL-3).
func (a Ask) gives() bool {
	return a.Method == http.MethodGet || a.Method == http.MethodHead || a.Method == http.MethodPost
}
