package ipoffice

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/netip"
	"slices"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ipoffice/wire"
)

const (
	devLinkMost = 3                // connections (IPO-DL-5)
	rejectTime  = 10 * time.Minute // IPO-SEC-3
	longestApp  = 64
)

// Session is one TCP connection with frames.
type Session struct {
	service string // of a Port
	from    netip.AddrPort
	nonce   []byte // the challenge that was sent
	claimed string // by DevLink3: whose challenge it is
	user    string // that has logged in
	rights  Right
	full    bool // too many others are there
}

// Connect begins a session at a port that has some others.
func (u *Unit) Connect(p Port, from netip.AddrPort, others int) *Session {
	return &Session{service: p.Service, from: from, full: p.Service == "devlink3" && others >= devLinkMost}
}

// Knows reports whether a payload is a message of the lab link or of DevLink3: other
// first bytes are recorded (IPO-REC-1).
func Knows(payload []byte) bool {
	switch wire.Parse(payload).Type {
	case wire.Test, wire.DevLink, wire.Events, wire.Read, wire.Hello, wire.Proof, wire.Write, wire.Command:
		return true
	}
	return false
}

// Frame takes a message of a session.
func (u *Unit) Frame(now time.Time, s *Session, payload []byte) []Action {
	r := wire.Parse(payload)
	switch {
	case !u.down.IsZero():
		u.hangUp()
	case s.service == "discovery":
		u.discovery(now, s, r)
	case s.service == "devlink3":
		u.devLink(now, s, r)
	default:
		u.link(now, s, r)
	}
	return u.take()
}

func (u *Unit) send(m wire.Message) { u.acts = append(u.acts, Action{Do: Send, Body: m}) }

func (u *Unit) hangUp() { u.acts = append(u.acts, Action{Do: Close}) }

func (u *Unit) answer(r *wire.Reader, result wire.Result) { u.send(wire.Reply(r.Type, r.ID, result)) }

// discovery answers one read of who the unit is, and closes (IPO-LNK-2).
func (u *Unit) discovery(now time.Time, s *Session, r *wire.Reader) {
	if name := r.Sized(); r.Type == wire.Read && r.End() && wire.IsWhoIs(name) {
		body, _ := u.file(name)
		u.send(wire.Reply(r.Type, r.ID, wire.OK).Bytes(body))
		u.tell(role.Record{Wall: now, Event: "discovery", Outcome: "sent", Note: s.from.String()})
	}
	u.hangUp()
}

// test answers a test (IPO-DL-2).
func (u *Unit) test(r *wire.Reader) {
	data := r.Take(int(r.Uint32()))
	switch {
	case len(data) > 1000:
		u.answer(r, wire.TooLong)
	case !r.End():
		u.hangUp()
	default:
		u.send(wire.Reply(r.Type, r.ID, wire.OK).Uint32(uint32(len(data))).Bytes(data))
	}
}

// link takes the messages of configuration and security settings (IPO-LNK-3, -4).
func (u *Unit) link(now time.Time, s *Session, r *wire.Reader) {
	switch {
	case r.Type == wire.Test:
		u.test(r)
	case r.Type == wire.Hello:
		u.hello(s, r)
	case r.Type == wire.Proof:
		u.proof(now, s, r)
	case r.Type != wire.Read && r.Type != wire.Write && r.Type != wire.Command:
		u.hangUp()
	case s.user == "":
		u.answer(r, wire.NotLoggedIn)
	case r.Type == wire.Read:
		u.read(s, r)
	case r.Type == wire.Write:
		u.write(now, s, r)
	default:
		u.command(now, s, r)
	}
}

// hello sends a challenge, which is a new one each time.
func (u *Unit) hello(s *Session, r *wire.Reader) {
	if app := r.Text(); !r.End() || len(app) > longestApp {
		u.hangUp()
		return
	}
	s.nonce, s.user = u.challenge(), ""
	u.send(wire.Reply(r.Type, r.ID, wire.Challenge).Uint32(16).Bytes(s.nonce))
}

func (u *Unit) challenge() []byte {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(u.c.Random, nonce); err != nil {
		panic("ipoffice: the source of random numbers ended: " + err.Error())
	}
	return nonce
}

