// Package ipoffice checks an IP Office control unit, or what is in its place: whether a
// Manager finds it, whether tools read its lists, whether Avaya phones boot from its files,
// and what it shows without a login.
//
// TFTP, HTTP, DevLink3 and the files for phones are a genuine unit's protocols. The lab
// link on the TCP ports 50802, 50804 and 50812 is this project's own: the checks that need
// it say so, and skip a unit that does not speak it, such as a genuine one.
package ipoffice

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"provsim/conform/check"
	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/profile"
)

// Checks returns the checks of the group in the order of their numbers.
func Checks() []check.Check {
	known := &check.PerProbe[unit]{}
	var checks []check.Check
	for _, q := range slices.Concat(tftpQuestions, webQuestions, linkQuestions, openQuestions) {
		checks = append(checks, q.check(known))
	}
	return checks
}

// question is a check of a unit.
type question struct {
	check.Check
	ask func(context.Context, *unit) check.Finding
}

func (q question) check(known *check.PerProbe[unit]) check.Check {
	c := q.Check
	c.Needs = append([]check.Need{check.IPOfficeUnit}, c.Needs...)
	c.Run = func(ctx context.Context, p *check.Probe) check.Finding {
		u := known.Of(p)
		u.once.Do(func() {
			if u.err = u.open(p); u.err == nil {
				u.meet(ctx)
			}
		})
		if u.err != nil {
			return check.Errorf("%w", u.err)
		}
		f := q.ask(ctx, u)
		if err := ctx.Err(); err != nil {
			return check.Errorf("asking %v: %w", u.addr, err)
		}
		return f
	}
	return c
}

// open takes from a probe where the unit is.
func (u *unit) open(p *check.Probe) (err error) {
	given := p.Target.IPOffice
	u.addr, u.base, u.shift = given.Address, given.Base, given.Shift
	u.manager = manager.Options{
		Shift: given.Shift, Timeout: p.Patience, Target: u.addr, TCP: true, Warn: func(string) {},
	}
	target := &check.Target{}
	target.TFTP.Server, target.HTTP = u.at(manager.TFTPPort).String(), u.url()
	u.Probe, err = check.NewProbe(target, check.Settings{Patience: p.Patience})
	return err
}

const httpPort = 80

// unit is the unit under test. Its probe is for its TFTP and HTTP server.
type unit struct {
	*check.Probe
	addr        netip.Addr
	base, shift int
	manager     manager.Options

	once  sync.Once
	err   error  // it cannot be asked
	who   []byte // who it is, by TFTP; nil: it does not say so
	name  string // of a file that TFTP gives; empty: it gives none of those that are asked for
	mute  bool   // UDP 69 does not answer
	level ipoffice.Level
	known bool // its level is
}

// at returns where a port is.
func (u *unit) at(port int) netip.AddrPort {
	return netip.AddrPortFrom(u.addr, uint16(port+u.shift))
}

// url returns the URL of the unit's files for phones.
func (u *unit) url() string { return "http://" + u.at(httpPort).String() + "/" }

// userList is a file that is there without a login, whatever discovery says.
const userList = "nasystem/user_list"

// meet finds out what several checks need to know.
func (u *unit) meet(ctx context.Context) {
	u.mute = true
	for _, name := range []string{manager.WhoIs, userList} {
		d, err := u.first(ctx, tftp.Packet{Op: tftp.OpRead, File: name}.Append(nil))
		if err != nil {
			continue
		}
		u.mute = false
		if d.Packet.Op != tftp.OpData {
			continue
		}
		if u.name == "" {
			u.name = name
		}
		if name == manager.WhoIs {
			u.who = d.Packet.Data
			break
		}
	}
	text := ""
	if row, ok := manager.ParseWhoIs(u.who); ok {
		text = row.Level
	} else if page, err := u.raw(ctx, rootRequest); err == nil {
		text = page.level()
	}
	var err error
	u.level, err = ipoffice.ParseLevel(text)
	u.known = err == nil
}

// young reports whether the unit has service users and TCP discovery (IPO-ID-2). One of an
// unknown level is taken for such a one.
func (u *unit) young() bool { return !u.known || !u.level.Old() }

// silent is the finding of what TFTP cannot be asked for.
func (u *unit) silent() check.Finding {
	return check.Skip("%v does not answer by TFTP: see ip-office/1", u.at(manager.TFTPPort))
}

// first sends a TFTP request, and again when nothing comes. It ends the transfer after the
// first packet.
func (u *unit) first(ctx context.Context, request []byte) (check.Datagram, error) {
	conn, err := u.OpenTFTP(ctx)
	if err != nil {
		return check.Datagram{}, err
	}
	defer conn.Close()
	for try := 0; ; try++ {
		if err := conn.SendTo(conn.Server(), request); err != nil {
			return check.Datagram{}, err
		}
		d, err := conn.Receive(u.Patience)
		if err != nil && try < 1 && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return check.Datagram{}, err
		}
		d.Raw = bytes.Clone(d.Raw)
		d.Packet, d.Bad = tftp.Parse(d.Raw)
		switch {
		case d.Packet.Op == tftp.OpData && len(d.Packet.Data) < 512:
			conn.SendTo(d.From, tftp.Packet{Op: tftp.OpAck, Block: d.Packet.Block}.Append(nil))
		case d.Packet.Op != tftp.OpError:
			conn.SendTo(d.From, tftp.Packet{Op: tftp.OpError, Message: "enough"}.Append(nil))
		}
		return d, nil
	}
}

// mostFile is the largest file that is read, in bytes.
const mostFile = 1 << 20

// file reads a file of the unit by TFTP.
func (u *unit) file(ctx context.Context, name string) device.Reply {
	at := u.at(manager.TFTPPort)
	return u.Fetch(ctx, device.Request{
		Target: profile.Target{Scheme: "tftp", Host: at.Addr().String(), Port: at.Port(), Path: "/" + name},
		Limit:  mostFile, Timeout: 4 * u.Patience,
	})
}

// faults makes a finding of what is wrong; of nothing a pass.
func faults(expected string, all []string, pass string, args ...any) check.Finding {
	if len(all) > 0 {
		return check.Fail(expected, "%s", strings.Join(all, "; "))
	}
	return check.Pass(pass, args...)
}

// portWords names a port with its shift.
func (u *unit) portWords(port int) string {
	if u.shift == 0 {
		return fmt.Sprint(port)
	}
	return fmt.Sprintf("%d (%d here)", port, port+u.shift)
}
