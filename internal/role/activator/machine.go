package activator

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

// Times and numbers of the specification.
const (
	askAgain     = 30 * time.Second // after the end of a try (ACT-TW-1)
	mostTries    = 6                // one, and five more (ACT-TW-1)
	DefaultLife  = time.Hour        // of a tree (ACT-EXP-1)
	missesKept   = 1000             // unknown numbers (ACT-GET-3)
	missLife     = 10 * time.Minute
	guesses      = 10 // different unknown numbers (ACT-SEC-1)
	guessWindow  = time.Minute
	sourcesKept  = 1000 // addresses whose guesses are counted
	endedKept    = 1000 // trees that are remembered after their end
	mostUploads  = 8    // of a tree (ACT-PUT-1)
	MostUpload   = 1 << 20
	mostPending  = 10_000 // events under way
	numberDigits = 32     // the longest number (ACT-EVT-1)
)

// Config says how a machine behaves. The zero value works.
type Config struct {
	// Allow lists who may send events: addresses, networks, or serial numbers of
	// gateways. An empty list allows loopback addresses (ACT-EVT-1).
	Allow []Source
	// Life is how long a tree stays; 0 is [DefaultLife], a negative one for ever.
	Life time.Duration
	// AnswerAfter answers an event only when the tree is published, or with 502
	// when it cannot be (quirk answer=after).
	AnswerAfter bool
}

// Source is one that may send events: a network, or a gateway's serial number.
type Source struct {
	Net    netip.Prefix
	Serial string
}

// ParseSource reads an address, a network or a serial number.
func ParseSource(text string) (Source, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return Source{Net: p.Masked()}, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return Source{Net: netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())}, nil
	}
	if text == "" || len(text) > 32 || strings.ContainsFunc(text, func(r rune) bool { return r > '~' || r <= ' ' || r == '/' || r == ':' }) {
		return Source{}, fmt.Errorf("found %q, want an address, a network such as 192.0.2.0/24, or a serial number", text)
	}
	return Source{Serial: text}, nil
}

// Tree is what is published for one phone.
type Tree struct {
	Number    string // the random number, as digits
	MAC       device.MAC
	Published time.Time
	Uploads   []string // names of what the phone has put there
}

// Do says what an Action asks for.
type Do uint8

// What the machine asks for.
const (
	Ask     Do = iota // the account of MAC, told by [Machine.Answered]
	Publish           // Account's files as the tree Number, told by [Machine.Published]
	Remove            // the tree Number
	Tell              // write Record into the log
	Reply             // answer the event of Number and MAC with Status; only with AnswerAfter
)

// Action is one thing that the machine wants done.
type Action struct {
	Do      Do
	Number  string
	MAC     device.MAC
	Serial  string // of the gateway, for Ask
	Account *Account
	Record  role.Record
	Status  int
}

// job is an event on its way to a tree.
type job struct {
	mac    device.MAC
	serial string
	tries  int
	again  time.Time // zero: the account server is being asked, or the tree is being made
}

// ended is a tree that is over.
type ended struct {
	mac  device.MAC
	at   time.Time
	word string // "expired" or "replaced"
}

// Machine is what the Activator knows. It belongs to one goroutine. Instants
// never go back.
type Machine struct {
	config  Config
	trees   map[string]*Tree
	byMAC   map[device.MAC]*Tree
	jobs    map[string]*job // by number
	misses  memory[string, *miss]
	ended   memory[string, ended]
	sources memory[netip.Addr, *guesser]
	acts    []Action
}

// New returns a machine that knows the trees of an earlier run.
func New(c Config, trees []Tree) *Machine {
	if c.Life == 0 {
		c.Life = DefaultLife
	}
	m := &Machine{
		config: c, trees: map[string]*Tree{}, byMAC: map[device.MAC]*Tree{}, jobs: map[string]*job{},
		misses: newMemory[string, *miss](missesKept), ended: newMemory[string, ended](endedKept), sources: newMemory[netip.Addr, *guesser](sourcesKept),
	}
	for i := range trees {
		t := trees[i]
		m.trees[t.Number], m.byMAC[t.MAC] = &t, &t
	}
	return m
}

// Trees returns what is published, sorted by number.
func (m *Machine) Trees() []Tree {
	all := make([]Tree, 0, len(m.trees))
	for _, t := range m.trees {
		c := *t
		c.Uploads = slices.Clone(t.Uploads)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Tree) int { return strings.Compare(a.Number, b.Number) })
	return all
}

// Pending returns how many events are on their way to a tree.
func (m *Machine) Pending() int { return len(m.jobs) }

// Life returns how long a tree stays; a negative one is for ever.
func (m *Machine) Life() time.Duration { return m.config.Life }

func (m *Machine) do(a Action) { m.acts = append(m.acts, a) }

func (m *Machine) tell(now time.Time, event string, mac device.MAC, note string) {
	m.do(Action{Do: Tell, Record: role.Record{Wall: now, Event: event, Device: mac, Note: note}})
}

// take returns what is to be done since the last call.
func (m *Machine) take() []Action {
	acts := m.acts
	m.acts = nil
	return acts
}

// Event takes what a gateway has sent (ACT-EVT-1, -2). A status of 0 means that
// the answer comes later as a Reply.
func (m *Machine) Event(now time.Time, from netip.Addr, e Event) (status int, reason string, acts []Action) {
	status, reason = m.event(now, from.Unmap(), e)
	if status >= 400 {
		m.tell(now, "event.refused", device.MAC{}, fmt.Sprintf("from %v: %s", from.Unmap(), reason))
	}
	return status, reason, m.take()
}

