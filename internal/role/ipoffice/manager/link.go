package manager

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/wire"
)

// Link is a connection with a unit (MGR-7). Those of the lab link and of DevLink3 are
// logged in; discovery asks for no login.
type Link struct {
	conn    net.Conn
	reader  *bufio.Reader
	timeout time.Duration
	id      uint32
}

// Account is who logs in.
type Account struct{ User, Password string }

// app is what the Manager calls itself.
const app = "provsim manager"

// Login connects to a port of the lab link and logs in (IPO-LNK-3). Neither name nor
// password is on the wire. The error is a *[Failure].
func Login(ctx context.Context, o Options, addr netip.Addr, port int, a Account) (*Link, error) {
	return connect(ctx, o, addr, port, func(l *Link) error {
		r, err := l.ask(wire.New(wire.Hello, l.next()).Text(app), wire.Challenge)
		if err != nil {
			return err
		}
		nonce := r.Take(int(r.Uint32()))
		proofs := ipoffice.Proofs(nonce, a.User, ipoffice.Verifier(a.User, a.Password))
		_, err = l.ask(wire.New(wire.Proof, l.next()).Uint32(uint32(len(proofs))).Bytes(proofs), wire.OK)
		return err
	})
}

// LoginDevLink connects to DevLink3 and logs in (IPO-DL-3). The name is on the wire.
func LoginDevLink(ctx context.Context, o Options, addr netip.Addr, a Account) (*Link, error) {
	return connect(ctx, o, addr, DevLinkPort, func(l *Link) error {
		r, err := l.ask(wire.New(wire.DevLink, l.next()).Uint32(1).Text(a.User), wire.Challenge)
		if err != nil {
			return err
		}
		proof := ipoffice.DevLinkProof(r.Take(int(r.Uint32())), ipoffice.DevLinkKey(a.Password))
		_, err = l.ask(wire.New(wire.DevLink, l.next()).Uint32(0x50).Uint32(uint32(len(proof))).Bytes(proof), wire.OK)
		return err
	})
}

// connect opens a connection and calls login, whose error closes it.
func connect(ctx context.Context, o Options, addr netip.Addr, port int, login func(*Link) error) (*Link, error) {
	l, err := Connect(ctx, o, addr, port)
	if err != nil {
		return nil, err
	}
	if err := login(l); err != nil {
		l.Close()
		return nil, failure(err)
	}
	return l, nil
}

// Connect opens a connection without a login. The error is a *[Failure].
func Connect(ctx context.Context, o Options, addr netip.Addr, port int) (*Link, error) {
	conn, err := o.dial(ctx, addr, port)
	if err != nil {
		return nil, failure(err)
	}
	return &Link{conn: conn, reader: bufio.NewReader(conn), timeout: o.Timeout}, nil
}

// Close ends the connection.
func (l *Link) Close() { l.conn.Close() }

func (l *Link) next() uint32 {
	l.id++
	return l.id
}

// ask sends a message and reads its answer. A result that is not wanted is a *[Failure].
func (l *Link) ask(m wire.Message, want wire.Result) (*wire.Reader, error) {
	payload, err := l.Exchange(m)
	if err != nil {
		return nil, err
	}
	asked, r := wire.Parse(m), wire.Parse(payload)
	result := wire.Result(r.Uint32())
	switch {
	case r.Bad || r.Type != asked.Type|wire.Answer || r.ID != asked.ID:
		return nil, &Failure{Word: "bad-answer", Note: noConversation}
	case result == want:
		return r, nil
	}
	return nil, refusal(result, r)
}

// Exchange sends a message and returns the payload of the frame that comes next, whatever
// it is.
func (l *Link) Exchange(m wire.Message) ([]byte, error) {
	frame, err := wire.AppendFrame(nil, m)
	if err != nil {
		return nil, &Failure{Word: "refused", Note: err.Error()}
	}
	if err := l.conn.SetDeadline(time.Now().Add(l.timeout)); err != nil {
		return nil, err
	}
	if _, err := l.conn.Write(frame); err != nil {
		return nil, err
	}
	return wire.ReadFrame(l.reader)
}

// refusal says what a result means (MGR-8).
func refusal(result wire.Result, r *wire.Reader) *Failure {
	switch result {
	case wire.Denied, wire.NotLoggedIn:
		return &Failure{Word: "unauthorized", Note: AccessDenied}
	case wire.Locked:
		return &Failure{Word: "locked", Note: AccountLocked}
	case wire.NotFound:
		return &Failure{Word: "not-found", Note: "the unit has no such file"}
	case wire.Refused:
		return &Failure{Word: "refused", Note: fmt.Sprintf("the unit refuses the contents: %.200q", r.Text())}
	}
	return &Failure{Word: "bad-answer", Note: fmt.Sprintf("the unit answers %08X", uint32(result))}
}

// Read reads something by its name.
func (l *Link) Read(name string) ([]byte, error) {
	r, err := l.ask(wire.New(wire.Read, l.next()).Sized(name), wire.OK)
	if err != nil {
		return nil, failure(err)
	}
	return r.Rest(), nil
}

// Write writes a configuration or security settings.
func (l *Link) Write(name string, contents []byte, mode ipoffice.Mode, at uint32) error {
	m := wire.New(wire.Write, l.next()).Uint32(uint32(mode)).Uint32(at).Sized(name).Bytes(contents)
	return l.done(m)
}

// Command has the unit do something.
func (l *Link) Command(op ipoffice.Op, mode ipoffice.Mode, at uint32) error {
	return l.done(wire.New(wire.Command, l.next()).Uint32(uint32(op)).Uint32(uint32(mode)).Uint32(at))
}

func (l *Link) done(m wire.Message) error {
	if _, err := l.ask(m, wire.OK); err != nil {
		return failure(err)
	}
	return nil
}

// OldConfig returns the configuration of a unit below 3.2, which one password protects
// (IPO-OLD-1).
func OldConfig(ctx context.Context, o Options, addr netip.Addr, password string) ([]byte, error) {
	reply := o.tftp(ctx, addr, ipoffice.OldName(password), nil)
	if f := oldFailure(reply); f != nil {
		return nil, f
	}
	return reply.Body, nil
}

// SendOld stores a configuration in such a unit, which reboots.
func SendOld(ctx context.Context, o Options, addr netip.Addr, password string, contents []byte) error {
	reply := o.tftp(ctx, addr, ipoffice.OldName(password), func() []byte { return contents })
	if f := oldFailure(reply); f != nil {
		return f
	}
	return nil
}
