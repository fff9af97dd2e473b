package main

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/store"
)

var ipOfficeCommand = command{
	name:  "serve ip-office",
	short: "IP Office control units: discovery, lists, configuration, and files for Avaya phones",
	long: `
A unit answers at its LAN1 address only. It identifies itself by TFTP, to unicast and to
broadcast, and by TCP on port 50802. It has lists of users by TFTP and HTTP, and the
files that Avaya phones ask for. --units runs several, with addresses counted up from
LAN1; .0 and .255 are skipped. --port-shift adds a number to each port, for users that
may not open the ports 69 and 80.

The TFTP files nasystem/…, HTTP and the files for phones are as on a genuine unit. The
bytes on the TCP ports 50802, 50804, 50808 and 50812 are provsim's own: a genuine Manager
cannot log in. The log and --record keep the first bytes that such a program sends;
recordings may hold credentials.

  provsim serve ip-office --lan1 127.0.42.1/24 --port-shift 8000
  provsim manager discover --from 127.0.42.100/24 --port-shift 8000
  provsim serve ip-office --units 500 --lan1 127.0.0.1/16 --port-shift 8000`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &ipOfficeRun{}
		fs.IntVar(&c.units, "units", 1, "how many units, 1 to 4096")
		fs.StringVar(&c.lan1, "lan1", "127.0.42.1/24", "`ADDRESS/PREFIX` of the first unit, where it answers")
		fs.StringVar(&c.lan2, "lan2", "", "`ADDRESS/PREFIX` where it does not answer (one unit only)")
		fs.StringVar(&c.name, "name", "", "`NAME` of the unit; of several ones with a number behind it (default: its hardware address)")
		fs.StringVar(&c.level, "level", "3.2(17)", "`LEVEL` of its software; below 3.2 it has UDP alone, from 10.0 DevLink3")
		fs.StringArrayVar(&c.users, "user", nil, "a service user, `NAME:PASSWORD[:GROUP]`; repeatable (default group: Administrator)")
		fs.StringArrayVar(&c.off, "off", nil, "switch off a `SWITCH`; repeatable: "+strings.Join(ipoffice.Switches, ", "))
		fs.StringArrayVar(&c.on, "on", nil, "switch on a `SWITCH`; repeatable: tftp-directory is off otherwise")
		fs.IntVar(&c.base, "base", ipoffice.DefaultBase, "`PORT` of configuration, from which the ports of security settings are counted")
		fs.IntVar(&c.shift, "port-shift", 0, "`NUMBER` that is added to every port")
		fs.StringVar(&c.config, "config", "", "`FILE` of lines record.field=value, over the defaults of a new unit")
		fs.StringVar(&c.people, "users", "", "CSV `FILE` of those who have an extension: name,extension,full name,e-mail")
		fs.IntVar(&c.extensions, "extensions", 8, "how many users without --users: Extn201, Extn202 …")
		fs.DurationVar(&c.busy, "busy", 0, "one call lasts this `TIME` from the start on, and holds a reboot when free")
		fs.StringVar(&c.phoneFiles, "phone-files", "", "`DIR` of files for phones, before those that the unit makes")
		fs.StringVar(&c.firmware, "firmware", "", "`URL` of a directory to which phones are sent for files that are not there")
		fs.StringVar(&c.record, "record", "", "keep recordings in `DIR`, a file each")
		fs.StringVar(&c.state, "state", "", "keep the units' memory in `DIR` (default: it is lost at the end)")
		c.add(fs, nil, ipOfficeQuirks)
		return c.run
	},
}

var ipOfficeQuirks = []string{"security-alias=off", "avaya-clients-only", "merge=ram"}

type ipOfficeRun struct {
	serveFlags
	units, base, shift, extensions                                               int
	lan1, lan2, name, level, config, people, phoneFiles, firmware, record, state string
	users, off, on                                                               []string
	busy                                                                         time.Duration
}

