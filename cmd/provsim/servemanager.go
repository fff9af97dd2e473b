package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/role/devicemanager"
	"provsim/internal/role/ippm"
	webmanager "provsim/internal/web/manager"
)

var managerCommand = command{
	name:  "serve device-manager",
	short: "the manager of AudioCodes phones: files, keep-alives, alarms, actions",
	long: `
It does what AudioCodes phones and a Device Agent see of a Device Manager. Devices,
tenants and templates are kept in the folder of --state. --web shows its pages:
devices, tenants, alarms, Device Agents.

A folder of --templates has TENANT/MODEL.cfg, the template of a tenant's phones, and
NAME.cfg, a part that files include. Firmware images are in the folder of --firmware.

  provsim serve device-manager --state dm --templates templates --firmware images \
    --listen 127.0.0.2:8080 --listen https://127.0.0.2:8443 --cert cert.pem --key key.pem \
    --web 127.0.0.1:8000

It calls phones only by literal addresses of --device-nets.`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &managerRun{}
		c.listen.add(fs)
		fs.StringVar(&c.state, "state", "", "keep the database in `DIR` (default: one that is removed at the end)")
		fs.StringVar(&c.templates, "templates", "", "`DIR` of TENANT/MODEL.cfg and NAME.cfg; replaces templates of the database")
		fs.StringVar(&c.firmware, "firmware", "", "`DIR` of the firmware images")
		fs.StringVar(&c.user, "device-user", "system", "`NAME` in requests to phones, and in keep-alives with the quirk strict-auth")
		fs.StringVar(&c.passwordFile, "device-password-file", "", "`FILE` whose first line is its password (default \"system\")")
		fs.BoolVar(&c.agents, "agents", false, "enable Device Agents from the start")
		fs.StringVar(&c.keyFile, "service-key-file", "", "`FILE` whose first line is the Agents' service key (default: one that is made at the first start)")
		fs.StringVar(&c.tokenFile, "api-token-file", "", "`FILE` whose first line is the bearer token of scripts below /api/v1/ of --web (default: no scripts)")
		fs.StringVar(&c.scripts, "api-nets", "127.0.0.0/8,::1", "`NETWORKS` that scripts may come from")
		fs.StringArrayVar(&c.customers, "customer", nil, "`ID` that the path /c/ID/ may have; repeatable")
		fs.IntVar(&c.inFlight, "max-in-flight", devicemanager.MostInFlight, "`NUMBER` of requests at once; more are answered with 503")
		c.calls.add(fs)
		c.add(fs, c.known(nil), managerQuirks)
		return c.run
	},
}

var managerQuirks = []string{"strict-auth", "strict-ua", "dialect=strings"}

type managerRun struct {
	serveFlags
	listen                                          listenFlags
	calls                                           callFlags
	state, templates, firmware                      string
	user, passwordFile, keyFile, tokenFile, scripts string
	agents                                          bool
	customers                                       []string
	inFlight                                        int
}

// callFlags say how phones are called.
type callFlags struct {
	nets  string
	port  uint16
	https bool
}

func (f *callFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.nets, "device-nets", "127.0.0.0/8", "`NETWORKS` that phones are called in, separated by commas; others are REFUSED")
	fs.Uint16Var(&f.port, "device-port", 0, "`PORT` of the phones' REST server (default 80, with --device-https 443)")
	fs.BoolVar(&f.https, "device-https", false, "call phones by HTTPS; their certificates are not checked")
}

func (f *callFlags) options(from netip.Addr) (ippm.CallerOptions, error) {
	nets, err := ippm.ParseNets(f.nets)
	if err != nil {
		return ippm.CallerOptions{}, usage(fmt.Errorf("--device-nets: %w", err), "")
	}
	return ippm.CallerOptions{Nets: nets, Port: f.port, HTTPS: f.https, From: from}, nil
}

