package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
)

// accountFlags say who logs in.
type accountFlags struct {
	managerFlags
	user, passwordFile string
	security           bool
}

func (f *accountFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.user, "user", "", "`NAME` of the service user (default: Administrator; for security settings: security)")
	fs.StringVar(&f.passwordFile, "password-file", "", "`FILE` whose first line is the password")
	fs.BoolVar(&f.security, "security", false, "the security settings in place of the configuration")
	f.managerFlags.add(fs)
}

// unit is one that a command talks to.
type unit struct {
	manager.Unit
	o       manager.Options
	account manager.Account
}

// find asks the unit for its level first, which says how to log in (MGR-7, MGR-11). One
// that can't be found is taken for a younger one: it may be reached by its address all
// the same.
func (f *accountFlags) find(e *env, address string) (u unit, err error) {
	if u.o, err = f.options(e, nil); err != nil {
		return u, err
	}
	addr, err := unitAddress(address)
	if err != nil {
		return u, err
	}
	if u.Unit = manager.Find(e.ctx, u.o, addr); u.Outcome == manager.NoEcho { // nothing more is sent (MGR-3)
		return u, f.failed(e, addr, &manager.Failure{Word: "unreachable", Note: manager.NoEcho})
	}
	if u.account.User = f.user; f.user == "" {
		u.account.User = "Administrator"
		if f.security {
			u.account.User = "security"
		}
	}
	if f.passwordFile == "" {
		return u, usage(errors.New("--password-file is missing: a name and a password are needed"), "discover and read need none")
	}
	if u.account.Password, err = firstLine(e, "--password-file", f.passwordFile); err != nil {
		return u, err
	}
	if f.security && u.Old() {
		return u, usage(fmt.Errorf("unit %v has level %s: security settings exist from 3.2 on", u.Addr, u.Level), "")
	}
	return u, nil
}

// login logs in to a younger unit.
func (f *accountFlags) login(e *env, u unit) (*manager.Link, error) {
	port := f.base
	if f.security {
		port += 8
	}
	return manager.Login(e.ctx, u.o, u.Addr, port, u.account)
}

// name is what is read and written.
func (f *accountFlags) name() string {
	if f.security {
		return ipoffice.SecurityName
	}
	return ipoffice.ConfigName
}

const linkHelp = `
The bytes on the wire are provsim's own: only provsim's units answer them, and a genuine
unit does not. Neither name nor password is on the wire of a unit of level 3.2 or above;
below, the password is in the name of a TFTP file.
`

var unitGetCommand = command{
	name:  "manager get",
	args:  "ADDRESS",
	short: "get the configuration of a unit",
	long: linkHelp + `
  provsim manager get 192.0.2.1 --user Administrator --password-file pw > unit.txt`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &unitGetRun{}
		fs.BoolVar(&c.audit, "audit", false, "the audit trail in place of the configuration")
		c.add(fs)
		return c.run
	},
}

type unitGetRun struct {
	accountFlags
	audit bool
}

func (c *unitGetRun) run(e *env, args []string) error {
	if err := wantArgs(args, 1, 1, "an address"); err != nil {
		return err
	}
	u, err := c.find(e, args[0])
	if err != nil {
		return err
	}
	name, body := c.name(), []byte(nil)
	if c.audit {
		name = ipoffice.AuditName
	}
	if u.Old() {
		body, err = manager.OldConfig(e.ctx, u.o, u.Addr, u.account.Password)
	} else {
		var link *manager.Link
		if link, err = c.login(e, u); err == nil {
			defer link.Close()
			body, err = link.Read(name)
		}
	}
	if err != nil {
		return c.failed(e, u.Addr, err)
	}
	return c.print(e, u.Addr, name, body)
}

// modes are the words of --mode, in the order of [ipoffice.Mode].
var modes = []string{"merge", "immediate", "when-free", "timed"}

type modeFlags struct{ mode, at string }

