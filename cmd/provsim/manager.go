package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/internal/store"
)

var unitManagerCommand = command{
	name:  "manager",
	args:  "COMMAND",
	short: "the IP Office Manager's side: find units and ask them",
	long: `
discover by UDP and read use a genuine unit's protocol. The file's name in the broadcast
is one that public tools use: the name that a genuine Manager uses is not public. The
rest is provsim's own: only provsim's units answer it.

  provsim serve ip-office --port-shift 8000
  provsim manager discover --from 127.0.42.100/24 --port-shift 8000
  provsim manager read 127.0.42.1 user_list --port-shift 8000`,
	parts: []command{discoverCommand, unitGetCommand, unitSendCommand, unitEraseCommand, unitRebootCommand, unitReadCommand},
}

// managerFlags are those of all commands of the Manager.
type managerFlags struct {
	from, state string
	shift, base int
	timeout     time.Duration
	json        bool
	set         *pflag.FlagSet
}

func (f *managerFlags) add(fs *pflag.FlagSet) {
	f.set = fs
	fs.StringVar(&f.from, "from", "", "the Manager's own `ADDRESS[/PREFIX]` (default: that of this machine)")
	fs.IntVar(&f.base, "base", ipoffice.DefaultBase, "the Services Base TCP `PORT`")
	fs.IntVar(&f.shift, "port-shift", 0, "`NUMBER` that is added to every port")
	fs.DurationVar(&f.timeout, "timeout", 3*time.Second, "how long to wait for answers, `TIME`")
	fs.StringVar(&f.state, "state", "", "keep the search list and the base in `DIR`; flags win over it")
	fs.BoolVar(&f.json, "json", false, "write JSON")
}

// preset is what a Manager keeps (MGR-13).
type preset struct {
	Search string `json:"search"`
	Base   int    `json:"base"`
}

// options returns how units are asked. Search is the flag of that name, or nil.
func (f *managerFlags) options(e *env, search *string) (manager.Options, error) {
	o := manager.Options{Shift: f.shift, Timeout: f.timeout, Target: manager.Everyone, UDP: true, TCP: true}
	o.Warn = func(text string) { fmt.Fprintf(e.err, "provsim: warning: %s\n", text) }
	if f.from != "" {
		text := f.from
		if !strings.Contains(text, "/") {
			text += "/32"
		}
		p, err := netip.ParsePrefix(text)
		if err != nil || !p.Addr().Is4() {
			return o, usage(fmt.Errorf("--from: found %q, want an IPv4 address, with its prefix or without", f.from), "")
		}
		o.From = p
	}
	if err := f.presets(search); err != nil {
		return o, err
	}
	if err := checkPorts(f.base, f.shift); err != nil {
		return o, err
	}
	if f.timeout < time.Millisecond || f.timeout > time.Hour {
		return o, usage(fmt.Errorf("--timeout %v: want 1ms to 1h", f.timeout), "")
	}
	networks := o.Networks() // at the start (MGR-12)
	if search == nil {
		return o, nil
	}
	var err error
	if o.Search, err = manager.ParseSearch(e.ctx, *search, networks); err != nil {
		return o, usage(fmt.Errorf("--search: %w", err), "")
	}
	return o, nil
}

// checkPorts says whether units can have a base, and a shift of their ports.
func checkPorts(base, shift int) error {
	if err := ipoffice.CheckBase(base); err != nil {
		return usage(fmt.Errorf("--base: %w", err), "")
	}
	if err := ipoffice.CheckShift(base, shift); err != nil {
		return usage(fmt.Errorf("--port-shift: %w", err), "")
	}
	return nil
}

// presets reads what is kept, and keeps what flags say.
func (f *managerFlags) presets(search *string) error {
	if f.state == "" {
		return nil
	}
	file, err := store.OpenFile(f.state, "manager")
	if err != nil {
		return cannot(fmt.Errorf("--state: %w", err), "")
	}
	defer file.Close()
	kept := preset{Base: f.base}
	if text, err := file.Load(); err == nil {
		err = json.Unmarshal(text, &kept)
		if err != nil {
			return cannot(fmt.Errorf("%s: %w", file.Path(), err), "")
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return cannot(fmt.Errorf("--state: %w", err), "")
	}
	if f.set.Changed("base") {
		kept.Base = f.base
	}
	if search != nil && f.set.Changed("search") {
		kept.Search = *search
	}
	f.base = kept.Base
	if search != nil {
		*search = kept.Search
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if err := file.Save(text); err != nil {
		return cannot(fmt.Errorf("--state: %w", err), "")
	}
	return nil
}

// unitAddress reads the address of a unit.
func unitAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return a, usage(fmt.Errorf("found %q, want the IPv4 address of a unit", text), "")
	}
	return a, nil
}

var discoverCommand = command{
	name:  "manager discover",
	args:  "[ADDRESS]",
	short: "list the units that answer",
	long: `
ADDRESS, or --broadcast, is the Unit/Broadcast address. A broadcast goes by UDP and
does not pass a router. For the address of one unit, discover sends an ICMP echo first if
it is on another network, then asks by TCP, and if that is refused by UDP. At the same
time it asks the addresses of --search by TCP.

The exit code is 1 if an address that was asked gave no unit, or a broadcast none at all.

  provsim manager discover
  provsim manager discover 192.0.2.1
  provsim manager discover --search '192.0.2.1; 198.51.100.10-198.51.100.20'`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &discoverRun{}
		fs.StringVar(&c.broadcast, "broadcast", manager.Everyone.String(), "the Unit/Broadcast `ADDRESS`")
		fs.StringVar(&c.search, "search", "", "the IP Search Criteria: addresses, ranges and names, semicolons between them")
		fs.BoolVar(&c.noUDP, "no-udp", false, "UDP discovery is off")
		fs.BoolVar(&c.noTCP, "no-tcp", false, "TCP discovery is off")
		fs.StringArrayVar(&c.quirks, "quirk", nil, "switch a quirk on: ping-list, which sends an echo to listed addresses too")
		c.add(fs)
		return c.run
	},
}

