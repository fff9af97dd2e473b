package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/role"
	"provsim/internal/role/activator"
	"provsim/internal/role/gateway"
	"provsim/internal/role/teleware"
)

var telewareCommand = command{
	name:  "serve teleware",
	short: "the account server: whose phone is this?",
	long: `
It answers POST /twautoprovisioning with the SIP account of a phone. The accounts
are a CSV file with the header line mac,user,password,server,reseller. The form of
the request and of the answer is provsim's own: only the path is public.

  provsim serve teleware --accounts accounts.csv
  curl -d mac=0004f21a2457 http://127.0.0.1:PORT/twautoprovisioning`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &telewareRun{}
		c.listen.add(fs)
		fs.StringVar(&c.accounts, "accounts", "", "CSV `FILE` of the accounts")
		fs.StringVar(&c.user, "user", "", "`NAME` that clients must give by Basic authentication (default: none)")
		fs.StringVar(&c.passwordFile, "password-file", "", "`FILE` whose first line is that name's password")
		c.add(fs, c.known(nil), nil)
		return c.run
	},
}

type telewareRun struct {
	serveFlags
	listen                       listenFlags
	accounts, user, passwordFile string
}

func (c *telewareRun) known(s *teleware.Server) []faultName {
	return []faultName{
		{"account", "down", "503 to every request", func(string, float64) error { s.Fault.Down = true; return nil }},
		{"account", "unknown", "404 for every phone", func(string, float64) error { s.Fault.Unknown = true; return nil }},
		{"account", "delay:TIME", "each answer comes so much later", func(v string, _ float64) (err error) {
			s.Fault.Delay, err = time.ParseDuration(v)
			return err
		}},
	}
}

func (c *telewareRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	s := &teleware.Server{Log: c.log(e), User: c.user}
	defer sumUp(e, s.Log)
	if listed, err := c.apply(e, c.known(s)); listed || err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	if c.accounts == "" {
		return usage(errors.New("want --accounts FILE, a CSV file with the header mac,user,password,server,reseller"), "")
	}
	list, err := readFile(e, c.accounts, maxProfile)
	if err != nil {
		return err
	}
	if s.Accounts, err = teleware.ReadAccounts(bytes.NewReader(list)); err != nil {
		return cannot(fmt.Errorf("%s: %w", c.accounts, err), "")
	}
	if (c.user == "") != (c.passwordFile == "") {
		return usage(errors.New("--user and --password-file go together"), "")
	}
	if c.user != "" {
		if s.Password, err = firstLine(e, "--password-file", c.passwordFile); err != nil {
			return err
		}
	}
	end, err := c.page(e, "Account server", func() []role.Table { return append(s.Tables(), s.Log.Table()) })
	if err != nil {
		return err
	}
	defer end()
	return c.listen.serve(ctx, e, "account server", s)
}

var activatorCommand = command{
	name:  "serve activator",
	short: "the file server that publishes a phone's files below a random number",
	long: `
A gateway reports that a phone has a lease and a random number. The Activator asks the
account server for the phone's account, and publishes the phone's files at
/phoneprovisioning/NUMBER/ for an hour. Every other path gets one and the same 404.
Only the sources of --allow may send events; without it these are programs of this
machine. A source that may send events can read the password of any phone.

  provsim serve activator --teleware http://127.0.0.1:8082/twautoprovisioning --listen 127.0.0.1:8081`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &activatorRun{}
		c.listen.add(fs)
		fs.StringVar(&c.teleware, "teleware", "", "`URL` of the account server's request; may hold user and password")
		fs.StringArrayVar(&c.allow, "allow", nil, "`SOURCE` that may send events: an address, a network or a gateway's serial number; repeatable")
		fs.StringVar(&c.state, "state", "", "keep the accounts' folders in `DIR` (default: one that is removed at the end)")
		fs.StringVar(&c.webRoot, "web-root", "", "publish below `DIR` (default: the folder web of --state)")
		fs.StringVar(&c.templates, "templates", "", "`DIR` with phone1.cfg, sip.cfg, bootrom.ld and sip.ld (default: cfg_templates/default of --state, made with small samples)")
		fs.DurationVar(&c.life, "life", activator.DefaultLife, "how long a tree stays, `TIME`; 0 is for ever")
		c.add(fs, nil, activatorQuirks)
		return c.run
	},
}

