package server

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"provsim/device"
)

// A Config says what a server leases. The zero value of each field but Pools
// works.
type Config struct {
	// Listen is the address and port; empty is "127.0.0.1:0", a free port.
	Listen string
	// ID is the server identifier, by default the address of Listen.
	ID netip.Addr
	// RelayPort is where relay agents without a port of their own get answers; 0
	// is 67.
	RelayPort uint16
	// Pools are asked for a free address in their order.
	Pools []Pool
	// Hosts have options of their own, whichever pool their address is from.
	Hosts map[device.MAC]Options
	// Duration of leases; 0 is an hour.
	Duration time.Duration
	// T1 and T2 are options 58 and 59; 0 sends none.
	T1, T2 time.Duration
	// Served is called after each message that came, in the server's goroutine.
	Served func(Served)
}

// A Pool is a range of addresses with the options of those who get one.
type Pool struct {
	First, Last netip.Addr
	Bits        int // of the mask, option 1; 0 sends none
	Router      netip.Addr
	DNS         []netip.Addr
	Options     Options
}

// Options are what phones are provisioned by. What is empty is not sent.
type Options struct {
	Option66  string
	BootFile  string // option 67
	Option150 []netip.Addr
	Option43  []byte
}

// A Served is one message and its answer.
type Served struct {
	Client  device.MAC
	Message string     // "DISCOVER" and others
	Answer  string     // "OFFER", "ACK", "NAK", or "" for silence
	Addr    netip.Addr // that was offered, leased, given back or declined
	Note    string     // why it is so, where the rest does not say it
}

// check returns the configuration with its defaults.
func (c Config) check() (Config, error) {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	if c.RelayPort == 0 {
		c.RelayPort = 67
	}
	if c.Duration == 0 {
		c.Duration = time.Hour
	}
	if len(c.Pools) == 0 {
		return c, errors.New("DHCP server without a pool of addresses")
	}
	for _, p := range c.Pools {
		if !p.First.Is4() || !p.Last.Is4() || p.Last.Less(p.First) || p.Bits < 0 || p.Bits > 32 {
			return c, fmt.Errorf("DHCP pool %v to %v with a mask of %d bits: want two IPv4 addresses in order and 0 to 32 bits", p.First, p.Last, p.Bits)
		}
	}
	return c, nil
}