func (c *ipOfficeRun) run(e *env, args []string) error {
	if err := wantArgs(args, 0, 0, "none"); err != nil {
		return err
	}
	units, err := c.configs(e)
	if err != nil {
		return err
	}
	ctx, cancel, err := c.context(e)
	if err != nil {
		return err
	}
	defer cancel()
	o := ipoffice.Options{Shift: c.shift, Log: c.log(e), Firmware: c.firmware}
	if u, err := url.Parse(c.firmware); c.firmware != "" && (err != nil || u.Host == "") {
		return usage(errors.New("--firmware: want a URL such as http://192.0.2.1/firmware"), "")
	}
	if c.phoneFiles != "" {
		if o.Phones, err = os.OpenRoot(c.phoneFiles); err != nil {
			return cannot(fmt.Errorf("--phone-files: %w", err), "")
		}
		defer o.Phones.Close()
	}
	if c.record != "" {
		if err := os.MkdirAll(c.record, 0o700); err != nil {
			return cannot(fmt.Errorf("--record: %w", err), "")
		}
		o.Recorder = &ipoffice.Recorder{Log: o.Log, Dir: c.record}
		fmt.Fprintln(e.err, "provsim: recordings may hold what logs a user in: keep them to yourself")
	}
	if c.state != "" {
		o.Memory = func(mac device.MAC) (ipoffice.Memory, error) { return store.OpenFile(c.state, "unit-"+mac.String()) }
	}
	g, err := ipoffice.Start(o, units)
	if err != nil {
		return cannot(err, "--port-shift 8000 leaves out the ports that need privileges; each unit needs its LAN1 address on this machine")
	}
	defer g.Close()
	fmt.Fprintf(e.err, "provsim: %s\n", ipoffice.Real)
	fmt.Fprintf(e.err, "provsim: the IP Office listens at udp://%s\n", where(units, 69+c.shift))
	end, err := c.page(e, "IP Office", func() []role.Table { return append(g.Tables(), o.Log.Table()) })
	if err != nil {
		return err
	}
	defer end()
	<-ctx.Done()
	return e.ctx.Err()
}

// where returns the addresses of units, with a port.
func where(units []ipoffice.Config, port int) string {
	first, last := units[0].Records["lan1.address"], units[len(units)-1].Records["lan1.address"]
	if first == last {
		return fmt.Sprintf("%s:%d", first, port)
	}
	return fmt.Sprintf("%s:%d to %s:%d, %d units", first, port, last, port, len(units))
}

// configs returns the units.
func (c *ipOfficeRun) configs(e *env) ([]ipoffice.Config, error) {
	quirks, err := c.chosen(ipOfficeQuirks)
	if err != nil {
		return nil, err
	}
	lan1, err := lanPrefix("--lan1", c.lan1)
	if err != nil {
		return nil, err
	}
	lan2 := netip.Prefix{}
	if c.lan2 != "" {
		if lan2, err = lanPrefix("--lan2", c.lan2); err != nil {
			return nil, err
		}
	}
	level, err := ipoffice.ParseLevel(c.level)
	switch {
	case err != nil:
		return nil, usage(fmt.Errorf("--level: %w", err), "")
	case c.units < 1 || c.units > ipoffice.MaxUnits:
		return nil, usage(fmt.Errorf("--units %d: want 1 to %d", c.units, ipoffice.MaxUnits), "")
	case c.extensions < 0 || c.extensions > 1000:
		return nil, usage(fmt.Errorf("--extensions %d: want 0 to 1000", c.extensions), "")
	case c.busy < 0:
		return nil, usage(errors.New("--busy: want 0 or more"), "")
	case c.lan2 != "" && c.units > 1:
		return nil, usage(errors.New("--lan2 is for one unit"), "")
	}
	if err := checkPorts(c.base, c.shift); err != nil {
		return nil, err
	}
	people := ipoffice.Extensions(c.extensions)
	if c.people != "" {
		if people, err = c.readPeople(e); err != nil {
			return nil, err
		}
	}
	var given ipoffice.Records
	if c.config != "" {
		text, err := readFile(e, c.config, maxSmallFile)
		if err != nil {
			return nil, err
		}
		if given, err = ipoffice.ParseRecords(text); err != nil {
			return nil, cannot(fmt.Errorf("%s: %w", c.config, err), "")
		}
	}
	var units []ipoffice.Config
	for addr := lan1.Addr(); len(units) < c.units; addr = addr.Next() {
		if !lan1.Contains(addr) {
			return nil, usage(fmt.Errorf("--units %d: the network %v has only %d addresses from --lan1 on", c.units, lan1.Masked(), len(units)), "a /16 has room for more")
		}
		if b := addr.As4(); c.units > 1 && (b[3] == 0 || b[3] == 255) {
			continue
		}
		unit, err := c.unit(netip.PrefixFrom(addr, lan1.Bits()), lan2, level, people, given, len(units)+1)
		if err != nil {
			return nil, err
		}
		unit.Quirks = ipoffice.Quirks{NoAlias: quirks["security-alias=off"], AvayaOnly: quirks["avaya-clients-only"], MergeInRAM: quirks["merge=ram"]}
		units = append(units, unit)
	}
	return units, nil
}

