package ipoffice

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"provsim/conform/check"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/internal/role/ipoffice/wire"
	"provsim/resync"
)

// linkQuestions are of the TCP ports of discovery, configuration and DevLink3.
var linkQuestions = []question{ports, found, beforeLogin, equalAnswers}

// service is a TCP port and what it is for.
type service struct {
	port int
	name string
}

// services returns the ports that a unit of this level has (IPO-ID-2). The alias of the
// port of security settings may be closed (IPO-PORT-2).
func (u *unit) services() []service {
	all := []service{{httpPort, "HTTP"}}
	if u.young() {
		all = append(all, service{manager.DiscoveryPort, "discovery"}, service{u.base, "configuration"}, service{u.base + 8, "security settings"})
	}
	if u.devLink() {
		all = append(all, service{manager.DevLinkPort, "DevLink3"})
	}
	return all
}

func (u *unit) devLink() bool { return u.known && u.level.AtLeast(10, 0) }

var ports = question{
	Check: check.Check{
		ID:          "ip-office/12",
		Title:       "the ports of its level can be reached",
		Requirement: "HTTP takes connections; from level 3.2 also discovery, configuration and security settings, and from 10.0 DevLink3.",
		Source:      "IPO-ID-2, IPO-PORT-1, IPO-PORT-2, IPO-IF-1",
		Level:       check.Should,
		Advice: check.Advices{check.AnyServer: {
			Text: "refused: the switch is off or the base is another one (--base); timeout: a firewall on the way drops it, see the table of ports in doc/ip-office.md",
		}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		var wrong []string
		for _, s := range u.services() {
			l, err := manager.Connect(ctx, u.manager, u.addr, s.port)
			if err == nil {
				l.Close()
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s for %s: %s", u.portWords(s.port), s.name, word(err)))
		}
		return faults("connections at all of them", wrong, "%d ports", len(u.services()))
	},
}

// anyPort reports whether one of the ports takes a connection.
func (u *unit) anyPort(ctx context.Context) bool {
	for _, s := range u.services() {
		if l, err := manager.Connect(ctx, u.manager, u.addr, s.port); err == nil {
			l.Close()
			return true
		}
	}
	return false
}

// word returns the word of a failure.
func word(err error) string {
	var f *manager.Failure
	if errors.As(err, &f) {
		return f.Word
	}
	return err.Error()
}

// ownWire says that a port speaks something else than provsim's lab link.
const ownWire = "it does not speak the lab link, which is provsim's own; a genuine unit does not"

var found = question{
	Check: check.Check{
		ID:          "ip-office/13",
		Title:       "a Manager that has its address finds it",
		Requirement: "On another network the unit answers an ICMP echo, without which a Manager asks no further; then it says by TCP who it is, and is the unit that UDP has found. The bytes by TCP are provsim's own.",
		Source:      "MGR-3, MGR-5, IPO-LNK-2",
		Level:       check.Should,
		Advice:      check.Advices{check.AnyServer: {Text: "let ICMP echo and TCP 50802 pass between the Manager's network and the unit"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		row := manager.Find(ctx, u.manager, u.addr)
		switch {
		case row.Outcome == manager.NoEcho:
			return check.Fail("an echo reply", "%s", row.Outcome)
		case row.Outcome == manager.Unknown:
			return check.Skip("port %s listens: %s", u.portWords(manager.DiscoveryPort), ownWire)
		case row.Outcome != "":
			return check.Skip("port %s: %s; see ip-office/12", u.portWords(manager.DiscoveryPort), row.Outcome)
		}
		if first, ok := manager.ParseWhoIs(u.who); ok && first.MAC != row.MAC {
			return check.Fail("the unit that UDP has found", "another hardware address than by UDP")
		}
		return check.Pass("found by %s", row.Words())
	},
}

var beforeLogin = question{
	Check: check.Check{
		ID:          "ip-office/14",
		Title:       "nothing is read before a login",
		Requirement: "Configuration, security settings and files of DevLink3 are read after a login alone, and below level 3.2 with the password alone. The lab link and the configuration by TFTP are provsim's own wire.",
		Source:      "IPO-LNK-5, IPO-DL-4, IPO-OLD-1",
		Level:       check.Must,
		Tags:        []check.Tag{check.Security},
		Advice:      check.Advices{check.AnyServer: {Text: "let only the Manager's addresses reach these ports, and find out what answers there"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "a refusal"
		if !u.young() {
			if u.mute {
				return u.silent()
			}
			if r := u.file(ctx, ipoffice.OldName("")); r.Outcome == resync.None {
				return check.Fail(expected, "the configuration by TFTP without its password")
			}
			return check.Pass("refused by TFTP")
		}
		asked, closed := 0, ""
		var read []string
		for _, q := range u.guarded() {
			l, err := manager.Connect(ctx, u.manager, u.addr, q.port)
			if err != nil {
				closed = fmt.Sprintf("port %s: %s; see ip-office/12", u.portWords(q.port), word(err))
				continue
			}
			for _, name := range q.files {
				body, err := l.Read(name)
				switch w := ""; {
				case err == nil:
					read = append(read, fmt.Sprintf("port %s gives %d bytes of %s", u.portWords(q.port), len(body), name))
				default:
					w = word(err)
					if w == "timeout" || w == "bad-answer" || w == "unreachable" {
						closed = fmt.Sprintf("port %s listens: %s", u.portWords(q.port), ownWire)
						continue
					}
				}
				asked++
			}
			l.Close()
		}
		if asked == 0 {
			return check.Skip("%s", closed)
		}
		return faults(expected, read, "%d reads are refused", asked)
	},
}

// guarded is what is read after a login alone.
type guarded struct {
	port  int
	files []string
}

func (u *unit) guarded() []guarded {
	all := []guarded{{u.base, []string{ipoffice.ConfigName, ipoffice.AuditName}}, {u.base + 8, []string{ipoffice.SecurityName}}}
	if u.devLink() {
		all = append(all, guarded{manager.DevLinkPort, []string{userList}})
	}
	return all
}

var equalAnswers = question{
	Check: check.Check{
		ID:          "ip-office/15",
		Title:       "an unknown user and a wrong password look alike",
		Requirement: "A login as a user that does not exist, and one as a user of a new unit with a wrong password, get the same answer; each has a challenge of its own. The lab link is provsim's own, DevLink3 is real.",
		Source:      "IPO-LNK-3, IPO-LNK-5, IPO-DL-3, IPO-SEC-3",
		Level:       check.Must,
		Tags:        []check.Tag{check.Security},
		Needs:       []check.Need{check.Login},
		// Logins are counted, and a Manager at the same time would see a locked user.
		Alone:  true,
		Advice: check.Advices{check.AnyServer: {Text: "answer with one result for unknown, wrong and denied, and draw each challenge at random"}},
	},
	ask: func(ctx context.Context, u *unit) check.Finding {
		const expected = "equal answers, and challenges that are new"
		tried, closed := 0, "a unit below 3.2 has no users"
		var wrong []string
		for _, p := range u.logins() {
			of := p.name + " at port " + u.portWords(p.port)
			unknown, err := u.login(ctx, p, "provsim-nobody")
			if err != nil {
				closed = of + ": " + word(err)
				continue
			}
			known, err := u.login(ctx, p, p.user)
			if err != nil {
				closed = of + ": " + word(err)
				continue
			}
			tried++
			switch {
			case bytes.Equal(unknown.challenge, known.challenge):
				wrong = append(wrong, of+": one challenge twice")
			case known.result == wire.Locked && unknown.result != wire.Locked:
				return check.Skip("%s: the user %s is locked", of, p.user)
			case !bytes.Equal(unknown.answer, known.answer):
				wrong = append(wrong, fmt.Sprintf("%s: %08X for an unknown user, %08X for %s with a wrong password, or other bytes behind it",
					of, uint32(unknown.result), uint32(known.result), p.user))
			}
		}
		if tried == 0 {
			return check.Skip("%s", closed)
		}
		return faults(expected, wrong, "%d ports", tried)
	},
}

// loginPort is a port with users of a new unit (IPO-SEC-2). A user gets one wrong password
// at most: three within ten minutes may lock it (IPO-SEC-3).
type loginPort struct {
	name string
	port int
	user string
}

func (u *unit) logins() []loginPort {
	if !u.young() {
		return nil
	}
	all := []loginPort{{"configuration", u.base, "Administrator"}, {"security settings", u.base + 8, "security"}}
	if u.devLink() {
		all = append(all, loginPort{"DevLink3", manager.DevLinkPort, "Manager"})
	}
	return all
}

// attempt is a login that was rejected.
type attempt struct {
	challenge []byte
	result    wire.Result
	answer    []byte // from the result on
}

// login tries a wrong password. The error is one of the connection, or says that the port
// speaks something else.
func (u *unit) login(ctx context.Context, p loginPort, user string) (a attempt, err error) {
	l, err := manager.Connect(ctx, u.manager, u.addr, p.port)
	if err != nil {
		return a, err
	}
	defer l.Close()
	const password = "provsim-wrong"
	devLink := p.port == manager.DevLinkPort
	hello := wire.New(wire.Hello, 1).Text("provsim check")
	if devLink {
		hello = wire.New(wire.DevLink, 1).Uint32(1).Text(user)
	}
	r, err := exchange(l, hello)
	if err != nil {
		return a, err
	}
	if result := wire.Result(r.Uint32()); result != wire.Challenge {
		return a, errors.New(ownWire)
	}
	if a.challenge = r.Take(int(r.Uint32())); r.Bad {
		return a, errors.New(ownWire)
	}
	proof := ipoffice.Proofs(a.challenge, user, ipoffice.Verifier(user, password))
	m := wire.New(wire.Proof, 2)
	if devLink {
		proof = ipoffice.DevLinkProof(a.challenge, ipoffice.DevLinkKey(password))
		m = wire.New(wire.DevLink, 2).Uint32(0x50)
	}
	if r, err = exchange(l, m.Uint32(uint32(len(proof))).Bytes(proof)); err != nil {
		return a, err
	}
	a.answer = r.Rest()
	if len(a.answer) < 4 {
		return a, errors.New(ownWire)
	}
	again := wire.Parse(append(make([]byte, 8), a.answer...))
	a.result = wire.Result(again.Uint32())
	return a, nil
}

// exchange sends a message and reads its answer.
func exchange(l *manager.Link, m wire.Message) (*wire.Reader, error) {
	payload, err := l.Exchange(m)
	if err != nil {
		return nil, fmt.Errorf("%s (%w)", ownWire, err)
	}
	asked, r := wire.Parse(m), wire.Parse(payload)
	if r.Bad || r.Type != asked.Type|wire.Answer || r.ID != asked.ID {
		return nil, errors.New(ownWire)
	}
	return r, nil
}