func (f *modeFlags) add(fs *pflag.FlagSet, words []string, usual string) {
	fs.StringVar(&f.mode, "mode", "", "when it is in force, `MODE`: "+strings.Join(words, ", ")+" (default: "+usual+")")
	fs.StringVar(&f.at, "at", "", "the time of day of mode timed, `HH:MM`, by the unit's clock")
}

// read returns the mode, or usual where none is given, and the minute of the day.
func (f *modeFlags) read(words []string, usual ipoffice.Mode) (ipoffice.Mode, uint32, error) {
	mode, at := usual, uint32(ipoffice.NoTime)
	if f.mode != "" {
		if !slices.Contains(words, f.mode) {
			return 0, 0, usage(fmt.Errorf("--mode: %w", unknown("mode", f.mode, words)), "want "+strings.Join(words, ", "))
		}
		mode = ipoffice.Mode(slices.Index(modes, f.mode))
	}
	if (mode == ipoffice.Timed) != (f.at != "") {
		return 0, 0, usage(errors.New("--mode timed and --at HH:MM go together"), "")
	}
	if f.at != "" {
		hour, minute, ok := strings.Cut(f.at, ":")
		h, err1 := strconv.Atoi(hour)
		m, err2 := strconv.Atoi(minute)
		if !ok || err1 != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
			return 0, 0, usage(fmt.Errorf("--at %q: want HH:MM", f.at), "")
		}
		at = uint32(h*60 + m)
	}
	return mode, at, nil
}

var unitSendCommand = command{
	name:  "manager send",
	args:  "ADDRESS FILE",
	short: "send a configuration to a unit",
	long: linkHelp + `
Without --mode it is merged where every changed record allows that; else the unit reboots
at once. If several users send at the same time, the last one wins. In a file of security
settings user.NAME.password=PASSWORD stands for what the unit stores of it.

  provsim manager send 192.0.2.1 unit.txt --password-file pw
  provsim manager send 192.0.2.1 unit.txt --password-file pw --mode timed --at 23:30`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &unitSendRun{}
		c.modeFlags.add(fs, modes, "merge if it can be, else immediate")
		c.accountFlags.add(fs)
		return c.run
	},
}

type unitSendRun struct {
	accountFlags
	modeFlags
}

func (c *unitSendRun) run(e *env, args []string) error {
	if err := wantArgs(args, 2, 2, "an address and a file"); err != nil {
		return err
	}
	mode, at, err := c.read(modes, ipoffice.Immediate)
	if err != nil {
		return err
	}
	contents, err := readInput(e, args[1])
	if err != nil {
		return err
	}
	if c.security {
		contents, err = ipoffice.HidePasswords(contents)
	} else {
		_, err = ipoffice.ParseRecords(contents)
	}
	if err != nil {
		return cannot(fmt.Errorf("%s: %w", args[1], err), "")
	}
	u, err := c.find(e, args[0])
	if err != nil {
		return err
	}
	if u.Old() {
		if c.mode != "" && c.mode != "immediate" {
			return usage(fmt.Errorf("unit %v has level %s, which knows the mode immediate alone", u.Addr, u.Level), "")
		}
		err = manager.SendOld(e.ctx, u.o, u.Addr, u.account.Password, contents)
	} else {
		if c.mode == "" && !c.security {
			if mode, err = c.choose(e, u, contents); err != nil {
				return c.failed(e, u.Addr, err)
			}
		}
		err = c.send(e, u, contents, mode, at)
	}
	if err != nil {
		return c.failed(e, u.Addr, err)
	}
	if c.security {
		fmt.Fprintf(e.err, "provsim: %v has the security settings\n", u.Addr)
		return nil
	}
	fmt.Fprintf(e.err, "provsim: %v has the configuration: %s\n", u.Addr, modes[mode])
	return nil
}

