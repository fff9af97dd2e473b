package ipoffice

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/internal/fetch/tftp"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/resync"
)

// tftpQuestions are of UDP 69.
var tftpQuestions = []question{answersWho, whoForm, bothModes, ownPort, unknownFile, noWriting, lists}

// switchesOn is the advice for what the security settings have switched off.
const switchesOn = "look at the switches of the unit's security settings, and at the firewalls on the way; "

var answersWho = question{
	Check: check.Check{
		ID:          "ip-office/1",
		Title:       "the unit says by TFTP who it is",
		Requirement: "A request for nasystem/who_is3 at UDP 69 is answered with the unit's line, so that discovery by UDP finds it.",
		Source:      "IPO-TFTP-6, IPO-IF-2, MGR-1",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: switchesOn + "with UDP discovery off on purpose, a Manager needs the unit's address and TCP"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "DATA 1 with the unit's line"
		switch {
		case u.mute:
			return check.Fail(expected, "no answer from %v", u.at(manager.TFTPPort))
		case u.who == nil && u.name != "":
			return check.Fail(expected, "no line, and the list of users: discovery by UDP is off")
		case u.who == nil:
			return check.Fail(expected, "no line, and no list of users")
		}
		return check.Pass("a line of %d bytes", len(u.who))
	},
}