var activatorQuirks = []string{"answer=after"}

type activatorRun struct {
	serveFlags
	listen                              listenFlags
	teleware, state, webRoot, templates string
	allow                               []string
	life                                time.Duration
}

func (c *activatorRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	quirks, err := c.chosen(activatorQuirks)
	if err != nil {
		return err
	}
	o := activator.Options{Root: c.state, WebRoot: c.webRoot, Log: c.log(e)}
	defer sumUp(e, o.Log)
	o.AnswerAfter = quirks["answer=after"]
	switch {
	case c.life < 0:
		return usage(errors.New("--life: want 0 or more"), "")
	case c.life == 0:
		o.Life = -1
	default:
		o.Life = c.life
	}
	for _, text := range c.allow {
		source, err := activator.ParseSource(text)
		if err != nil {
			return usage(fmt.Errorf("--allow: %w", err), "")
		}
		o.Allow = append(o.Allow, source)
	}
	if o.Teleware, err = url.Parse(c.teleware); err != nil || c.teleware == "" || o.Teleware.Host == "" || o.Teleware.Scheme != "http" && o.Teleware.Scheme != "https" {
		return usage(errors.New("want --teleware URL, such as http://127.0.0.1:8082/twautoprovisioning"), "")
	}
	if o.Root == "" {
		if o.Root, err = os.MkdirTemp("", "provsim-activator-"); err != nil {
			return cannot(err, "")
		}
		defer os.RemoveAll(o.Root)
	}
	if c.templates != "" {
		o.Templates, err = activator.ReadTemplates(c.templates)
	} else {
		o.Templates, err = activator.DefaultTemplates(o.Root)
	}
	if err != nil {
		return cannot(fmt.Errorf("templates: %w", err), "a folder of templates has "+strings.Join(activator.TemplateNames, ", "))
	}
	if o.WebRoot == "" {
		o.WebRoot = filepath.Join(o.Root, "web")
	}
	s, err := activator.Open(o)
	if err != nil {
		return cannot(err, "")
	}
	defer s.Close()
	end, err := c.page(e, "Activator", func() []role.Table { return append(s.Tables(), o.Log.Table()) })
	if err != nil {
		return err
	}
	defer end()
	return c.listen.serve(ctx, e, "Activator", s)
}

