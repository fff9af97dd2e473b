// Package agent is a Device Manager's Agent: inside a NAT it fetches actions from
// the manager, carries them out one by one on each phone, and passes the phones'
// traffic on to the manager (AG-*).
//
// A [Machine] decides when to poll and what to do next; it has no clock, no I/O
// and no goroutine. An [Agent] is the edge. Only the configuration survives a restart:
// fetched actions that were not done yet are lost (AG-LOOP-3).
package agent

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"provsim/internal/role/ippm"
)

// The values of a new Agent, and the bounds of the period (AG-CFG-1, -2).
const (
	UsualPeriod = 5 * time.Second
	mostPeriod  = 59
	mostTenants = 256
)

// Config is what the Agent's page sets.
type Config struct {
	Manager string        `json:"manager"` // address or name, with :PORT where it is not 443
	Key     string        `json:"key"`
	Tenants []string      `json:"tenants"`
	Period  time.Duration `json:"period"`
}

var hostForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
})

var keyForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Fa-f]{32}$`) })

// ParsePeriod reads a loop period in whole seconds.
func ParsePeriod(text string) (time.Duration, error) {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < 1 || n > mostPeriod {
		return 0, errors.New("want whole seconds, 1 to 59")
	}
	return time.Duration(n) * time.Second, nil
}

// CheckManager checks an address of the manager; empty is allowed.
func CheckManager(text string) error {
	host := text
	if h, port, err := net.SplitHostPort(text); err == nil {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return errors.New("want an IP address or a name, with a port of 1 to 65535")
		}
		host = h
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err != nil && text != "" && !hostForm().MatchString(host) {
		return errors.New("want an IP address or a name, with :PORT where it is not 443")
	}
	return nil
}

// CheckKey checks a service key. The error does not hold it.
func CheckKey(text string) error {
	if text != "" && !keyForm().MatchString(text) {
		return errors.New("want the 32 hexadecimal digits that the manager shows")
	}
	return nil
}

// CheckTenants checks the names of tenants.
func CheckTenants(names []string) error {
	if len(names) > mostTenants || slices.ContainsFunc(names, func(n string) bool { return !ippm.GoodName(n) }) {
		return errors.New("want up to 256 names of letters, digits, '_', '.' and '-'")
	}
	return nil
}

// Check checks all of it.
func (c Config) Check() error {
	if _, err := ParsePeriod(strconv.FormatFloat(c.Period.Seconds(), 'f', -1, 64)); err != nil {
		return err
	}
	return errors.Join(CheckManager(c.Manager), CheckKey(c.Key), CheckTenants(c.Tenants))
}

// Ready reports whether the Agent knows enough to poll (AG-CFG-3).
func (c Config) Ready() bool { return c.Manager != "" && c.Key != "" && len(c.Tenants) > 0 }

// Address returns the manager's host and port.
func (c Config) Address() string {
	if _, _, err := net.SplitHostPort(c.Manager); err == nil {
		return c.Manager
	}
	return net.JoinHostPort(strings.Trim(c.Manager, "[]"), "443")
}