var whoForm = question{
	Check: check.Check{
		ID:          "ip-office/2",
		Title:       "the line that identifies the unit has the values that tools read",
		Requirement: "The line has six quoted values, hardware address, type, LAN1 address, mask, level and name, and ends with CRLF. The address is the one that was asked.",
		Source:      "IPO-FILE-1, IPO-LAN-1, IPO-ID-1",
		Level:       check.Must,
		Advice:      check.Advices{check.AnyServer: {Text: "ask the unit at its LAN1 address; a tool that finds another address in the line asks there"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "hardware address, type, LAN1 address, mask, level and name in quotes, and CRLF"
		if u.who == nil {
			return check.Skip("the unit does not say who it is: see ip-office/1")
		}
		row, ok := manager.ParseWhoIs(u.who)
		if !ok {
			return check.Fail(expected, "%d bytes that do not split into such values", len(u.who))
		}
		var wrong []string
		if row.Addr != u.addr {
			wrong = append(wrong, fmt.Sprintf("the address %v, asked was %v", row.Addr, u.addr))
		}
		if _, err := ipoffice.ParseLevel(row.Level); err != nil {
			wrong = append(wrong, err.Error())
		}
		if err := ipoffice.CheckName(row.Name); err != nil {
			wrong = append(wrong, err.Error())
		}
		if !bytes.HasSuffix(u.who, []byte("\r\n")) || bytes.Count(u.who, []byte("\n")) != 1 {
			wrong = append(wrong, "no CRLF at the end, or more than one line")
		}
		return faults(expected, wrong, "%s, level %s", row.Type, row.Level)
	},
}

var bothModes = question{
	Check: check.Check{
		ID:          "ip-office/3",
		Title:       "both modes of TFTP give the same bytes",
		Requirement: "A file has the same bytes in the modes octet and netascii: tools use either.",
		Source:      "IPO-TFTP-1",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "send the text with CRLF in both modes, and translate nothing"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "the same bytes in both modes"
		if u.name == "" {
			return u.silent()
		}
		var bodies [2][]byte
		for i, mode := range []string{"octet", "netascii"} {
			d, err := u.first(ctx, []byte("\x00\x01"+u.name+"\x00"+mode+"\x00"))
			if err != nil || d.Packet.Op != tftp.OpData {
				return check.Fail(expected, "in mode %s %s", mode, came(d, err))
			}
			bodies[i] = d.Packet.Data
		}
		if !bytes.Equal(bodies[0], bodies[1]) {
			return check.Fail(expected, "%d bytes in octet, and other %d bytes in netascii", len(bodies[0]), len(bodies[1]))
		}
		return check.Pass("%d bytes", len(bodies[0]))
	},
}

// came says what came.
func came(d check.Datagram, err error) string {
	if err != nil {
		return err.Error()
	}
	return d.String()
}

var ownPort = question{
	Check: check.Check{
		ID:          "ip-office/4",
		Title:       "an answer comes from a port of its own",
		Requirement: "The unit answers a TFTP request from its LAN1 address and a port other than 69, so a firewall has to let such answers pass.",
		Source:      "IPO-TFTP-1; RFC 1350 section 4",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "a program in between answers from the request port: let it forward UDP, or take it out"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "an answer of the unit's address from another port"
		if u.name == "" {
			return u.silent()
		}
		d, err := u.first(ctx, tftp.Packet{Op: tftp.OpRead, File: u.name}.Append(nil))
		switch {
		case err != nil:
			return check.Errorf("asking for %s: %w", u.name, err)
		case d.From.Addr() != u.addr:
			return check.Fail(expected, "one from %v", d.From.Addr())
		case d.From == u.at(manager.TFTPPort):
			return check.Fail(expected, "one from the request port")
		}
		return check.Pass("from another port")
	},
}

var unknownFile = question{
	Check: check.Check{
		ID:          "ip-office/5",
		Title:       "an unknown file is error 1",
		Requirement: "A request for a file that the unit does not have is answered with TFTP error 1, so that a tool knows the unit and need not wait.",
		Source:      "IPO-TFTP-5",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "answer with ERROR 1 from a new port"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		if u.mute {
			return u.silent()
		}
		d, err := u.first(ctx, tftp.Packet{Op: tftp.OpRead, File: "nasystem/provsim_none"}.Append(nil))
		if err != nil || d.Packet.Op != tftp.OpError || d.Packet.Code != tftp.CodeNotFound {
			return check.Fail("ERROR 1", "%s", came(d, err))
		}
		return check.Pass("ERROR 1")
	},
}

var noWriting = question{
	Check: check.Check{
		ID:          "ip-office/6",
		Title:       "a write without a password is refused",
		Requirement: "By TFTP the unit takes no file, below level 3.2 none without its password; on the lab link, which is provsim's own, it takes no configuration without a login.",
		Source:      "IPO-TFTP-5, IPO-OLD-1, IPO-LNK-5",
		Level:       check.Must,
		Tags:        []check.Tag{check.Security},
		Needs:       []check.Need{check.Destructive},
		Advice:      check.Advices{check.AnyServer: {Text: "let only the Manager's addresses reach the unit, and find out what takes files there"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		names := []string{"nasystem/provsim_write"}
		if !u.young() {
			names = append(names, ipoffice.OldName(""))
		}
		var taken []string
		for _, name := range names {
			d, err := u.first(ctx, tftp.Packet{Op: tftp.OpWrite, File: name}.Append(nil))
			if err == nil && d.Packet.Op != tftp.OpError {
				taken = append(taken, "TFTP takes "+name+": "+d.String())
			}
		}
		if u.young() {
			l, err := manager.Connect(ctx, u.manager, u.addr, u.base)
			if err == nil {
				defer l.Close()
				if l.Write(ipoffice.ConfigName, []byte("# provsim check\n"), ipoffice.Merge, ipoffice.NoTime) == nil {
					taken = append(taken, "port "+u.portWords(u.base)+" takes a configuration before a login")
				}
			}
		}
		return faults("a refusal, or silence", taken, "refused")
	},
}

var lists = question{
	Check: check.Check{
		ID:          "ip-office/7",
		Title:       "the lists have the columns that tools read",
		Requirement: "Rows of the TFTP lists end in CRLF, and have name, extension, rights and state in the columns in which tools look for them.",
		Source:      "IPO-FILE-2",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "compare the file that the finding names with doc/rules.md, IPO-FILE-2: provsim manager read shows it"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		if u.mute {
			return u.silent()
		}
		users, wrong := u.rows(ctx, userList, 4)
		if len(users) == 0 && wrong == nil {
			return check.Skip("the list of users is empty, or not there")
		}
		files := []struct {
			name    string
			columns int
		}{{"nasystem/user_list8", 8}, {"nasystem/hunt_list", 8}, {"nasystem/licence_list", 4}}
		for i, row := range users {
			if len(row) > 1 && (!digits(row[1]) || !digits(row[len(row)-1])) {
				wrong = append(wrong, fmt.Sprintf("%s: row %d has no digits in its columns 2 and last", userList, i+1))
				break
			}
		}
		if len(users) > 0 && len(users[0]) > 1 && digits(users[0][1]) {
			name := "nasystem/user_info3/" + users[0][1]
			rows, bad := u.rows(ctx, name, 69)
			if wrong = append(wrong, bad...); len(rows) > 0 && len(rows[0]) > 2 && rows[0][2] != users[0][1] {
				wrong = append(wrong, name+": column 3 has another extension")
			}
		}
		for _, f := range files {
			rows, bad := u.rows(ctx, f.name, f.columns)
			if wrong = append(wrong, bad...); f.columns == 8 && len(rows) > 0 && strings.HasSuffix(f.name, "8") && rows[0][0] != "NoUser" {
				wrong = append(wrong, f.name+": the first row is not NoUser")
			}
		}
		return faults("rows with the columns of public tools", wrong, "%d users", len(users))
	},
}

// rows reads a list and says what is wrong with it. One that is not there has no rows.
func (u *unit) rows(ctx context.Context, name string, columns int) (rows [][]string, wrong []string) {
	reply := u.file(ctx, name)
	switch {
	case reply.Outcome == resync.NotFound:
		return nil, nil
	case reply.Outcome != resync.None:
		return nil, []string{name + ": " + reply.Outcome.String()}
	}
	for line := range strings.Lines(manager.Latin1(reply.Body)) {
		text, ok := strings.CutSuffix(line, "\r\n")
		row := strings.Split(text, ",")
		rows = append(rows, row)
		switch n := len(rows); {
		case wrong != nil:
		case !ok:
			wrong = []string{fmt.Sprintf("%s: row %d does not end in CRLF", name, n)}
		case len(row) < columns:
			wrong = []string{fmt.Sprintf("%s: row %d has %d columns, want at least %d", name, n, len(row), columns)}
		}
	}
	return rows, wrong
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