type discoverRun struct {
	managerFlags
	broadcast, search string
	noUDP, noTCP      bool
	quirks            []string
}

func (c *discoverRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 1, "at most one address"); err != nil {
		return err
	}
	o, err := c.options(e, &c.search)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		c.broadcast = args[0]
	}
	if o.Target, err = unitAddress(c.broadcast); err != nil {
		return err
	}
	o.UDP, o.TCP = !c.noUDP, !c.noTCP
	for _, q := range c.quirks {
		if q != "ping-list" {
			return usage(fmt.Errorf("--quirk: %w", unknown("quirk", q, []string{"ping-list"})), "the quirk is ping-list")
		}
		o.PingAll = true
	}
	units, err := manager.Discover(e.ctx, o)
	if err != nil {
		return cannot(err, "")
	}
	return c.show(e, units)
}

// show prints the list, and says whether all that was asked for answered.
func (c *discoverRun) show(e *env, units []manager.Unit) error {
	missing := len(units) == 0
	if c.json {
		encoder := json.NewEncoder(e.out)
		for _, u := range units {
			if err := encoder.Encode(u); err != nil {
				return cannot(err, "")
			}
		}
	} else if len(units) > 0 {
		w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tADDRESS\tLEVEL\tTYPE\tFOUND BY")
		for _, u := range units {
			fmt.Fprintf(w, "%s\t%v\t%s\t%s\t%s\n", role.Printable(u.Name), u.Addr, role.Printable(u.Level), role.Printable(u.Type), u.Words())
		}
		if err := w.Flush(); err != nil {
			return cannot(err, "")
		}
	}
	for _, u := range units {
		missing = missing || u.Outcome != ""
	}
	if len(units) == 0 {
		fmt.Fprintln(e.err, "provsim: no unit answered: a broadcast does not pass a router, so give a unit's own address, or --search")
	}
	if missing {
		return found()
	}
	return nil
}

var unitReadCommand = command{
	name:  "manager read",
	args:  "ADDRESS [FILE]",
	short: "read a file of a unit by TFTP, or by DevLink3",
	long: `
By TFTP no name and no password is asked for. Files are who_is3 (the default), user_list,
user_list8, hunt_list, dir_list, licence_list, user_info3/EXTENSION and
MemberOf/EXTENSION, all below nasystem/, and those for phones.

  provsim manager read 192.0.2.1 user_list
  provsim manager read 192.0.2.1 user_list --devlink3 --user Linker1 --password-file pw`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &unitReadRun{}
		fs.BoolVar(&c.devLink, "devlink3", false, "by DevLink3 in place of TFTP, where the name goes in clear")
		fs.StringVar(&c.user, "user", "", "`NAME` of a user of the group DevLink3")
		fs.StringVar(&c.passwordFile, "password-file", "", "`FILE` whose first line is that name's password")
		c.add(fs)
		return c.run
	},
}

type unitReadRun struct {
	managerFlags
	devLink            bool
	user, passwordFile string
}

func (c *unitReadRun) run(e *env, args []string) error {
	if err := wantArgs(args, 1, 2, "an address and a file"); err != nil {
		return err
	}
	o, err := c.options(e, nil)
	if err != nil {
		return err
	}
	addr, err := unitAddress(args[0])
	if err != nil {
		return err
	}
	name := "who_is3"
	if len(args) == 2 {
		name = args[1]
	}
	if !strings.HasPrefix(name, "nasystem/") && !strings.HasSuffix(name, ".txt") && !strings.HasSuffix(name, ".scr") {
		name = "nasystem/" + name
	}
	var body []byte
	if c.devLink {
		body, err = c.readDevLink(e, o, addr, name)
	} else {
		body, err = manager.File(e.ctx, o, addr, name)
	}
	if err != nil {
		return c.failed(e, addr, err)
	}
	return c.print(e, addr, name, body)
}

// print writes a file that a unit gave, as it came or as JSON. Lists are in Latin-1; a
// configuration and security settings are in UTF-8.
func (f *managerFlags) print(e *env, addr netip.Addr, name string, body []byte) error {
	var err error
	if f.json {
		contents := string(body)
		if strings.HasPrefix(name, "nasystem/") {
			contents = manager.Latin1(body)
		}
		err = json.NewEncoder(e.out).Encode(map[string]string{"address": addr.String(), "file": name, "contents": contents})
	} else {
		_, err = e.out.Write(body)
	}
	if err != nil {
		return cannot(err, "")
	}
	return nil
}

// failed says why a unit could not be asked, with the outcome's word.
func (f *managerFlags) failed(e *env, addr netip.Addr, err error) error {
	var known *manager.Failure
	if !errors.As(err, &known) {
		return err
	}
	if f.json {
		if err := json.NewEncoder(e.out).Encode(map[string]string{"address": addr.String(), "outcome": known.Word}); err != nil {
			return cannot(err, "")
		}
	}
	fmt.Fprintf(e.err, "provsim: %v: %v\n", addr, known)
	return found()
}
