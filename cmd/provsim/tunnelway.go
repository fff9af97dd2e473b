package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/fleet"
	"provsim/internal/egress"
	"provsim/internal/fetch/ftp"
	"provsim/internal/fetch/web"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/run"
	"provsim/internal/sched"
)

// tunnelWayFlags lead the transfers of phones through tunnels (WT-SVC-5).
type tunnelWayFlags struct{ url, ca string }

func (f *tunnelWayFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.url, "tunnel", "", "do all transfers through a WebSocket tunnel to this `URL`, such as wss://VPN:123456@ovoc.example.com/tun; the server is http://169.254.0.1 there")
	fs.StringVar(&f.ca, "tunnel-ca", "", "PEM `FILE` of the roots that the tunnel server must be certified by (default: any certificate is taken)")
}

// tunnelWay is the tunnels of a run's phones; nil without --tunnel.
type tunnelWay struct {
	overlay *client.Overlay
	end     func()
}

// open begins to open the tunnels of devices. Log is where to say what they do;
// nil: nowhere.
func (f *tunnelWayFlags) open(e *env, seed uint64, macs []device.MAC, log *role.Log, mine bool) (*tunnelWay, error) {
	if f.url == "" {
		if f.ca != "" {
			return nil, usage(errors.New("--tunnel-ca needs --tunnel"), "")
		}
		return nil, nil
	}
	p, err := tunnel.ParseURL(f.url)
	if err != nil {
		return nil, usage(fmt.Errorf("--tunnel: %w", err), "")
	}
	roots, err := authorities(e, "tunnel-ca", f.ca)
	if err != nil {
		return nil, err
	}
	p.VerifyPeer = f.ca != ""
	if u, err := p.URL(); err == nil && len(macs) > 1 {
		if err := private(e, u, mine); err != nil {
			return nil, err
		}
	}
	o := client.Options{
		Parameters: func(int) tunnel.Parameters { return p }, Serial: func(i int) uint64 { return serialOf(macs[i]) },
		Codec: tunnel.IP, MTU: tunnel.DefaultMTU, Ping: tunnel.PingAfter, Product: "provsim phone", Community: "public", Log: log,
	}
	o.Roots, o.Agent, o.Resolver = roots, "provsim/"+version(), net.DefaultResolver
	s := &fleet.Scenario{Name: "tunnel", Devices: len(macs), Seed: seed, Duration: client.Longest, Tunnel: &fleet.Tunnel{}}
	s.Tunnel.NTP, s.Tunnel.KeepAlive = tunnel.Never, tunnel.Never
	r, err := client.NewRun(s, 0, sched.NewReal(time.Now()))
	if err != nil {
		return nil, usage(err, "")
	}
	n, err := client.NewOverlay(o, r.Post)
	if err != nil {
		return nil, cannot(err, "")
	}
	ctx, cancel := context.WithCancel(e.hard)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Drive(ctx, n)
	}()
	return &tunnelWay{n, func() { cancel(); <-done; n.Goodbye(); n.Close() }}, nil
}

// private refuses a tunnel server of many devices that is not at a private address,
// unless the user owns it.
func private(e *env, u *url.URL, mine bool) error {
	if err := (&egress.Dialer{Public: mine}).Allowed(e.ctx, u.Hostname()); errors.Is(err, egress.ErrPublic) {
		return usage(err, "--yes-this-is-my-server allows it, if it is")
	}
	return nil
}

// serialOf makes a serial number of an address.
func serialOf(mac device.MAC) uint64 { return uint64(mac[3])<<16 | uint64(mac[4])<<8 | uint64(mac[5]) }

func (w *tunnelWay) close() {
	if w != nil {
		w.end()
	}
}

// wire fetches through the tunnels, over HTTP, HTTPS and FTP. TFTP and PnP do not
// go through.
func (w *tunnelWay) wire() run.Wire {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return w.overlay.DialContext(ctx, egress.DeviceOf(ctx), network, address)
	}
	c := &web.Client{DialContext: dial}
	return run.Wire{"http": c, "https": c, "ftp": &ftp.Client{DialContext: dial}}
}
