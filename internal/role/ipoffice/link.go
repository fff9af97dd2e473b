package ipoffice

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"provsim/internal/role/ipoffice/wire"
)

// The names of what the lab link reads and writes (IPO-LNK-4).
const (
	ConfigName   = "lab/config"
	AuditName    = "lab/audit"
	SecurityName = "lab/security"
)

// Mode says when a change is in force.
type Mode uint32

// The modes.
const (
	Merge Mode = iota
	Immediate
	WhenFree
	Timed
)

// Op is a command.
type Op uint32

// The commands.
const (
	Reboot        Op = 1
	Erase         Op = 2
	ResetSecurity Op = 3
)

// NoTime stands where a mode has no time of day.
const NoTime = 0xFFFFFFFF

// modeRights are what a mode needs beside the right to write (IPO-SEC-1).
var modeRights = []Right{Merge: MayMerge, Immediate: MayReboot, WhenFree: MayWhenFree, Timed: MayTimed}

// read hands out what a session may read.
func (u *Unit) read(s *Session, r *wire.Reader) {
	name := r.Sized()
	if !r.End() {
		u.hangUp()
		return
	}
	var body []byte
	switch {
	case s.service == "security" && name == SecurityName && s.rights&MayReadSecurity != 0:
		body = u.security.Text(false)
	case s.service == "security" && name == SecurityName:
		u.answer(r, wire.Denied)
		return
	case s.service == "configuration" && (name == ConfigName || name == AuditName) && s.rights&MayRead == 0:
		u.answer(r, wire.Denied)
		return
	case s.service == "configuration" && name == ConfigName:
		body = u.ram.Text()
	case s.service == "configuration" && name == AuditName:
		body = []byte(strings.Join(u.audit, "\n") + "\n")
	default:
		u.answer(r, wire.NotFound)
		return
	}
	u.send(wire.Reply(r.Type, r.ID, wire.OK).Bytes(body))
}

// refuse answers contents that cannot be taken, with the reason.
func (u *Unit) refuse(r *wire.Reader, why error) {
	u.send(wire.Reply(r.Type, r.ID, wire.Refused).Text(why.Error()))
}

// may reports whether a session has rights; if not it answers so.
func (u *Unit) may(s *Session, r *wire.Reader, needed Right) bool {
	if s.rights&needed != needed {
		u.answer(r, wire.Denied)
		return false
	}
	return true
}

// write takes a configuration, or security settings (IPO-MEM-2, IPO-MEM-4).
func (u *Unit) write(now time.Time, s *Session, r *wire.Reader) {
	mode, at, name, contents := Mode(r.Uint32()), r.Uint32(), r.Sized(), r.Rest()
	switch {
	case r.Bad || int(mode) >= len(modeRights):
		u.hangUp()
	case s.service == "security" && name == SecurityName:
		u.writeSecurity(now, s, r, contents)
	case s.service == "configuration" && name == ConfigName:
		needed := modeRights[mode]
		if mode != Merge {
			needed |= MayWrite
		}
		if !u.may(s, r, needed) {
			return
		}
		records, err := u.parse(contents)
		if err == nil && mode == Timed && at >= 24*60 {
			err = fmt.Errorf("found minute %d of the day, want 0 to 1439", at)
		}
		if err != nil {
			u.refuse(r, err)
			return
		}
		u.put(now, s, r, records, mode, at)
	default:
		u.answer(r, wire.NotFound)
	}
}

// put stores a configuration.
func (u *Unit) put(now time.Time, s *Session, r *wire.Reader, records Records, mode Mode, at uint32) {
	if mode == Merge {
		if !u.c.Quirks.MergeInRAM {
			u.flash = records
		}
		u.ram = merged(u.ram, records)
		u.note(now, "merged by "+s.user)
		u.save()
		u.answer(r, wire.OK)
		return
	}
	u.flash = records
	u.note(now, "changed by "+s.user)
	u.reboot(now, r, mode, at, "write")
}

// merged returns the records that a merge leaves in force (IPO-MEM-3).
func merged(old, changed Records) Records {
	mergeable := func(key, _ string) bool {
		kind, _, _ := strings.Cut(key, ".")
		return kinds[kind].mergeable
	}
	out := maps.Clone(old)
	maps.DeleteFunc(out, mergeable)
	for key, value := range changed {
		if mergeable(key, value) {
			out[key] = value
		}
	}
	return out
}

// reboot answers a request, and has the unit reboot by its mode.
func (u *Unit) reboot(now time.Time, r *wire.Reader, mode Mode, at uint32, what string) {
	switch mode {
	case WhenFree:
		u.note(now, what+" when free")
		u.restartAt = u.busy
	case Timed:
		day := time.Date(now.Year(), now.Month(), now.Day(), 0, int(at), 0, 0, now.Location())
		if !day.After(now) {
			day = day.AddDate(0, 0, 1)
		}
		u.note(now, fmt.Sprintf("%s at %02d:%02d", what, at/60, at%60))
		u.restartAt = day
	default:
		u.note(now, what+" now")
		u.restartAt = now
	}
	u.save()
	u.answer(r, wire.OK)
	if !u.restartAt.After(now) {
		u.restart(now)
	}
}

func (u *Unit) writeSecurity(now time.Time, s *Session, r *wire.Reader, contents []byte) {
	if !u.may(s, r, MayWriteSecurity) {
		return
	}
	security, err := ParseSecurity(contents, u.security)
	if err != nil {
		u.refuse(r, err)
		return
	}
	u.secure(now, r, security, "changed security by "+s.user)
}

// secure puts security settings in force.
func (u *Unit) secure(now time.Time, r *wire.Reader, security *Security, what string) {
	for name, user := range security.users { // a user that is enabled again starts anew
		if before := u.security.users[name]; before != nil && before.disabled && !user.disabled {
			delete(u.locked, name)
		}
	}
	u.security = security
	u.note(now, what)
	u.save()
	u.acts = append(u.acts, Action{Do: Open}) // before the answer, so that a client finds the ports that it has set
	u.answer(r, wire.OK)
}

// command takes a command (IPO-LNK-4).
func (u *Unit) command(now time.Time, s *Session, r *wire.Reader) {
	op, mode, at := Op(r.Uint32()), Mode(r.Uint32()), r.Uint32()
	switch {
	case !r.End() || int(mode) >= len(modeRights) || op < Reboot || op > ResetSecurity:
		u.hangUp()
	case op == ResetSecurity && s.service == "security":
		if u.may(s, r, MayWriteSecurity) {
			u.secure(now, r, DefaultSecurity(), "erased security by "+s.user)
		}
	case s.service != "configuration" || op == ResetSecurity:
		u.answer(r, wire.Denied)
	case op == Erase:
		if u.may(s, r, MayErase) {
			u.flash = u.c.Records
			u.note(now, "erased by "+s.user)
			u.reboot(now, r, Immediate, NoTime, "reboot")
		}
	case mode == Merge || mode == Timed && at >= 24*60:
		u.refuse(r, fmt.Errorf("want the mode immediate, when free, or timed with minute 0 to 1439 of the day"))
	default:
		if u.may(s, r, modeRights[mode]) {
			u.reboot(now, r, mode, at, "reboot")
		}
	}
}
