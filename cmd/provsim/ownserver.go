package main

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/phoneserver"
	"provsim/internal/run"
)

// ownServerFlags say whether phones have their own web servers, and who reaches them.
type ownServerFlags struct {
	port  uint16
	sites []string
}

func (f *ownServerFlags) add(fs *pflag.FlagSet) {
	fs.Uint16Var(&f.port, "device-port", 0, "phones of AudioCodes, Fanvil and the Flying Voice FIP line answer at this `PORT` of their address, by HTTP and HTTPS: REST calls and their own page, or the address for a resync (default: they do not)")
	fs.StringSliceVar(&f.sites, "site", nil, "connections to --device-port from outside of this `PREFIX` get no answer, as behind a NAT; repeatable (default: all get one)")
}

// ownServers are the phones' own servers; nil: they have none.
type ownServers struct{ *phoneserver.Servers }

func (f *ownServerFlags) open(phones ...*device.Personality) (ownServers, error) {
	if f.port == 0 {
		if len(f.sites) > 0 {
			return ownServers{}, usage(errors.New("--site needs --device-port: it says who reaches the phones' own server"), "")
		}
		return ownServers{}, nil
	}
	for _, p := range phones {
		if p.Web == nil {
			return ownServers{}, usage(fmt.Errorf("--device-port: the own server of %s phones is not emulated", p.Vendor), "")
		}
	}
	c := phoneserver.Config{Port: f.port}
	for _, text := range f.sites {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return ownServers{}, usage(fmt.Errorf("--site %q, want a network such as 127.0.1.0/24", text), "")
		}
		c.Site = append(c.Site, prefix.Masked())
	}
	var err error
	if c.Certificate, err = selfSigned(netip.Addr{}); err != nil {
		return ownServers{}, cannot(err, "")
	}
	return ownServers{phoneserver.New(c)}, nil
}

// reach returns what tells the servers of a phone's address.
func (s ownServers) reach() func(int, netip.Addr) {
	if s.Servers == nil {
		return nil
	}
	return s.Reach
}

func (s ownServers) attach(d *run.Driver) {
	if s.Servers != nil {
		s.Attach(d)
	}
}

func (s ownServers) close() {
	if s.Servers != nil {
		s.Close()
	}
}
