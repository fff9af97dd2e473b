// Package manager is the IP Office Manager's side: it looks for units by broadcast and
// by a list of addresses, and asks one for its files.
//
// The search by UDP and the reading of files by TFTP are a genuine unit's protocol, with
// a name in the broadcast that public tools use. The protocol over TCP is this project's
// own (package wire): a genuine unit does not answer it.
package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"

	"provsim/device"
)

// The ports, before the shift. The others are counted from a base.
const (
	TFTPPort      = 69
	DiscoveryPort = 50802 // never moves (MGR-7)
	DevLinkPort   = 50797
)

// WhoIs is the file that says who a unit is (MGR-1).
const WhoIs = "nasystem/who_is3"

// Options say where a Manager is and how it looks for units.
type Options struct {
	From    netip.Prefix // the Manager's address and network; not valid: any
	Shift   int          // added to every port
	Timeout time.Duration
	// Target is the Unit/Broadcast address.
	Target  netip.Addr
	UDP     bool // UDP discovery is on
	TCP     bool // TCP discovery is on
	Search  []netip.Addr
	PingAll bool // quirk ping-list: listed addresses are pinged too (MGR-4)
	// Warn gets a message about what could not be done.
	Warn func(string)
	// networks are those of the Manager, read once (MGR-12); nil: not yet.
	networks []netip.Prefix
	addrs    func() ([]net.Addr, error) // the addresses of this machine; nil: net.InterfaceAddrs
}

// Everyone is the broadcast address that a Manager uses unless told otherwise.
var Everyone = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Unit is a row of the list: a unit, or an address where none was found.
type Unit struct {
	Name    string     `json:"name,omitempty"`
	Addr    netip.Addr `json:"address"`
	Level   string     `json:"level,omitempty"`
	Type    string     `json:"type,omitempty"`
	MAC     string     `json:"mac,omitempty"`
	FoundBy []string   `json:"found_by,omitempty"`
	Outcome string     `json:"outcome,omitempty"` // why no unit was found there
}

// Words of an outcome, beside those of [Failure].
const (
	Unknown = "listens, unknown protocol"
	NoEcho  = "no echo reply"
)

// Old reports whether the unit has only UDP and a system password (IPO-ID-2).
func (u Unit) Old() bool {
	var major, minor int
	n, _ := fmt.Sscanf(u.Level, "%d.%d", &major, &minor)
	return n == 2 && (major < 3 || major == 3 && minor < 2)
}

// ParseWhoIs reads the answer of a unit as public tools do: the quoted values count, and
// not the words between them (IPO-FILE-1).
func ParseWhoIs(b []byte) (Unit, bool) {
	parts := strings.Split(Latin1(b), `"`)
	if len(parts) < 13 || len(b) > 1000 {
		return Unit{}, false
	}
	for _, p := range parts[1:12] {
		if len(p) > 100 || strings.ContainsFunc(p, unicode.IsControl) {
			return Unit{}, false
		}
	}
	mac, err := device.ParseMAC(parts[1])
	addr, wrong := netip.ParseAddr(parts[5])
	if err != nil || wrong != nil {
		return Unit{}, false
	}
	return Unit{MAC: mac.String(), Type: parts[3], Addr: addr, Level: parts[9], Name: parts[11]}, true
}

// Latin1 returns the text of a unit's file, which is in ISO-8859-1 (IPO-FILE-1).
func Latin1(b []byte) string {
	text := make([]rune, 0, len(b))
	for _, c := range b {
		text = append(text, rune(c))
	}
	return string(text)
}

// Failure is why a unit could not be asked: a word of cli outcomes, and what the
// Manager shows (MGR-8).
type Failure struct {
	Word string // unauthorized, locked, not-found, refused, timeout, unreachable or bad-answer
	Note string
}

func (f *Failure) Error() string { return f.Note + " (" + f.Word + ")" }

// The messages that a Manager shows.
const (
	AccessDenied   = "Access Denied"
	AccountLocked  = "Account Locked"
	noConversation = "Failed to communicate with system"
)

// failure says what an error of the network means.
func failure(err error) *Failure {
	f := &Failure{Word: "unreachable", Note: noConversation}
	var known *Failure
	var wait net.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Word = "refused"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &wait) && wait.Timeout():
		f.Word = "timeout"
	}
	return f
}

// dial opens a connection from the Manager's address.
func (o *Options) dial(ctx context.Context, addr netip.Addr, port int) (net.Conn, error) {
	dialer := net.Dialer{Timeout: o.Timeout}
	if o.From.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(o.From.Addr(), 0))
	}
	return dialer.DialContext(ctx, "tcp4", netip.AddrPortFrom(addr, uint16(port+o.Shift)).String())
}

// Networks returns the Manager's networks. The first call reads them, and what is copied
// from these options has them too (MGR-12).
func (o *Options) Networks() []netip.Prefix {
	if o.networks != nil {
		return o.networks
	}
	if o.From.IsValid() {
		o.networks = []netip.Prefix{o.From.Masked()}
		return o.networks
	}
	read := o.addrs
	if read == nil {
		read = net.InterfaceAddrs
	}
	addrs, err := read()
	if err != nil {
		o.Warn("the addresses of this machine: " + err.Error())
	}
	o.networks = []netip.Prefix{}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			o.networks = append(o.networks, p.Masked())
		}
	}
	return o.networks
}

// isBroadcast reports whether an address is a broadcast address.
func (o *Options) isBroadcast(addr netip.Addr) bool {
	if addr == Everyone {
		return true
	}
	for _, n := range o.networks {
		if n.Bits() < 31 && n.Contains(addr) && !n.Contains(addr.Next()) {
			return true
		}
	}
	return false
}

// near reports whether an address is of the Manager's own networks.
func (o *Options) near(addr netip.Addr) bool {
	for _, n := range o.networks {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}