// unit returns the unit with a number.
func (c *ipOfficeRun) unit(lan1, lan2 netip.Prefix, level ipoffice.Level, people []ipoffice.User, given ipoffice.Records, n int) (ipoffice.Config, error) {
	u := ipoffice.Config{MAC: ipoffice.MACOf(lan1.Addr()), Level: level, Busy: c.busy, Random: rand.Reader}
	name := c.name
	switch {
	case name == "":
		name = u.MAC.String()
	case c.units > 1:
		name = fmt.Sprint(name, n)
	}
	if err := ipoffice.CheckName(name); err != nil {
		return u, usage(fmt.Errorf("--name: %w", err), "")
	}
	u.Records = ipoffice.Records{"system.name": name}
	u.Records.AddUsers(people)
	maps.Copy(u.Records, given)
	u.Records.SetLAN("lan1", lan1)
	if lan2.IsValid() {
		u.Records.SetLAN("lan2", lan2)
	}
	u.Security = ipoffice.DefaultSecurity()
	for _, text := range c.users {
		name, rest, _ := strings.Cut(text, ":")
		password, group, _ := strings.Cut(rest, ":")
		if group == "" {
			group = "Administrator"
		}
		if err := u.Security.SetUser(name, password, strings.Split(group, ";")); err != nil {
			return u, usage(fmt.Errorf("--user: %w", err), "want NAME:PASSWORD or NAME:PASSWORD:GROUP")
		}
	}
	for i, name := range slices.Concat(c.on, c.off) {
		if err := u.Security.Switch(name, i < len(c.on)); err != nil {
			return u, usage(fmt.Errorf("--on and --off: %w", err), "")
		}
	}
	return u, u.Security.SetBase(c.base)
}

func lanPrefix(flag, text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() || p.Bits() < 8 {
		return p, usage(fmt.Errorf("%s: found %q, want an IPv4 address and its prefix, such as 192.168.42.1/24", flag, text), "")
	}
	return p, nil
}

// readPeople reads the file of --users.
func (c *ipOfficeRun) readPeople(e *env) ([]ipoffice.User, error) {
	text, err := readFile(e, c.people, maxSmallFile)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = 4
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, cannot(fmt.Errorf("%s: %w, want name,extension,full name,e-mail in each line", c.people, err), "")
	}
	var people []ipoffice.User
	for i, row := range rows {
		u := ipoffice.User{Name: row[0], Extension: row[1], FullName: row[2], Mail: row[3]}
		one := ipoffice.Records{}
		one.AddUsers([]ipoffice.User{u})
		if _, err := ipoffice.ParseRecords(one.Text()); err != nil || u.Name == "" || strings.Trim(u.Extension, "0123456789") != "" || u.Extension == "" {
			return nil, cannot(fmt.Errorf("%s: line %d: want a name, digits, a full name and an e-mail address, without commas inside", c.people, i+1), "")
		}
		people = append(people, u)
	}
	return people, nil
}
