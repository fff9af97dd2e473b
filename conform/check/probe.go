package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/internal/fetch/web"
	"provsim/profile"
)

// A Probe is what a check asks the target with. One probe serves all checks of
// an examination, from several goroutines at once.
type Probe struct {
	// Target is the setup to ask. Checks do not change it.
	Target *Target
	// Patience is how long a check waits for something that should come at
	// once. What rightly takes longer, such as a retransmission, is waited
	// for in multiples of it.
	Patience time.Duration

	allow  Allow
	phones []*phone
	dialer net.Dialer

	settled bool // file is what Settle has found out
	file    int  // of the first phone's requests

	mu      sync.Mutex
	files   map[device.MAC]*provisioning
	servers map[string]Origin // by scheme
	inUse   []Server          // those that have named themselves
	tried   map[string]*reachability

	leasing sync.Mutex // held while a wire to DHCP servers is open
}

// reachability is the result of an attempt to reach a server.
type reachability struct {
	sync.Once
	err error
}

// Settings are a probe's, beside its target.
type Settings struct {
	Patience time.Duration // 0 stands for [DefaultPatience]
	Allow    Allow
}

// DefaultPatience is longer than a healthy server's answer takes over any line
// that phones are provisioned by.
const DefaultPatience = 2 * time.Second

// NewProbe prepares to ask a target. The error says what is wrong with it; the
// network is not touched.
func NewProbe(target *Target, settings Settings) (*Probe, error) {
	p := &Probe{Target: target, Patience: settings.Patience, allow: settings.Allow, files: map[device.MAC]*provisioning{}, tried: map[string]*reachability{}}
	if p.Patience <= 0 {
		p.Patience = DefaultPatience
	}
	if err := target.IPOffice.validate(); err != nil {
		return nil, err
	}
	model, err := target.model()
	if err != nil {
		return nil, err
	}
	for _, given := range target.Phones {
		ph, err := target.phone(model, given)
		if err != nil {
			return nil, fmt.Errorf("phone %s: %w", given.MAC, err)
		}
		p.phones = append(p.phones, ph)
	}
	if _, err := target.Expired.pair(); err != nil {
		return nil, fmt.Errorf("expired certificate: %w", err)
	}
	p.servers, err = p.findServers()
	return p, err
}

// An Origin is where a server listens.
type Origin struct {
	Scheme string // "tftp", "http" or "https"
	Host   string // a name or an address, an IPv6 address without brackets
	Port   uint16
}

// Authority returns what goes into a Host header: the host, and the port where
// it is not the scheme's own.
func (o Origin) Authority() string { return profile.Authority(o.Scheme, o.Host, o.Port) }

// String returns the origin as a URL without a path.
func (o Origin) String() string { return o.Scheme + "://" + o.Authority() }

func (o Origin) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(int(o.Port))) }

// Server returns where the target's server of a scheme listens. It is there
// where the check needs it (TFTPServer, HTTPServer, HTTPSServer).
func (p *Probe) Server(scheme string) Origin { return p.servers[scheme] }

// Web returns the web server that provisions phones: HTTPS where there is one,
// else HTTP.
func (p *Probe) Web() Origin {
	if p.hasServer("https") {
		return p.Server("https")
	}
	return p.Server("http")
}

func (p *Probe) hasServer(scheme string) bool { return p.servers[scheme] != Origin{} }

// findServers takes the servers that are named, and for the others those that
// the first phone's rules lead to.
func (p *Probe) findServers() (map[string]Origin, error) {
	found := map[string]Origin{}
	for _, job := range []func(device.MAC) (device.Request, error){p.UpgradeRequest, p.Request} {
		if len(p.phones) == 0 {
			break
		}
		if req, err := job(p.phones[0].MAC()); err == nil {
			found[req.Scheme] = Origin{req.Scheme, req.Host, req.Port}
		}
	}
	for _, named := range []struct{ scheme, text string }{
		{"tftp", p.Target.TFTP.Server}, {"http", p.Target.HTTP}, {"https", p.Target.HTTPS},
	} {
		if named.text == "" {
			continue
		}
		o, err := parseOrigin(named.scheme, named.text)
		if err != nil {
			return nil, err
		}
		found[named.scheme] = o
	}
	return found, nil
}

// parseOrigin reads host, host:port or a URL.
func parseOrigin(scheme, text string) (Origin, error) {
	if !strings.Contains(text, "://") {
		text = scheme + "://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Origin{}, fmt.Errorf("%s server: %w", scheme, err)
	case u.Scheme != scheme || u.Hostname() == "":
		return Origin{}, fmt.Errorf("%s server %q, want a host, host:port, or %s://host:port", scheme, u.Redacted(), scheme)
	case u.Port() == "":
		return Origin{scheme, u.Hostname(), profile.DefaultPort(scheme)}, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return Origin{}, fmt.Errorf("%s server %q has port %q, want 1 to 65535", scheme, u.Redacted(), u.Port())
	}
	return Origin{scheme, u.Hostname(), uint16(port)}, nil
}

// Fetch does a whole transfer as a phone does it, redirects, passwords and
// retransmission included.
func (p *Probe) Fetch(ctx context.Context, req device.Request) device.Reply {
	switch req.Scheme {
	case "tftp":
		first := max(p.Patience/2, time.Millisecond)
		return tftp.Client{Schedule: tftp.Schedule{First: first, Max: first, Repeats: 3}}.Fetch(ctx, req)
	default:
		client := &web.Client{DialContext: p.dialer.DialContext}
		defer client.Close()
		return client.Fetch(ctx, req)
	}
}

// resolve returns the address and port of a server, IPv4 first as phones do.
func resolve(ctx context.Context, o Origin) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(o.Host); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), o.Port), nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", o.Host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, addr := range addrs {
		if addr = addr.Unmap(); addr.Is4() {
			return netip.AddrPortFrom(addr, o.Port), nil
		}
	}
	if len(addrs) == 0 {
		return netip.AddrPort{}, errors.New("the name has no address")
	}
	return netip.AddrPortFrom(addrs[0], o.Port), nil
}