// choose returns how the Manager sends a configuration unless told otherwise (MGR-9).
func (c *unitSendRun) choose(e *env, u unit, contents []byte) (ipoffice.Mode, error) {
	link, err := c.login(e, u)
	if err != nil {
		return 0, err
	}
	defer link.Close()
	old, err := link.Read(ipoffice.ConfigName)
	if err != nil {
		return 0, err
	}
	before, err := ipoffice.ParseRecords(old)
	if err != nil {
		return 0, &manager.Failure{Word: "bad-answer", Note: "the unit's configuration: " + err.Error()}
	}
	after, err := ipoffice.ParseRecords(contents)
	if err == nil && ipoffice.Mergeable(before, after) {
		return ipoffice.Merge, nil
	}
	return ipoffice.Immediate, err
}

func (c *unitSendRun) send(e *env, u unit, contents []byte, mode ipoffice.Mode, at uint32) error {
	link, err := c.login(e, u) // anew for each send (MGR-9)
	if err != nil {
		return err
	}
	defer link.Close()
	return link.Write(c.name(), contents, mode, at)
}

var unitEraseCommand = command{
	name:  "manager erase",
	args:  "ADDRESS",
	short: "erase the configuration of a unit, or reset its security settings",
	long: linkHelp + `
Then the unit has the configuration of a new unit, keeps its security settings, and
reboots. With --security it gets the security settings of a new unit, keeps its
configuration, and does not reboot.

  provsim manager erase 192.0.2.1 --password-file pw`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &unitCommandRun{op: ipoffice.Erase, done: "erased"}
		c.accountFlags.add(fs)
		return c.run
	},
}

var unitRebootCommand = command{
	name:  "manager reboot",
	args:  "ADDRESS",
	short: "reboot a unit",
	long: linkHelp + `
  provsim manager reboot 192.0.2.1 --password-file pw --mode when-free`,
	setup: func(fs *pflag.FlagSet) func(*env, []string) error {
		c := &unitCommandRun{op: ipoffice.Reboot, done: "reboots"}
		c.modeFlags.add(fs, modes[1:], "immediate")
		c.accountFlags.add(fs)
		return c.run
	},
}

type unitCommandRun struct {
	accountFlags
	modeFlags
	op   ipoffice.Op
	done string
}

func (c *unitCommandRun) run(e *env, args []string) error {
	if err := wantArgs(args, 1, 1, "an address"); err != nil {
		return err
	}
	mode, at, err := c.read(modes[1:], ipoffice.Immediate)
	if err != nil {
		return err
	}
	op := c.op
	switch {
	case c.security && op == ipoffice.Reboot:
		return usage(errors.New("--security: security settings need no reboot"), "")
	case c.security:
		op = ipoffice.ResetSecurity
	}
	u, err := c.find(e, args[0])
	if err != nil {
		return err
	}
	if u.Old() {
		return usage(fmt.Errorf("unit %v has level %s: commands exist from 3.2 on", u.Addr, u.Level), "")
	}
	if err := c.command(e, u, op, mode, at); err != nil {
		return c.failed(e, u.Addr, err)
	}
	fmt.Fprintf(e.err, "provsim: %v: %s\n", u.Addr, c.done)
	return nil
}

func (c *unitCommandRun) command(e *env, u unit, op ipoffice.Op, mode ipoffice.Mode, at uint32) error {
	link, err := c.login(e, u)
	if err != nil {
		return err
	}
	defer link.Close()
	return link.Command(op, mode, at)
}

// readDevLink reads a file by DevLink3.
func (c *unitReadRun) readDevLink(e *env, o manager.Options, addr netip.Addr, name string) ([]byte, error) {
	if c.user == "" || c.passwordFile == "" {
		return nil, usage(errors.New("--devlink3 needs --user and --password-file"), "")
	}
	password, err := firstLine(e, "--password-file", c.passwordFile)
	if err != nil {
		return nil, err
	}
	link, err := manager.LoginDevLink(e.ctx, o, addr, manager.Account{User: c.user, Password: password})
	if err != nil {
		return nil, err
	}
	defer link.Close()
	return link.Read(name)
}