var gatewayCommand = command{
	name:  "serve gateway",
	short: "the DHCP server that gives each phone a random path in option 66",
	long: `
It leases addresses, appends a random number to option 66 for the phones that a MAC
alert names, and tells the Activator by an event. A new gateway does none of this:
--settings takes the settings by the names of the gateway's command line, one a
line, and --set takes one more. 'provsim serve gateway --list-settings' names them.

  Dhcp Server Tftp Server 1 = http://127.0.0.1:8081/phoneprovisioning
  Dhcp Server Mac Alert Enabled 1 = yes
  Dhcp Server Mac Alert Address 1 = 0004f2
  Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes
  Event Forwarding Discriminator Entry Class 1 = DHCP
  Event Forwarding Discriminator Entry Target 1 = activator
  Http Client File Server Ip Address = 127.0.0.1:8081

Relay agents reach it on a port of loopback without privileges. --dhcp serves the
clients of a network interface on port 67, which needs privileges. The forms of the
event and of a download are provsim's own: only their paths are public.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &gatewayRun{}
		fs.StringVar(&c.settings, "settings", "", "`FILE` of settings, one a line")
		fs.StringArrayVar(&c.set, "set", nil, "`'NAME = VALUE'` of one setting; repeatable, wins over the file")
		fs.BoolVar(&c.list, "list-settings", false, "list the settings and exit")
		fs.StringVar(&c.device, "dhcp", "", "serve the clients of this `INTERFACE` on port 67")
		fs.IntVar(&c.port, "dhcp-relay-port", 0, "serve relay agents on this `PORT` of --listen's address (default: a free one)")
		fs.StringVar(&c.address, "listen", "127.0.0.1", "`ADDRESS` for relay agents")
		fs.Uint64Var(&c.seed, "seed", 0, "`NUMBER` that random numbers depend on, for tests (default: numbers that cannot be foreseen)")
		fs.StringArrayVar(&c.download, "download", nil, "ask the Activator for the file of this `NAME` at the start; repeatable")
		fs.StringVar(&c.ca, "ca", "", "PEM `FILE` of the authorities that an https Activator must be certified by (default: the system's)")
		c.add(fs, c.known(nil), gatewayQuirks)
		return c.run
	},
}

var gatewayQuirks = []string{"trace-2008", "option66-servers=joined", "option66-cut=63", "renew-alert"}

type gatewayRun struct {
	serveFlags
	settings, device, address, ca string
	set, download                 []string
	list                          bool
	port                          int
	seed                          uint64
}

func (c *gatewayRun) known(f *gateway.Fault) []faultName {
	return []faultName{
		{"event", "drop", "the event is not sent", func(_ string, share float64) error { f.Drop, f.Share = true, share; return nil }},
		{"event", "duplicate", "the event is sent twice", func(_ string, share float64) error { f.Duplicate, f.Share = true, share; return nil }},
		{"event", "delay:TIME", "the event is sent so much later", func(v string, share float64) (err error) {
			f.Share = share
			f.Delay, err = time.ParseDuration(v)
			return err
		}},
	}
}

func (c *gatewayRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	if c.list {
		for _, n := range gateway.Names() {
			fmt.Fprintf(e.out, "%-55s %s\n", n[0], n[1])
		}
		return nil
	}
	o := gateway.Options{Log: c.log(e)}
	defer sumUp(e, o.Log)
	if listed, err := c.apply(e, c.known(&o.Fault)); listed || err != nil {
		return err
	}
	quirks, err := c.chosen(gatewayQuirks)
	if err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	o.Settings, o.Random = gateway.Defaults(), gateway.Crypto
	if quirks["trace-2008"] {
		o.Digits = 12
	}
	o.Quirks = gateway.Quirks{JoinServers: quirks["option66-servers=joined"], CutOption66: quirks["option66-cut=63"], RenewAlert: quirks["renew-alert"]}
	if c.seed != 0 {
		o.Random = gateway.Seeded(c.seed)
	}
	if err := c.configure(e, &o); err != nil {
		return err
	}
	if o.Downloads = c.download; slices.Contains(c.download, "") {
		return usage(errors.New("--download: want the NAME of a file, found an empty one"), "")
	}
	if o.Conn, err = c.open(ctx); err != nil {
		return err
	}
	fmt.Fprintf(e.err, "provsim: the gateway listens at udp://%s\n", o.Conn.LocalAddr())
	s := gateway.Start(o)
	defer s.Close()
	end, err := c.page(e, "Gateway", func() []role.Table { return append(s.Tables(), o.Log.Table()) })
	if err != nil {
		return err
	}
	defer end()
	<-ctx.Done()
	return e.ctx.Err()
}

// configure reads the settings and the client's authorities.
func (c *gatewayRun) configure(e *env, o *gateway.Options) error {
	if c.settings != "" {
		file, err := readFile(e, c.settings, maxSmallFile)
		if err != nil {
			return err
		}
		if err := o.Read(bytes.NewReader(file)); err != nil {
			return cannot(fmt.Errorf("%s: %w", c.settings, err), "run 'provsim serve gateway --list-settings' for the settings")
		}
	}
	for _, line := range c.set {
		if err := o.Set(line); err != nil {
			return usage(fmt.Errorf("--set: %w", err), "run 'provsim serve gateway --list-settings' for the settings")
		}
	}
	if c.ca == "" {
		return nil
	}
	roots, err := authorities(e, "ca", c.ca)
	if err != nil {
		return err
	}
	o.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}
	return nil
}

func (c *gatewayRun) open(ctx context.Context) (net.PacketConn, error) {
	if c.device != "" {
		conn, err := gateway.ListenInterface(ctx, c.device)
		if err != nil {
			return nil, cannot(err, "it needs the privilege to bind to port 67 and to an interface")
		}
		return conn, nil
	}
	if c.port < 0 || c.port > 65535 {
		return nil, usage(fmt.Errorf("--dhcp-relay-port %d: want 1 to 65535", c.port), "")
	}
	conn, err := net.ListenPacket("udp4", net.JoinHostPort(c.address, fmt.Sprint(c.port)))
	if err != nil {
		return nil, cannot(err, "another program may use that port")
	}
	return conn, nil
}
