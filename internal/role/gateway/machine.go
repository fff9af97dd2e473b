package gateway

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
	"provsim/internal/role"
)

// Numbers of the specification.
const (
	logWidth      = 69 // bytes of a debug line (SMG-LOG-1)
	queueLength   = 64 // events (SMG-EVT-5)
	mostOption66  = 255
	usualOption66 = 63              // what the settings take (SMG-DHCP-3)
	offerHold     = 2 * time.Minute // how long an address is kept after an OFFER
	declineHold   = time.Hour
	mostLeases    = 1 << 20
)

// Quirks are other readings of the document, each off unless said.
type Quirks struct {
	JoinServers bool // option66-servers=joined: all entries, by commas (SMG-C-6)
	CutOption66 bool // option66-cut=63 (SMG-DHCP-3)
	RenewAlert  bool // renew-alert: a renewal draws a new number (SMG-MAC-5)
}

// Config is what a machine is made of.
type Config struct {
	Settings
	Quirks Quirks
	// Random is read for the digits of numbers (SMG-MAC-3). It never ends.
	Random func(mac device.MAC, count uint32) io.Reader
}

// Do says what an Action asks for.
type Do uint8

// What the machine asks for.
const (
	Send  Do = iota // Packet to To; to all of the network where To is not valid
	Post            // Body to URL as an event, told by [Machine.Posted]
	Tell            // write Record into the log
	Debug           // write Line into the debug log
)

// Action is one thing that the machine wants done.
type Action struct {
	Do     Do
	Packet []byte
	To     netip.AddrPort
	URL    string
	Body   string
	Record role.Record
	Line   string
}

// Lease is an address and its owner.
type Lease struct {
	MAC      device.MAC
	Addr     netip.Addr
	Until    time.Time
	Leased   bool   // not only offered
	Number   string // the random number; empty without one
	Option66 string
	xid      dhcpv4.TransactionID // of the REQUEST that made the lease
	blocked  bool                 // declined: the address is in use
}

// Machine is what the gateway knows. It belongs to one goroutine.
type Machine struct {
	config  Config
	leases  map[device.MAC]*Lease
	byAddr  map[netip.Addr]*Lease
	draws   map[device.MAC]uint32
	next    netip.Addr
	seq     int
	queue   []event // the first one is being sent
	entries []Entry
	acts    []Action
}

// New returns a machine without leases.
func New(c Config) *Machine {
	return &Machine{
		config: c, leases: map[device.MAC]*Lease{}, byAddr: map[netip.Addr]*Lease{}, draws: map[device.MAC]uint32{}, next: c.First,
	}
}

// Leases returns the leases, sorted by address.
func (m *Machine) Leases() []Lease {
	all := make([]Lease, 0, len(m.byAddr))
	for _, l := range m.byAddr {
		if !l.blocked {
			all = append(all, *l)
		}
	}
	slices.SortFunc(all, func(a, b Lease) int { return a.Addr.Compare(b.Addr) })
	return all
}

func (m *Machine) take() []Action {
	acts := m.acts
	m.acts = nil
	return acts
}

func (m *Machine) tell(now time.Time, word string, mac device.MAC, note string) {
	m.acts = append(m.acts, Action{Do: Tell, Record: role.Record{Wall: now, Event: word, Device: mac, Note: note}})
}

// debug writes a line of the debug log, cut as the document shows it.
func (m *Machine) debug(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	m.acts = append(m.acts, Action{Do: Debug, Line: line[:min(len(line), logWidth)]})
}

// Packet takes a datagram. What is no DHCP request of a client is ignored.
func (m *Machine) Packet(now time.Time, packet []byte, from netip.AddrPort) []Action {
	p, err := dhcpv4.FromBytes(packet)
	if err != nil || p.OpCode != dhcpv4.OpcodeBootRequest || len(p.ClientHWAddr) != 6 {
		return nil
	}
	mac := device.MAC(p.ClientHWAddr)
	if mac == (device.MAC{}) || mac[0]&1 != 0 {
		return nil
	}
	switch p.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		m.discover(now, p, mac, from)
	case dhcpv4.MessageTypeRequest:
		m.request(now, p, mac, from)
	case dhcpv4.MessageTypeInform:
		value := m.base()
		if l := m.leases[mac]; l != nil && l.Leased {
			value = l.Option66
		}
		m.send(p, dhcpv4.MessageTypeAck, netip.Addr{}, value, from)
	case dhcpv4.MessageTypeRelease:
		if l := m.leases[mac]; l != nil && l.Addr == addrOf(p.ClientIPAddr) {
			m.forget(l)
		}
	case dhcpv4.MessageTypeDecline:
		if l := m.leases[mac]; l != nil && l.Addr == wanted(p) {
			delete(m.leases, mac)
			l.blocked, l.Until = true, now.Add(declineHold)
		}
	}
	return m.take()
}