// Proofs returns what a client sends of a name and of what [Verifier] makes of its
// password, for a challenge (IPO-LNK-3).
func Proofs(nonce []byte, name string, verifier []byte) []byte {
	return append(mac(nonce, []byte(name)), mac(verifier, nonce)...)
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// proof ends a login. Unknown user, wrong password and no right are one answer, and
// take the same work.
func (u *Unit) proof(now time.Time, s *Session, r *wire.Reader) {
	size, who, pass := r.Uint32(), r.Take(32), r.Take(32)
	if !r.End() || size != 64 {
		u.hangUp()
		return
	}
	nonce := s.nonce
	s.nonce = nil // a challenge counts once
	if nonce == nil {
		u.answer(r, wire.NotLoggedIn)
		return
	}
	name, known, verifier := "", false, make([]byte, sha256.Size)
	for n, user := range u.security.users {
		if subtle.ConstantTimeCompare(mac(nonce, []byte(n)), who) == 1 {
			name, known, verifier = n, true, user.verifier
		}
	}
	right := subtle.ConstantTimeCompare(mac(verifier, nonce), pass) == 1 && known
	needed := Right(127)
	if s.service == "security" {
		needed = MayReadSecurity | MayWriteSecurity
	}
	result := u.login(now, name, known, right)
	rights := u.security.rights(name)
	if result == wire.OK && rights&needed == 0 {
		result = wire.Denied
	}
	if result == wire.OK {
		s.user, s.rights = name, rights
	} else {
		rights = 0
	}
	u.tellLogin(now, s, result)
	u.send(wire.Reply(r.Type, r.ID, result).Uint32(uint32(rights)))
}

// tellLogin writes how a login went. A name that is no user's is nowhere.
func (u *Unit) tellLogin(now time.Time, s *Session, result wire.Result) {
	word := map[wire.Result]string{wire.OK: "accepted", wire.Denied: "unauthorized", wire.Locked: "locked"}[result]
	note := s.service + ", from " + s.from.String()
	if s.user != "" {
		note = s.user + ", " + note
	}
	u.tell(role.Record{Wall: now, Event: "login", Outcome: word, Note: note})
}

// login counts the rejected logins of a user, and returns the result of a login
// (IPO-SEC-3).
func (u *Unit) login(now time.Time, name string, known, right bool) wire.Result {
	user := u.security.users[name]
	switch {
	case !known:
		return wire.Denied
	case user.disabled || now.Before(u.locked[name]):
		return wire.Locked
	case right:
		delete(u.rejected, name)
		return wire.OK
	}
	recent := append(u.recent(now, name), now)
	u.rejected[name] = recent[max(0, len(recent)-256):]
	if limit := u.security.limit; limit == 0 || len(recent) < limit {
		return wire.Denied
	}
	if u.security.action != "none" {
		u.note(now, "rejected login "+name)
	}
	switch {
	case name == securityUser:
	case u.security.action == "disable":
		user.disabled = true
		delete(u.rejected, name)
	case u.security.action == "temporary":
		u.locked[name] = now.Add(rejectTime)
		delete(u.rejected, name)
	}
	if u.security.action != "none" {
		u.save()
	}
	return wire.Denied
}

// recent returns when a user was rejected within ten minutes.
func (u *Unit) recent(now time.Time, name string) []time.Time {
	return slices.DeleteFunc(u.rejected[name], func(t time.Time) bool { return now.Sub(t) >= rejectTime })
}

// devLink takes the messages of DevLink3 (IPO-DL-2 to IPO-DL-5).
func (u *Unit) devLink(now time.Time, s *Session, r *wire.Reader) {
	switch {
	case s.full:
		u.answer(r, wire.TooMany)
		u.hangUp()
	case r.Type == wire.Test:
		u.test(r)
	case r.Type == wire.DevLink:
		u.devLinkLogin(now, s, r)
	case r.Type != wire.Read && r.Type != wire.Events:
		u.hangUp()
	case s.user == "":
		u.answer(r, wire.NotLoggedIn)
	case r.Type == wire.Events:
		u.answer(r, wire.OK)
	default:
		name := r.Sized()
		if !r.End() {
			u.hangUp()
			return
		}
		body, ok := u.file(name)
		if !ok {
			u.answer(r, wire.NotFound)
			return
		}
		u.send(wire.Reply(r.Type, r.ID, wire.OK).Bytes(body))
	}
}

// DevLinkProof returns what a client sends for a challenge, with what [DevLinkKey]
// makes of its password (IPO-DL-3).
func DevLinkProof(challenge, key []byte) []byte {
	sum := sha1.Sum(append(slices.Clone(challenge), key...))
	return sum[:]
}

// devLinkLogin takes both steps of a login (IPO-DL-3).
func (u *Unit) devLinkLogin(now time.Time, s *Session, r *wire.Reader) {
	step := r.Uint32()
	if step == 1 {
		s.claimed, s.user = r.Text(), ""
		if s.nonce = nil; r.Bad || len(s.claimed) > longestApp { // tuples may follow
			u.hangUp()
			return
		}
		s.nonce = u.challenge()
		u.send(wire.Reply(r.Type, r.ID, wire.Challenge).Uint32(16).Bytes(s.nonce))
		return
	}
	proof := r.Take(int(r.Uint32()))
	if step != 0x50 || !r.End() || s.nonce == nil {
		u.hangUp()
		return
	}
	nonce, name := s.nonce, s.claimed
	s.nonce = nil
	user, key := u.security.users[name], make([]byte, 16)
	known := user != nil && user.devLink != nil
	if known {
		key = user.devLink
	}
	right := subtle.ConstantTimeCompare(DevLinkProof(nonce, key), proof) == 1 && known
	result := wire.Locked // past the limit, whatever follows from it on the lab link
	if limit := u.security.limit; limit == 0 || len(u.recent(now, name)) < limit {
		result = u.login(now, name, known, right)
	}
	if result != wire.OK {
		u.tellLogin(now, s, result)
		u.answer(r, result)
		return
	}
	s.user = name
	u.tellLogin(now, s, result)
	u.send(wire.Reply(r.Type, r.ID, wire.OK).
		Uint32(0x007D0001).Sized("Avaya IP500v2 " + u.c.Level.String()).
		Uint32(0x007D0002).Sized("Standard 1.0"))
}