func (m *Machine) event(now time.Time, from netip.Addr, e Event) (int, string) {
	if !m.allowed(from, e.Serial) {
		return 403, "this source is not allowed to send events"
	}
	mac, reason := e.check()
	if reason != "" {
		return 400, reason
	}
	holder, known := device.MAC{}, false
	if t := m.trees[e.Number]; t != nil {
		holder, known = t.MAC, true
	} else if j := m.jobs[e.Number]; j != nil {
		holder, known = j.mac, true
	}
	switch {
	case known && holder != mac:
		return 400, "this number belongs to another phone"
	case known:
		return 200, "" // the same event again
	case len(m.jobs) >= mostPending:
		return 503, fmt.Sprintf("%d events are under way", mostPending)
	}
	for number, j := range m.jobs { // a newer number of the same phone takes its place
		if j.mac == mac {
			delete(m.jobs, number)
			m.reply(number, mac, 502)
		}
	}
	m.jobs[e.Number] = &job{mac: mac, serial: e.Serial, tries: 1}
	m.tell(now, "event", mac, "")
	m.do(Action{Do: Ask, Number: e.Number, MAC: mac, Serial: e.Serial})
	if m.config.AnswerAfter {
		return 0, ""
	}
	return 200, ""
}

func (m *Machine) allowed(from netip.Addr, serial string) bool {
	if len(m.config.Allow) == 0 {
		return from.IsLoopback()
	}
	return slices.ContainsFunc(m.config.Allow, func(s Source) bool {
		return s.Net.IsValid() && s.Net.Contains(from) || s.Serial != "" && s.Serial == serial
	})
}

func (m *Machine) reply(number string, mac device.MAC, status int) {
	if m.config.AnswerAfter {
		m.do(Action{Do: Reply, Number: number, MAC: mac, Status: status})
	}
}

// Answered takes what the account server said about a number's phone
// (ACT-TW-1). Fault is "" for an account, "unknown-mac", "teleware-down" or
// "bad-answer"; why is for the log.
func (m *Machine) Answered(now time.Time, number string, mac device.MAC, account *Account, fault, why string) []Action {
	j := m.jobs[number]
	if j == nil || j.mac != mac {
		return nil // a newer number has taken its place
	}
	switch {
	case fault == "":
		m.do(Action{Do: Publish, Number: number, MAC: mac, Account: account})
	case fault == "teleware-down" && j.tries < mostTries:
		j.again = now.Add(askAgain)
		m.tell(now, fault, mac, fmt.Sprintf("%s; try %d of %d", why, j.tries, mostTries))
	default:
		m.end(now, number, fault, why)
	}
	return m.take()
}

// end gives an event up.
func (m *Machine) end(now time.Time, number, word, why string) {
	j := m.jobs[number]
	delete(m.jobs, number)
	m.tell(now, word, j.mac, why+"; this event is given up")
	m.reply(number, j.mac, 502)
}

// Published takes that a tree is there, or why it could not be made.
func (m *Machine) Published(now time.Time, number string, mac device.MAC, err error) []Action {
	j := m.jobs[number]
	switch {
	case j == nil || j.mac != mac: // a newer number came while the tree was being made
		m.do(Action{Do: Remove, Number: number})
		return m.take()
	case err != nil:
		m.end(now, number, "publish.failed", err.Error())
		return m.take()
	}
	delete(m.jobs, number)
	if old := m.byMAC[mac]; old != nil {
		m.finish(now, old, "replaced")
	}
	t := &Tree{Number: number, MAC: mac, Published: now}
	m.trees[number], m.byMAC[mac] = t, t
	note := ""
	if missed, ok := m.misses.get(number); ok && now.Sub(missed.first) <= missLife {
		m.misses.drop(number)
		late := role.Record{Wall: now, Event: "late", Device: mac, Took: now.Sub(missed.first)}
		late.Note = fmt.Sprintf("%.1f s after the phone's first request, which had %d answers 404", late.Took.Seconds(), missed.count)
		m.do(Action{Do: Tell, Record: late})
	}
	m.tell(now, "published", mac, note)
	m.reply(number, mac, 200)
	return m.take()
}

func (m *Machine) finish(now time.Time, t *Tree, word string) {
	delete(m.trees, t.Number)
	if m.byMAC[t.MAC] == t {
		delete(m.byMAC, t.MAC)
	}
	m.ended.put(t.Number, ended{mac: t.MAC, at: now, word: word})
	m.tell(now, "tree."+word, t.MAC, "")
	m.do(Action{Do: Remove, Number: t.Number})
}

// Deadline returns when the machine next wants a Tick, or the zero time.
func (m *Machine) Deadline() time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, j := range m.jobs {
		sooner(j.again)
	}
	if m.config.Life > 0 {
		for _, t := range m.trees {
			sooner(t.Published.Add(m.config.Life))
		}
	}
	return next
}

// Tick does what is due: another try at the account server, and the end of trees
// (ACT-EXP-1).
func (m *Machine) Tick(now time.Time) []Action {
	for number, j := range m.jobs {
		if !j.again.IsZero() && !now.Before(j.again) {
			j.again = time.Time{}
			j.tries++
			m.do(Action{Do: Ask, Number: number, MAC: j.mac, Serial: j.serial})
		}
	}
	if m.config.Life > 0 {
		for _, t := range m.trees {
			if !now.Before(t.Published.Add(m.config.Life)) {
				m.finish(now, t, "expired")
			}
		}
	}
	return m.take()
}
