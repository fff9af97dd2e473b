package ipoffice

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice/wire"
)

const (
	bootTime     = 30 * time.Second // of silence after a reboot (IPO-MEM-5)
	copyWindow   = 30 * time.Minute // after midnight (IPO-MEM-1)
	auditKept    = 15               // IPO-SEC-4
	oldPassword  = "password"       // of a unit below 3.2 (IPO-OLD-1)
	labConfig    = prefix + "lab_config/"
	passwordLine = "system.password"
)

// MACOf returns the address of a unit with a LAN1 address (IPO-ID-1).
func MACOf(lan1 netip.Addr) device.MAC {
	b := lan1.As4()
	return device.MAC{0x00, 0xe0, 0x07, b[1], b[2], b[3]}
}

// Config is what a unit is made of.
type Config struct {
	MAC      device.MAC
	Type     string // such as IP 500 V2
	Level    Level
	Records  Records   // the configuration of a new unit, and after it was erased
	Security *Security // likewise
	// Busy is how long a call holds a reboot when free, from the start on.
	Busy time.Duration
	Boot time.Duration // of silence after a reboot; 0: 30 s
	// Random is read for challenges. It never ends.
	Random io.Reader
	// Binds reports whether the unit can have a LAN1 address where it runs.
	Binds  func(netip.Addr) bool
	Quirks Quirks
}

// Quirks are other readings, each off unless said.
type Quirks struct {
	NoAlias    bool // security-alias=off: nothing at base+4 (IPO-PORT-2)
	AvayaOnly  bool // avaya-clients-only: 403 to other clients (IPO-WEB-4)
	MergeInRAM bool // merge=ram: a merge is not in flash before midnight (IPO-MEM-2)
}

// Do says what an Action asks for.
type Do uint8

// What a unit asks for.
const (
	Save    Do = iota // Body has to be stored before what follows
	Send              // Body, or the message Body of a connection
	Refuse            // the TFTP error Code with the text Note
	Receive           // a TFTP write, told by [Unit.Received]
	Close             // the connection
	Restart           // close all ports and connections
	Open              // have the ports of [Unit.Ports] open, and no others
	Keep              // record the bytes of the request (IPO-REC-1)
	Tell              // write Record into the log
)

// Action is one thing that a unit wants done.
type Action struct {
	Do     Do
	Body   []byte
	Code   uint16
	Note   string
	Record role.Record
}

// Unit is one control unit. It belongs to one goroutine. Instants never go back.
type Unit struct {
	c        Config
	flash    Records
	ram      Records
	security *Security
	audit    []string
	rejected map[string][]time.Time // of users, the latest logins
	locked   map[string]time.Time   // until when

	down      time.Time // until when the unit reboots; zero: it runs
	copyAt    time.Time // RAM → flash
	restartAt time.Time // a reboot that waits; zero: none does
	busy      time.Time // until when there is a call
	acts      []Action
}

// flash is what survives a power cut.
type flash struct {
	Config   string   `json:"config"`
	Security string   `json:"security"`
	Audit    []string `json:"audit"`
}

// New returns a unit that has just been switched on, with what an earlier one has
// stored, or nil.
func New(c Config, stored []byte, now time.Time) (*Unit, []Action, error) {
	u := &Unit{c: c, flash: c.Records, security: c.Security, rejected: map[string][]time.Time{}, locked: map[string]time.Time{}, busy: now.Add(c.Busy)}
	if u.c.Boot == 0 {
		u.c.Boot = bootTime
	}
	if u.c.Type == "" {
		u.c.Type = "IP 500 V2"
	}
	if len(stored) > 0 {
		var f flash
		err := json.Unmarshal(stored, &f)
		if err == nil {
			u.flash, err = ParseRecords([]byte(f.Config))
		}
		if err == nil {
			u.security, err = ParseSecurity([]byte(f.Security), nil)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("the stored memory of unit %v: %w", c.MAC, err)
		}
		u.audit = f.Audit[max(0, len(f.Audit)-auditKept):]
	}
	u.start(now, "cold start")
	u.save()
	return u, u.take(), nil
}

// Name returns the unit's name.
func (u *Unit) Name() string { return cmp.Or(u.ram["system.name"], u.c.MAC.String()) }

// LAN returns the address and the network of "lan1" or "lan2"; not valid for none.
func (u *Unit) LAN(port string) netip.Prefix { return u.ram.lan(port) }

// Level returns the level of the unit's software.
func (u *Unit) Level() Level { return u.c.Level }

// start copies flash to RAM (IPO-MEM-1).
func (u *Unit) start(now time.Time, how string) {
	u.ram, u.down, u.restartAt = maps.Clone(u.flash), time.Time{}, time.Time{}
	u.note(now, how)
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	u.copyAt = midnight.Add(time.Duration(u.c.MAC[5]) * copyWindow / 256)
}

func (u *Unit) take() []Action {
	acts := u.acts
	u.acts = nil
	return acts
}

func (u *Unit) tell(r role.Record) {
	r.Device = u.c.MAC
	u.acts = append(u.acts, Action{Do: Tell, Record: r})
}

// note enters something into the audit trail (IPO-SEC-4).
func (u *Unit) note(now time.Time, what string) {
	u.audit = append(u.audit, now.Format(time.DateTime)+" "+what)
	u.audit = u.audit[max(0, len(u.audit)-auditKept):]
	u.tell(role.Record{Wall: now, Event: "audit", Note: what})
}

