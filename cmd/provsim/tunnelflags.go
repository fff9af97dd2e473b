package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/client"
	"provsim/internal/role/tunnel/link"
)

// tunnelFlags are how devices reach their server.
type tunnelFlags struct {
	ini, dns, auth, ca, cert, key, address, record string
	serial                                         uint64 // of the first device
	sets, quirks                                   []string
	o                                              client.Options
}

func (f *tunnelFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.ini, "ini", "", "the device's ini `FILE`, of which the six parameters count")
	fs.StringArrayVar(&f.sets, "set", nil, "a parameter, `NAME=VALUE`: "+strings.Join(tunnel.Names, ", ")+"; repeatable")
	fs.StringVar(&f.dns, "dns", "", "the device's DNS server, `ADDRESS[:PORT]`, or 'system' (default: none, so that the server has to be an address)")
	fs.StringVar(&f.auth, "auth", "", "how to log in, `SCHEME`: basic, digest or none (default: basic, and then what the server asks for)")
	fs.StringVar(&f.ca, "ca", "", "PEM `FILE` of the trusted roots, for WSTunVerifyPeer=1 (default: nothing is trusted)")
	fs.StringVar(&f.cert, "cert", "", "PEM `FILE` of the devices' certificate")
	fs.StringVar(&f.key, "key", "", "PEM `FILE` of its key")
	fs.Uint64Var(&f.serial, "serial", 3965330, "serial `NUMBER` of the first device, which the others follow")
	fs.StringVar(&f.address, "address", "", "the device's own `ADDRESS` in the tunnel (default: by its serial number, or what the server assigns)")
	fs.StringVar(&f.o.Codec, "codec", tunnel.IP, "what messages hold, `NAME`: "+strings.Join(tunnel.CodecNames, ", "))
	fs.IntVar(&f.o.MTU, "mtu", tunnel.DefaultMTU, "`BYTES` of the largest packet: 1280, 1400 or 1500")
	fs.DurationVar(&f.o.Ping, "ping", tunnel.PingAfter, "ping a silent server after this `TIME`; 0: never")
	fs.StringVar(&f.o.Product, "product", "provsim tunnel device", "`NAME` that the device says it is")
	fs.StringVar(&f.o.Agent, "user-agent", "provsim/"+version(), "User-Agent `TEXT`")
	fs.StringVar(&f.o.Community, "community", "public", "`NAME` of the SNMP community")
	fs.StringVar(&f.o.File, "get", "/", "`PATH` of the file that the service http fetches")
	fs.IntVar(&f.o.QoEBytes, "qoe-bytes", 512, "`BYTES` of a report of the service qoe")
	fs.StringVar(&f.record, "record", "", "write upgrade, first messages and packets of each tunnel into `DIR`")
	fs.StringArrayVar(&f.quirks, "quirk", nil, "switch a quirk, `NAME[=VALUE]`: "+tunnelQuirks+"; repeatable")
}

const tunnelQuirks = "tls-no-hostname=off, no-device-header, reconnect=fixed:TIME"

