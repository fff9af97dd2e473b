package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/lab"
	"provsim/internal/limits"
	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
	"provsim/internal/role/tunnel/netstack"
	tunnelserver "provsim/internal/role/tunnel/server"
	"provsim/internal/splitmix"
)

var serveTunnelCommand = command{
	name:  "serve tunnel",
	short: "the server's end of WebSocket tunnels of AudioCodes devices",
	long: `
Devices behind a NAT keep a WebSocket open to it, and all their management traffic
goes through: the server is 169.254.0.1 there, and serves files (--files), the time,
syslog, SNMP traps, debug recordings and reports of quality. --forward gives a port
of 169.254.0.1 to a server of yours, --reach gives your programs a way to a device.

What the messages hold is provsim's own form, because the genuine one is not public:
see doc/tunnel.md before you connect a genuine device.

  provsim serve tunnel --listen 127.0.0.1:8080 --files www
  provsim serve tunnel --listen https://0.0.0.0:8443 --ca-file ca.pem \
    --forward 80=127.0.0.1:8081 --forward 162/udp=127.0.0.1:1162 --reach 127.0.0.1:1610/udp=3965330:161

Lines on standard input: list · kill DEVICE|N%|all [reset] · get DEVICE · poll DEVICE,
where DEVICE is a serial number or an address of the tunnel.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &serveTunnel{}
		c.listen.add(fs)
		fs.StringVar(&c.caFile, "ca-file", "", "write the authority of the certificate that is made without --cert into `FILE`, for devices that verify")
		fs.StringVar(&c.path, "path", "tun", "`PATH` of the tunnel")
		fs.StringVar(&c.users, "users", "", "`FILE` of lines user:password (default: VPN:123456)")
		fs.StringVar(&c.o.Codec, "codec", tunnel.Auto, "what messages hold, `NAME`: auto, "+strings.Join(tunnel.CodecNames, ", "))
		fs.BoolVar(&c.o.Assign, "assign", false, "give each device an address, by X-Tunnel-Address")
		fs.BoolVar(&c.learn, "learn", false, "learn each device's address from its first packet (the default)")
		fs.IntVar(&c.o.MaxTunnels, "max-tunnels", 10_000, "`NUMBER` of tunnels at once; more are answered with 503")
		fs.IntVar(&c.o.MTU, "mtu", tunnel.DefaultMTU, "`BYTES` of the largest packet: 1280, 1400 or 1500")
		fs.DurationVar(&c.o.Ping, "ping", tunnel.PingAfter, "ping a silent device after this `TIME`; 0: never")
		fs.DurationVar(&c.o.Hold, "hold", 10*time.Minute, "keep a tunnel of an unknown codec for this `TIME`")
		fs.StringVar(&c.record, "record", "", "write upgrade, first messages and packets of each tunnel into `DIR`")
		fs.StringVar(&c.files, "files", "", "`DIR` that port 80 of the tunnel serves, and 443 where there is a certificate")
		fs.StringVar(&c.o.Services.Community, "community", "public", "`NAME` of the SNMP community")
		fs.DurationVar(&c.o.Services.Poll, "poll", 0, "ask each device for its system group, each `TIME` (default: never)")
		fs.StringArrayVar(&c.forward, "forward", nil, "give a port of 169.254.0.1 to a server of this network, `PORT[/udp]=HOST:PORT`; repeatable")
		fs.StringArrayVar(&c.reach, "reach", nil, "make an address of this machine lead to a device, `ADDRESS:PORT[/udp]=DEVICE:PORT`; repeatable")
		fs.Uint64Var(&c.faults.Seed, "seed", 1, "`NUMBER` by which faults choose their connections")
		c.add(fs, c.known(), nil)
		return c.run
	},
}

type serveTunnel struct {
	serveFlags
	listen                             listenFlags
	o                                  tunnelserver.Options
	faults                             tunnelserver.Faults
	bad                                []badCertificate
	caFile, path, users, record, files string
	forward, reach                     []string
	learn                              bool
}

// badCertificate is a fault of TLS (WT-SRV-2).
type badCertificate struct {
	expired bool // else it is of another authority
	share   float64
}

func (c *serveTunnel) known() (list []faultName) {
	for _, f := range tunnelserver.FaultNames {
		name, _, _ := strings.Cut(f.Name, ":")
		list = append(list, faultName{f.Where, f.Name, f.Meaning, func(value string, share float64) error {
			fault := tunnelserver.Fault{Name: name, Value: value, Share: share}
			if !fault.Check() {
				return errors.New("the setting cannot have this value")
			}
			c.faults.List = append(c.faults.List, fault)
			return nil
		}})
	}
	tls := func(expired bool) func(string, float64) error {
		return func(_ string, share float64) error {
			c.bad = append(c.bad, badCertificate{expired, share})
			return nil
		}
	}
	return append(list,
		faultName{"tls", "other-ca", "the certificate is of another authority", tls(false)},
		faultName{"tls", "expired", "the certificate has expired", tls(true)})
}

func (c *serveTunnel) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	if listed, err := c.apply(e, c.known()); listed || err != nil {
		return err
	}
	if err := c.configure(e); err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	if _, err := limits.RaiseDescriptors(uint64(c.o.MaxTunnels + 1000)); err != nil {
		fmt.Fprintf(e.err, "provsim: warning: %v\n", err)
	}
	c.o.Log = c.log(e)
	netstack.LogTo(func(text string) { c.o.Log.Add(role.Record{Wall: time.Now(), Event: "netstack", Note: text}) })
	defer netstack.LogTo(nil)
	s, err := tunnelserver.New(c.o)
	if err != nil {
		return cannot(err, "")
	}
	defer s.Close()
	end, err := c.page(e, "Tunnel server", s.Tables)
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintf(e.err, "provsim: %s%s\n", tunnel.Notice, c.o.Codec)
	go readLines(e, func(line string) {
		text, err := s.Command(ctx, line)
		if err != nil {
			text = fmt.Sprintf("provsim: %v\n", err)
		}
		fmt.Fprint(e.err, text)
	})
	return c.listen.serve(ctx, e, "tunnel server", s)
}

// configure reads what the flags name.
func (c *serveTunnel) configure(e *env) (err error) {
	switch {
	case c.o.Assign && c.learn:
		return usage(errors.New("found --assign and --learn, want one of them"), "")
	case c.o.Codec != tunnel.Auto && !slices.Contains(tunnel.CodecNames, c.o.Codec):
		return usage(fmt.Errorf("--codec: %w", unknown("codec", c.o.Codec, append([]string{tunnel.Auto}, tunnel.CodecNames...))), "")
	case c.o.MaxTunnels < 1 || c.o.MaxTunnels > tunnel.Addresses:
		return usage(fmt.Errorf("--max-tunnels %d, want 1 to %d", c.o.MaxTunnels, tunnel.Addresses), "")
	case c.o.Services.Poll < 0 || c.o.Hold < 0 || c.o.Services.Poll > 0 && c.o.Services.Poll < 100*time.Millisecond:
		return usage(errors.New("--poll and --hold, want a time above 0, --poll at least 100ms"), "")
	case c.o.Services.Community == "" || len(c.o.Services.Community) > 64:
		return usage(errors.New("--community, want 1 to 64 bytes"), "")
	}
	if err := checkLink(c.o.MTU, c.o.Ping); err != nil {
		return err
	}
	c.o.Path = "/" + strings.TrimPrefix(c.path, "/")
	c.o.Faults = &c.faults
	if c.o.Users, err = readUsers(e, c.users); err != nil {
		return err
	}
	if c.record != "" {
		if c.o.Record, err = link.NewRecorder(c.record); err != nil {
			return cannot(err, "")
		}
	}
	if c.files != "" {
		root, err := os.OpenRoot(c.files)
		if err != nil {
			return cannot(fmt.Errorf("--files: %w", err), "")
		}
		c.o.Services.Files = http.FileServerFS(root.FS())
	}
	if err := c.ways(); err != nil {
		return err
	}
	return c.certificates(e)
}

// checkLink checks what both ends of a tunnel take.
func checkLink(mtu int, ping time.Duration) error {
	switch {
	case mtu != 1280 && mtu != 1400 && mtu != 1500:
		return usage(fmt.Errorf("--mtu %d, want 1280, 1400 or 1500", mtu), "")
	case ping < 0 || ping > 0 && ping < 100*time.Millisecond || ping >= tunnel.DeadAfter:
		return usage(fmt.Errorf("--ping %v, want 0, or 100ms up to less than %v", ping, tunnel.DeadAfter), "")
	}
	return nil
}

// readUsers reads lines user:password. An error has no line in it.
func readUsers(e *env, name string) (map[string]string, error) {
	d := tunnel.DefaultParameters()
	if name == "" {
		return map[string]string{d.User: d.Password}, nil
	}
	text, err := readFile(e, name, maxSmallFile)
	if err != nil {
		return nil, err
	}
	users := map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, password, ok := strings.Cut(line, ":")
		if !ok || user == "" {
			return nil, usage(fmt.Errorf("%s:%d: want user:password", name, i+1), "")
		}
		users[user] = password
	}
	if len(users) == 0 {
		return nil, usage(fmt.Errorf("%s: found no user, want lines user:password", name), "")
	}
	return users, nil
}

// ways reads --forward and --reach.
func (c *serveTunnel) ways() error {
	c.o.Services.Forward, c.o.Services.Reach = map[tunnelserver.Port]string{}, map[netip.AddrPort]tunnelserver.Target{}
	for _, text := range c.forward {
		left, to, _ := strings.Cut(text, "=")
		port, err := overlayPort(left)
		if _, _, ok := splitHostPort(to); err != nil || !ok {
			return usage(fmt.Errorf("--forward %q, want PORT[/udp]=HOST:PORT, such as 80=127.0.0.1:8080", text), "")
		}
		c.o.Services.Forward[port] = to
	}
	for _, text := range c.reach {
		left, to, _ := strings.Cut(text, "=")
		left, udp := strings.CutSuffix(left, "/udp")
		at, err := netip.ParseAddrPort(left)
		device, port, ok := splitHostPort(to)
		if err != nil || !ok {
			return usage(fmt.Errorf("--reach %q, want ADDRESS:PORT[/udp]=DEVICE:PORT, such as 127.0.0.1:1610/udp=3965330:161", text), "")
		}
		c.o.Services.Reach[at] = tunnelserver.Target{Device: device, Port: tunnelserver.Port{Number: port, UDP: udp}}
	}
	return nil
}

func overlayPort(text string) (tunnelserver.Port, error) {
	number, udp := strings.CutSuffix(text, "/udp")
	n, err := strconv.ParseUint(number, 10, 16)
	if err == nil && n == 0 {
		err = errors.New("port 0")
	}
	return tunnelserver.Port{Number: uint16(n), UDP: udp}, err
}

func splitHostPort(text string) (host string, port uint16, ok bool) {
	host, number, err := net.SplitHostPort(text)
	n, bad := strconv.ParseUint(number, 10, 16)
	return host, uint16(n), err == nil && host != "" && bad == nil && n > 0
}

// certificates makes the certificate of the TLS addresses, where no file gives it,
// and those of the faults.
func (c *serveTunnel) certificates(e *env) error {
	secure := slices.ContainsFunc(c.listen.addresses, func(a string) bool { return strings.HasPrefix(a, "https://") })
	if !secure {
		if c.caFile != "" || len(c.bad) > 0 {
			return usage(errors.New("--ca-file and tls faults need an address with https://"), "")
		}
		return nil
	}
	ca, err := lab.NewAuthority("provsim tunnel", lab.ECDSA)
	if err != nil {
		return cannot(err, "")
	}
	if c.listen.cert == "" && c.listen.key == "" {
		made, err := tunnelCertificate(ca, time.Time{})
		if err != nil {
			return cannot(err, "")
		}
		c.listen.made = &made
		if c.caFile != "" {
			if err := os.WriteFile(c.caFile, ca.PEM(), 0o666); err != nil {
				return cannot(err, "")
			}
		}
	}
	pair, err := c.listen.pair(e)
	if err != nil {
		return err
	}
	c.o.Services.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	return c.breakTLS(ca)
}

func tunnelCertificate(ca *lab.Authority, expires time.Time) (tls.Certificate, error) {
	cert, key, err := ca.Issue(lab.Leaf{Name: "provsim tunnel", Hosts: []string{"localhost", "127.0.0.1", "::1", tunnel.Server.String()}, Expires: expires})
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// breakTLS makes a share of the handshakes meet a bad certificate.
func (c *serveTunnel) breakTLS(ca *lab.Authority) error {
	if len(c.bad) == 0 {
		return nil
	}
	other, err := lab.NewAuthority("another authority", lab.ECDSA)
	if err != nil {
		return cannot(err, "")
	}
	expired, err1 := tunnelCertificate(ca, time.Now().Add(-24*time.Hour))
	foreign, err2 := tunnelCertificate(other, time.Time{})
	if err := cmp.Or(err1, err2); err != nil {
		return cannot(err, "")
	}
	var handshakes atomic.Uint64
	c.listen.perClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		n := handshakes.Add(1)
		for i, bad := range c.bad {
			if splitmix.Unit(splitmix.Mix(splitmix.Mix(c.faults.Seed^uint64(i))^n)) >= bad.share {
				continue
			}
			pair := foreign
			if bad.expired {
				pair = expired
			}
			return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
		}
		return nil, nil
	}
	return nil
}