// save has the memory stored.
func (u *Unit) save() {
	b, err := json.Marshal(flash{Config: string(u.flash.Text()), Security: string(u.security.Text(true)), Audit: u.audit})
	if err != nil { // texts only
		panic(err)
	}
	u.acts = append(u.acts, Action{Do: Save, Body: b})
}

// Deadline returns when [Unit.Tick] has something to do.
func (u *Unit) Deadline() time.Time {
	if !u.down.IsZero() {
		return u.down
	}
	at := u.copyAt
	if !u.restartAt.IsZero() && u.restartAt.Before(at) {
		at = u.restartAt
	}
	return at
}

// Tick does what is due. An early or a late one does no harm.
func (u *Unit) Tick(now time.Time) []Action {
	switch {
	case !u.down.IsZero():
		if !now.Before(u.down) {
			u.start(now, "warm start")
			u.save()
			u.acts = append(u.acts, Action{Do: Open})
		}
	case !u.restartAt.IsZero() && !now.Before(u.restartAt):
		u.restart(now)
	case !now.Before(u.copyAt):
		u.copyAt = u.copyAt.AddDate(0, 0, 1)
		if u.restartAt.IsZero() { // else flash has what is in force after that reboot
			u.flash = maps.Clone(u.ram)
			u.save()
		}
	}
	return u.take()
}

// restart begins a reboot (IPO-MEM-5).
func (u *Unit) restart(now time.Time) {
	u.note(now, "reboot")
	u.save()
	u.down = now.Add(u.c.Boot)
	u.acts = append(u.acts, Action{Do: Restart})
}

// Request takes a TFTP request (IPO-TFTP-2, -5, IPO-IF-2). Nothing is done where it is
// to be met with silence.
func (u *Unit) Request(now time.Time, from netip.AddrPort, write bool, name string, broadcast bool) []Action {
	if !u.down.IsZero() || !u.security.On("tftp") {
		return nil
	}
	who := wire.IsWhoIs(name)
	record := role.Record{Wall: now, Event: "tftp.read", URL: name, Note: from.String()}
	body, found := u.file(name)
	password, guarded := strings.CutPrefix(name, labConfig)
	guarded = guarded && u.c.Level.Old()
	switch {
	case broadcast && !who, who && !u.security.On("udp-discovery"):
		return nil
	case guarded: // IPO-OLD-1
		record.URL = labConfig + "…"
		record.Outcome = "sent"
		switch right := u.oldPassword(password); {
		case right && write:
			record.Event = "tftp.write"
			u.acts = append(u.acts, Action{Do: Receive})
		case right:
			u.acts = append(u.acts, Action{Do: Send, Body: u.ram.Text()})
		default:
			record.Outcome = "denied"
			u.acts = append(u.acts, Action{Do: Refuse, Code: 1, Note: "NotFound"})
		}
	case write:
		record.Event, record.Outcome, record.URL = "tftp.write", "refused", ""
		u.acts = append(u.acts, Action{Do: Keep}, Action{Do: Refuse, Code: 2, Note: "AccessViolation"})
	case !found:
		record.Outcome, record.URL = "not-found", ""
		u.acts = append(u.acts, Action{Do: Keep}, Action{Do: Refuse, Code: 1, Note: "NotFound"})
	default:
		record.Outcome = "sent"
		u.acts = append(u.acts, Action{Do: Send, Body: body})
	}
	u.tell(record)
	return u.take()
}

// OldName returns the name of the configuration of a unit below 3.2, which has the
// password: percent-encoded outside of A-Za-z0-9._- (IPO-OLD-1).
func OldName(password string) string {
	var b strings.Builder
	b.WriteString(labConfig)
	for _, c := range []byte(password) {
		if usual(rune(c)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// usual reports whether a character is of A-Za-z0-9._-.
func usual(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
}

func (u *Unit) oldPassword(escaped string) bool {
	given, err := url.PathUnescape(escaped)
	return err == nil && given == cmp.Or(u.ram[passwordLine], oldPassword)
}

// Received takes what a TFTP write has brought: a configuration that is stored before
// the last block is acknowledged, by a Send, and is in force after a reboot.
func (u *Unit) Received(now time.Time, body []byte) []Action {
	if !u.down.IsZero() {
		return nil
	}
	records, err := u.parse(body)
	if err != nil {
		u.tell(role.Record{Wall: now, Event: "config.refused", Note: err.Error()})
		u.acts = append(u.acts, Action{Do: Refuse, Note: err.Error()})
		return u.take()
	}
	u.flash = records
	u.note(now, "changed")
	u.save()
	u.acts = append(u.acts, Action{Do: Send})
	u.restart(now)
	return u.take()
}

// parse reads a configuration for this unit (IPO-LAN-2).
func (u *Unit) parse(body []byte) (Records, error) {
	records, err := ParseRecords(body)
	if err != nil {
		return nil, err
	}
	lan := records.lan("lan1")
	if !lan.IsValid() {
		return nil, fmt.Errorf("lan1.address and lan1.mask are missing")
	}
	if lan.Addr() != u.ram.lan("lan1").Addr() && u.c.Binds != nil && !u.c.Binds(lan.Addr()) {
		return nil, fmt.Errorf("lan1.address: %v cannot be served here, give this machine the address first", lan.Addr())
	}
	return records, nil
}