// own returns the address of the first listener, from which the role opens its
// connections, and the ports of all.
func (f *listenFlags) own() (from netip.Addr, ports []uint16) {
	for _, address := range f.addresses {
		at, err := netip.ParseAddrPort(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"))
		if err != nil {
			continue // serve says what is wrong
		}
		if !from.IsValid() {
			from = at.Addr().Unmap()
		}
		ports = append(ports, at.Port())
	}
	return from, ports
}

func (c *managerRun) known(o *devicemanager.Options) []faultName {
	faults := []faultName{{"action", "lose:N", "each Nth action is lost after it was handed over and deleted", func(v string, _ float64) (err error) {
		o.LoseEach, err = strconv.Atoi(v)
		if err != nil || o.LoseEach < 1 {
			return errors.New("want a number above 0")
		}
		return nil
	}}}
	for _, place := range devicemanager.Places {
		set := func(change func(*devicemanager.Fault, string) error) func(string, float64) error {
			return func(v string, share float64) error {
				f := o.Faults[place]
				f.Share = share
				err := change(&f, v)
				o.Faults[place] = f
				return err
			}
		}
		status := func(n int) func(string, float64) error {
			return set(func(f *devicemanager.Fault, _ string) error { f.Status = n; return nil })
		}
		faults = append(faults,
			faultName{place, "500", "the answer is 500", status(500)}, faultName{place, "401", "the answer is 401", status(401)},
			faultName{place, "hang", "there is no answer", set(func(f *devicemanager.Fault, _ string) error { f.Hang = true; return nil })},
			faultName{place, "cut", "the answer ends in the middle of its body", set(func(f *devicemanager.Fault, _ string) error { f.Cut = true; return nil })},
			faultName{place, "delay:TIME", "the answer comes so much later", set(func(f *devicemanager.Fault, v string) (err error) {
				f.Delay, err = time.ParseDuration(v)
				return err
			})})
	}
	return faults
}

func (c *managerRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	o := devicemanager.Options{
		Dir: c.state, Firmware: c.firmware, Agents: c.agents, InFlight: c.inFlight, Log: c.log(e), Faults: map[string]devicemanager.Fault{},
	}
	if listed, err := c.apply(e, c.known(&o)); listed || err != nil {
		return err
	}
	if err := c.configure(e, &o); err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "provsim-manager-"); err != nil {
			return cannot(err, "")
		}
		defer os.RemoveAll(o.Dir)
	}
	s, err := devicemanager.Open(o)
	if err != nil {
		return cannot(err, "")
	}
	defer s.Close()
	end, err := c.page(e, s)
	if err != nil {
		return err
	}
	defer end()
	c.listen.opened = func(url string) { // DM-URL-2
		fmt.Fprintf(e.err, "provsim: option 160 is %s/firmwarefiles;ipp/dhcpoption160.cfg\n", url)
	}
	return c.listen.serve(ctx, e, "Device Manager", s)
}

// configure reads what the flags name.
func (c *managerRun) configure(e *env, o *devicemanager.Options) error {
	if c.inFlight < 1 {
		return usage(errors.New("--max-in-flight: want a number above 0"), "")
	}
	quirks, err := c.chosen(managerQuirks)
	if err != nil {
		return err
	}
	o.Config = devicemanager.Config{
		User: c.user, Password: "system", Customers: c.customers, LoseEach: o.LoseEach,
		StrictAuth: quirks["strict-auth"], StrictUA: quirks["strict-ua"], Strings: quirks["dialect=strings"],
	}
	var from netip.Addr
	from, o.Ports = c.listen.own()
	if o.Caller, err = c.calls.options(from); err != nil {
		return err
	}
	if c.passwordFile != "" {
		if o.Password, err = firstLine(e, "--device-password-file", c.passwordFile); err != nil {
			return err
		}
	}
	if c.keyFile != "" {
		if o.Key, err = firstLine(e, "--service-key-file", c.keyFile); err != nil {
			return err
		}
	}
	if c.templates == "" {
		return nil
	}
	if o.Templates, o.Parts, err = readTemplates(c.templates); err != nil {
		return cannot(fmt.Errorf("--templates: %w", err), "")
	}
	return nil
}

// readTemplates reads TENANT/MODEL.cfg as templates and NAME.cfg as parts.
func readTemplates(dir string) (templates map[string]string, parts map[string][]byte, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	templates, parts = map[string]string{}, map[string][]byte{}
	files, err := fs.Glob(root.FS(), "*.cfg")
	if err != nil {
		return nil, nil, err
	}
	below, err := fs.Glob(root.FS(), "*/*.cfg")
	if err != nil {
		return nil, nil, err
	}
	for _, name := range append(files, below...) {
		body, err := fs.ReadFile(root.FS(), name)
		switch {
		case err != nil:
			return nil, nil, err
		case len(body) > maxProfile:
			return nil, nil, fmt.Errorf("%s has %d bytes, want at most %d", name, len(body), maxProfile)
		case filepath.Base(name) == name:
			parts[name] = body
		default:
			templates[strings.TrimSuffix(name, ".cfg")] = string(body)
		}
	}
	return templates, parts, nil
}

// page opens the manager's pages, if they are asked for.
func (c *managerRun) page(e *env, s *devicemanager.Server) (func(), error) {
	if c.web.address == "" {
		return func() {}, nil
	}
	a, err := c.web.access(e, "")
	if err != nil {
		return nil, err
	}
	p := webmanager.Config{Access: a.Access}
	if p.Scripts, err = ippm.ParseNets(c.scripts); err != nil {
		return nil, usage(fmt.Errorf("--api-nets: %w", err), "")
	}
	if c.tokenFile != "" {
		if p.Token, err = firstLine(e, "--api-token-file", c.tokenFile); err != nil {
			return nil, err
		}
	}
	page, err := webmanager.New(p, s)
	if err != nil {
		return nil, cannotListen("web", err)
	}
	a.tell(e, "the page", page.URL())
	return page.Close, nil
}
