package ipoffice

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Level is the level of a unit's software, such as 3.2(17) (IPO-ID-2).
type Level struct {
	text         string
	major, minor int
}

// ParseLevel reads a level, which begins with two numbers.
func ParseLevel(text string) (Level, error) {
	l := Level{text: text}
	digits := func(s string) (int, string) {
		end := len(s) - len(strings.TrimLeft(s, "0123456789"))
		n, err := strconv.Atoi(s[:end])
		if err != nil {
			return -1, s
		}
		return n, s[end:]
	}
	var rest string
	l.major, rest = digits(text)
	after, dot := strings.CutPrefix(rest, ".")
	l.minor, _ = digits(after)
	if !dot || l.major < 0 || l.minor < 0 || len(text) > 32 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
		return Level{}, fmt.Errorf("found the level %q, want one such as 3.2(17)", text)
	}
	return l, nil
}

// String returns the level as it was written.
func (l Level) String() string { return l.text }

// AtLeast compares the first two numbers.
func (l Level) AtLeast(major, minor int) bool {
	return l.major > major || l.major == major && l.minor >= minor
}

// Old reports whether a unit of this level has only UDP, and one system password.
func (l Level) Old() bool { return !l.AtLeast(3, 2) }

// Port is one that a unit has open.
type Port struct {
	Service string // discovery, configuration, security, devlink3, http, tftp, stub or silent
	Network string // udp or tcp
	Addr    netip.Addr
	Number  uint16
}

// stubs are ports that take datagrams and never answer (IPO-PORT-3).
var stubs = []uint16{161, 520, 50795, 50796, 50797}

// Ports returns what is open at the unit's addresses. At LAN2 datagrams meet silence
// (IPO-LAN-1), as at LAN1 while the unit reboots.
func (u *Unit) Ports() []Port {
	var ports []Port
	lan1, lan2 := u.ram.lan("lan1").Addr(), u.ram.lan("lan2").Addr()
	add := func(on bool, service, network string, number int) {
		if on {
			ports = append(ports, Port{service, network, lan1, uint16(number)})
		}
	}
	on, young, base := u.security.On, !u.c.Level.Old(), u.security.base
	add(on("tftp"), "tftp", "udp", 69)
	for _, n := range stubs {
		add(true, "stub", "udp", int(n))
	}
	if lan2.IsValid() {
		for _, n := range append([]uint16{69}, stubs...) {
			ports = append(ports, Port{"silent", "udp", lan2, n})
		}
	}
	if !u.down.IsZero() {
		return ports
	}
	add(young && on("tcp-discovery"), "discovery", "tcp", 50802)
	add(young && on("configuration"), "configuration", "tcp", base)
	add(young, "security", "tcp", base+8)
	add(young && !u.c.Quirks.NoAlias, "security", "tcp", base+4)
	add(u.c.Level.AtLeast(10, 0) && on("devlink3"), "devlink3", "tcp", 50797)
	add(on("http"), "http", "tcp", 80)
	return ports
}