// options reads what the flags name.
func (f *tunnelFlags) options(e *env) (p tunnel.Parameters, fixed time.Duration, err error) {
	p = tunnel.DefaultParameters()
	if f.ini != "" {
		text, err := readFile(e, f.ini, maxSmallFile)
		if err != nil {
			return p, 0, err
		}
		if err := p.ReadINI(f.ini, text); err != nil {
			return p, 0, usage(err, "")
		}
	}
	for _, s := range f.sets {
		if err := setParameter(&p, s); err != nil {
			return p, 0, err
		}
	}
	o := &f.o
	switch {
	case !slices.Contains(tunnel.CodecNames, o.Codec):
		return p, 0, usage(fmt.Errorf("--codec: %w", unknown("codec", o.Codec, tunnel.CodecNames)), "")
	case !slices.Contains([]string{"", client.AuthBasic, client.AuthDigest, client.AuthNone}, f.auth):
		return p, 0, usage(fmt.Errorf("--auth: %w", unknown("scheme", f.auth, []string{client.AuthBasic, client.AuthDigest, client.AuthNone})), "")
	case !strings.HasPrefix(o.File, "/") || strings.ContainsFunc(o.File, func(r rune) bool { return r <= ' ' || r > '~' }):
		return p, 0, usage(errors.New("--get, want a path that begins with /"), "")
	case o.Community == "" || len(o.Community) > 64:
		return p, 0, usage(errors.New("--community, want 1 to 64 bytes"), "")
	case o.QoEBytes < 1 || o.QoEBytes > 1<<20:
		return p, 0, usage(errors.New("--qoe-bytes, want 1 to 1048576"), "")
	case strings.ContainsFunc(o.Agent, func(r rune) bool { return r < ' ' || r > '~' }):
		return p, 0, usage(errors.New("--user-agent, want printable ASCII"), "")
	}
	if err := checkLink(o.MTU, o.Ping); err != nil {
		return p, 0, err
	}
	o.Auth = f.auth
	if f.address != "" {
		o.Fixed, err = netip.ParseAddr(f.address)
		if _, ok := tunnel.Number(o.Fixed); err != nil || !ok {
			return p, 0, usage(fmt.Errorf("--address %q, want one from 169.254.1.0 to 169.254.254.255", f.address), "")
		}
	}
	if fixed, err = f.applyQuirks(); err != nil {
		return p, 0, err
	}
	if o.Resolver, err = resolver(f.dns); err != nil {
		return p, 0, err
	}
	if f.record != "" {
		if o.Record, err = link.NewRecorder(f.record); err != nil {
			return p, 0, cannot(err, "")
		}
	}
	return p, fixed, f.certificates(e)
}

// setParameter sets a parameter from NAME=VALUE.
func setParameter(p *tunnel.Parameters, text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return usage(errors.New("--set, want NAME=VALUE"), "")
	}
	name = strings.TrimSpace(name)
	switch err := p.Set(name, value); {
	case errors.Is(err, tunnel.ErrParameter):
		return usage(fmt.Errorf("--set: %w", unknown("parameter", name, tunnel.Names)), "the parameters are "+strings.Join(tunnel.Names, ", "))
	case err != nil:
		return usage(fmt.Errorf("--set %s: %w", name, err), "")
	}
	return nil
}

func (f *tunnelFlags) applyQuirks() (fixed time.Duration, err error) {
	for _, q := range f.quirks {
		wait, isFixed := strings.CutPrefix(q, "reconnect=fixed:")
		switch {
		case q == "tls-no-hostname":
		case q == "tls-no-hostname=off":
			f.o.CheckName = true
		case q == "no-device-header":
			f.o.NoHeader = true
		case isFixed:
			if fixed, err = time.ParseDuration(wait); err != nil || fixed < time.Millisecond || fixed > time.Hour {
				return 0, usage(errors.New("--quirk reconnect=fixed:TIME, want 1ms to 1h"), "")
			}
		default:
			return 0, usage(fmt.Errorf("--quirk: %w", unknown("quirk", q, strings.Split(tunnelQuirks, ", "))), "the quirks are "+tunnelQuirks)
		}
	}
	return fixed, nil
}

// resolver returns the device's DNS (WT-CON-1).
func resolver(dns string) (client.Resolver, error) {
	if dns == "" {
		return nil, nil
	}
	if dns == "system" {
		return net.DefaultResolver, nil
	}
	at, err := netip.ParseAddrPort(dns)
	if err != nil {
		addr, err := netip.ParseAddr(dns)
		if err != nil {
			return nil, usage(fmt.Errorf("--dns %q, want an address or 'system'", dns), "")
		}
		const port = 53
		at = netip.AddrPortFrom(addr, port)
	}
	return client.DNS(at), nil
}

func (f *tunnelFlags) certificates(e *env) (err error) {
	if f.o.Roots, err = authorities(e, "ca", f.ca); err != nil {
		return err
	}
	switch {
	case f.cert == "" && f.key == "":
		return nil
	case f.cert == "" || f.key == "":
		return usage(errors.New("a client certificate needs both --cert and --key"), "")
	}
	pair, err := (&listenFlags{cert: f.cert, key: f.key}).pair(e)
	f.o.Cert = &pair
	return err
}