func (m *Machine) discover(now time.Time, p *dhcpv4.DHCPv4, mac device.MAC, from netip.AddrPort) {
	asked := "<any_address>"
	if a := wanted(p); a.IsValid() {
		asked = a.String()
	}
	m.debug("DHCP: Received DHCP Discover %s from MAC %v", asked, mac)
	l := m.address(now, mac)
	if l == nil {
		m.tell(now, "dhcp.full", mac, fmt.Sprintf("no address is free from %v to %v", m.config.First, m.config.Last))
		return
	}
	m.send(p, dhcpv4.MessageTypeOffer, l.Addr, m.base(), from)
	m.debug("DHCP: Sent DHCP offer %v - MAC Address %v", l.Addr, mac)
}

// request tells the forms of REQUEST apart (RFC 2131 section 4.3.2).
func (m *Machine) request(now time.Time, p *dhcpv4.DHCPv4, mac device.MAC, from netip.AddrPort) {
	want, renewal := wanted(p), false
	server := addrOf(p.Options.Get(dhcpv4.OptionServerIdentifier))
	if !want.IsValid() && !server.IsValid() {
		want, renewal = addrOf(p.ClientIPAddr), true
	}
	m.debug("DHCP: Received DHCP Request %v from MAC %v", want, mac)
	if server.IsValid() && server != m.config.Router {
		if l := m.leases[mac]; l != nil && !l.Leased {
			m.forget(l)
		}
		return
	}
	l := m.leases[mac]
	if l == nil && !server.IsValid() && m.free(now, want) {
		l = m.bind(mac, want) // a lease of before the gateway's restart (SMG-MAC-5)
	}
	if l == nil || l.Addr != want {
		m.send(p, dhcpv4.MessageTypeNak, netip.Addr{}, "", from)
		return
	}
	again := l.Leased && l.xid == p.TransactionID
	kept := l.Leased && (again || renewal && !m.config.Quirks.RenewAlert)
	l.Leased, l.Until, l.xid = true, now.Add(m.config.LeaseOf), p.TransactionID
	if !kept {
		m.lease(now, l)
	}
	m.send(p, dhcpv4.MessageTypeAck, l.Addr, l.Option66, from)
	m.debug("DHCP: Leased %v", l.Addr)
}

// lease gives a new lease its option 66 and sends the event of its alert
// (SMG-MAC-3 to -5, SMG-ORD-1).
func (m *Machine) lease(now time.Time, l *Lease) {
	l.Number, l.Option66 = "", m.base()
	i := slices.IndexFunc(m.config.Alerts[:], func(a Alert) bool { return a.Enabled && a.matches(l.MAC) })
	if i < 0 {
		return
	}
	alert := &m.config.Alerts[i]
	if alert.Randomise && l.Option66 != "" {
		m.draws[l.MAC]++
		number := draw(m.config.Random(l.MAC, m.draws[l.MAC]), m.config.Digits)
		value := join(l.Option66, number)
		if len(value) > mostOption66 {
			m.tell(now, "alert.skipped", l.MAC, fmt.Sprintf("option 66 would have %d bytes, an option has at most %d", len(value), mostOption66))
			return
		}
		if len(value) > usualOption66 {
			m.tell(now, "option66.long", l.MAC, fmt.Sprintf("%d bytes, the settings take at most %d", len(value), usualOption66))
			if m.config.Quirks.CutOption66 {
				value = value[:usualOption66]
			}
		}
		l.Number, l.Option66 = number, value
		m.debug("DHCP Alert: Leased Mac %v Rand %s [Name %s]", l.MAC, number, alert.Name)
		m.debug("DHCP Alert: New Option 66 %s", value)
	} else {
		m.debug("DHCP Alert: Leased Mac %v [Name %s]", l.MAC, alert.Name)
	}
	m.alert(now, l, alert.Name)
}

// join appends a number to a base as a path segment of its own (SMG-C-4).
func join(base, number string) string {
	return strings.TrimSuffix(base, "/") + "/" + number
}

// draw returns n digits, each string of that length as likely as any other: a
// byte of 250 or more is thrown away.
func draw(random io.Reader, n int) string {
	digits := make([]byte, 0, n)
	var room [64]byte
	for len(digits) < n {
		if _, err := io.ReadFull(random, room[:]); err != nil {
			panic("gateway: the source of random numbers ended: " + err.Error())
		}
		for _, b := range room {
			if b < 250 && len(digits) < n {
				digits = append(digits, '0'+b%10)
			}
		}
	}
	return string(digits)
}

// base returns the configured value of option 66, or "" (SMG-C-6, SMG-DHCP-2).
func (m *Machine) base() string {
	var values []string
	for _, e := range m.config.Servers {
		if e.Text != "" && !e.Off {
			values = append(values, e.Text)
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case m.config.Quirks.JoinServers:
		return strings.Join(values, ",")
	}
	return values[0]
}

// The class of a lease's event (SMG-EVT-1).
const (
	class    = "DHCP"
	subclass = 67
	ofLease  = 6 // severity
)
