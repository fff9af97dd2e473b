package ipoffice

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/internal/role/ipoffice/wire"
)

// client talks to a unit without a network.
type client struct {
	t      testing.TB
	u      *Unit
	s      *Session
	now    time.Time
	acts   []Action
	closed bool
}

func connect(t testing.TB, u *Unit, service string) *client {
	return &client{t: t, u: u, s: u.Connect(Port{Service: service, Network: "tcp"}, somewhere, 0), now: noon}
}

// say sends a message and returns the answer without its type and number; nil for none.
func (c *client) say(m wire.Message) *wire.Reader {
	c.t.Helper()
	var answer *wire.Reader
	c.acts = c.u.Frame(c.now, c.s, m)
	for _, a := range c.acts {
		switch a.Do {
		case Send:
			answer = wire.Parse(a.Body)
			if asked := wire.Parse(m); answer.Type != asked.Type|wire.Answer || answer.ID != asked.ID {
				c.t.Errorf("the answer to %x %d is %x %d", asked.Type, asked.ID, answer.Type, answer.ID)
			}
		case Close:
			c.closed = true
		}
	}
	return answer
}

// login logs in and returns the result and the rights.
func (c *client) login(name, password string) (wire.Result, Right) {
	c.t.Helper()
	r := c.say(wire.New(wire.Hello, 1).Text("test"))
	if wire.Result(r.Uint32()) != wire.Challenge || r.Uint32() != 16 {
		c.t.Fatal("no challenge")
	}
	r = c.say(wire.New(wire.Proof, 2).Uint32(64).Bytes(Proofs(r.Take(16), name, Verifier(name, password))))
	return wire.Result(r.Uint32()), Right(r.Uint32())
}

func (c *client) result(m wire.Message) wire.Result {
	c.t.Helper()
	r := c.say(m)
	if r == nil {
		c.t.Fatal("no answer")
	}
	return wire.Result(r.Uint32())
}

func put(mode Mode, name, text string) wire.Message {
	return wire.New(wire.Write, 7).Uint32(uint32(mode)).Uint32(NoTime).Sized(name).Bytes([]byte(text))
}

func command(op Op, mode Mode, at uint32) wire.Message {
	return wire.New(wire.Command, 8).Uint32(uint32(op)).Uint32(uint32(mode)).Uint32(at)
}

// The vectors of both logins (IPO-LNK-3, IPO-DL-3).
func TestLoginVectors(t *testing.T) {
	nonce := make([]byte, 16)
	counting{}.Read(nonce)
	proof := wire.New(wire.Proof, 2).Uint32(64).Bytes(Proofs(nonce, "Administrator", Verifier("Administrator", "Administrator")))
	frame, err := wire.AppendFrame(nil, proof)
	const want = "49004f00f000020000000200000040f3e0571f107e67186ce65150d6081e56819fbece1713f9ffed2260144c1499a4da4c1e225454dcd8e65eb4790a4b830d92a2c9d2fb4080c3768c6e6c5db900e4"
	got := hex.EncodeToString(frame)
	if err != nil || got[:14] != want[:14] || got[22:] != want[22:] { // the request's number is that of the vector's client
		t.Errorf("the proof is %s, error %v", got, err)
	}
	if got := hex.EncodeToString(DevLinkProof(nonce, DevLinkKey("secret"))); got != "add1e5c55e9a133efc7337fb271e91b372eb55a4" {
		t.Errorf("the proof of DevLink3 is %s", got)
	}
}

// Defaults and their rights (IPO-SEC-1, IPO-SEC-2); unknown user, wrong password and no
// right are one answer, byte by byte (IPO-LNK-5), and a challenge counts once.
func TestLogins(t *testing.T) {
	for _, c := range []struct {
		service, name, password string
		result                  wire.Result
		rights                  Right
	}{
		{"configuration", "Administrator", "Administrator", wire.OK, 127},
		{"configuration", "Manager", "Manager", wire.OK, 103},
		{"configuration", "Operator", "Operator", wire.OK, 5},
		{"security", "security", "securitypwd", wire.OK, 768},
		{"configuration", "security", "securitypwd", wire.Denied, 0},
		{"security", "Administrator", "Administrator", wire.Denied, 0},
		{"configuration", "Administrator", "administrator", wire.Denied, 0},
		{"configuration", "nobody", "Administrator", wire.Denied, 0},
	} {
		cl := connect(t, newUnit(t, config(t, "3.2")), c.service)
		if result, rights := cl.login(c.name, c.password); result != c.result || rights != c.rights {
			t.Errorf("%s at %s: %x with %d, want %x with %d", c.name, c.service, result, rights, c.result, c.rights)
		}
		if result := cl.result(wire.New(wire.Read, 3).Sized(ConfigName)); c.result == wire.Denied && result != wire.NotLoggedIn {
			t.Errorf("%s reads without a login: %x", c.name, result)
		}
	}
	cl := connect(t, newUnit(t, config(t, "3.2")), "configuration")
	r := cl.say(wire.New(wire.Hello, 1).Text("test"))
	r.Take(8)
	proof := wire.New(wire.Proof, 2).Uint32(64).Bytes(Proofs(r.Take(16), "Administrator", Verifier("Administrator", "Administrator")))
	if result := cl.result(proof); result != wire.OK {
		t.Fatalf("the login is %x", result)
	}
	if result := cl.result(proof); result != wire.NotLoggedIn {
		t.Errorf("the same proof again is %x", result)
	}
	other := connect(t, cl.u, "configuration")
	if result := other.result(proof); result != wire.NotLoggedIn {
		t.Errorf("the proof on another connection is %x", result)
	}
}

// Three rejected logins within ten minutes have the consequence that is set, for that
// user alone, and a success clears the count (IPO-SEC-3, IPO-SEC-4).
func TestLockout(t *testing.T) {
	for _, c := range []struct {
		action        string
		limit         string
		gap           time.Duration // between two tries
		at3, later    wire.Result   // with the right password: then, and 11 minutes later
		audited, kept bool
	}{
		{"none", "3", time.Second, wire.OK, wire.OK, false, false},
		{"log", "3", time.Second, wire.OK, wire.OK, true, false},
		{"temporary", "3", time.Second, wire.Locked, wire.OK, true, false},
		{"temporary", "3", 6 * time.Minute, wire.OK, wire.OK, false, false},
		{"temporary", "0", time.Second, wire.OK, wire.OK, false, false},
		{"temporary", "4", time.Second, wire.OK, wire.OK, false, false},
		{"disable", "3", time.Second, wire.Locked, wire.Locked, true, true},
	} {
		conf := config(t, "3.2")
		for key, value := range map[string]string{"security.reject-limit": c.limit, "security.reject-action": c.action} {
			if err := conf.Security.set(key, value); err != nil {
				t.Fatal(err)
			}
		}
		u := newUnit(t, conf)
		cl := connect(t, u, "configuration")
		for range 3 {
			if result, _ := cl.login("Operator", "wrong-1"); result != wire.Denied {
				t.Errorf("%+v: a wrong password is %x", c, result)
			}
			cl.now = cl.now.Add(c.gap)
		}
		audited := strings.Contains(strings.Join(u.audit, "\n"), "rejected login Operator")
		if result, _ := cl.login("Operator", "Operator"); result != c.at3 || audited != c.audited {
			t.Errorf("%+v: the right password is %x then, audited %v", c, result, audited)
		}
		if result, _ := cl.login("Manager", "Manager"); result != wire.OK {
			t.Errorf("%+v: another user is %x", c, result)
		}
		cl.now = cl.now.Add(11 * time.Minute)
		if result, _ := cl.login("Operator", "Operator"); result != c.later {
			t.Errorf("%+v: the right password is %x later", c, result)
		}
		if text := string(u.security.Text(true)); strings.Contains(text, "user.Operator.enabled=no") != c.kept {
			t.Errorf("%+v: the security settings have\n%s", c, text)
		}
	}
	u := newUnit(t, config(t, "3.2"))
	if err := u.security.set("security.reject-action", "disable"); err != nil {
		t.Fatal(err)
	}
	cl := connect(t, u, "security")
	for range 5 {
		cl.login("security", "wrong-1")
	}
	if result, _ := cl.login("security", "securitypwd"); result != wire.OK {
		t.Errorf("the user who cannot be locked is %x", result)
	}
	for range 2 { // a success clears
		cl.login("Operator", "wrong-1")
		cl.login("Operator", "wrong-1")
		connect(t, u, "configuration").login("Operator", "Operator")
	}
	if result, _ := connect(t, u, "configuration").login("Operator", "Operator"); result != wire.OK {
		t.Errorf("after a success the count goes on: %x", result)
	}
}

// What each right allows (IPO-SEC-1, IPO-LNK-4): every command and write of every
// default user.
func TestRights(t *testing.T) {
	text := string(config(t, "3.2").Records.Text())
	for name, m := range map[string]wire.Message{
		"read":      wire.New(wire.Read, 3).Sized(ConfigName),
		"audit":     wire.New(wire.Read, 3).Sized(AuditName),
		"merge":     put(Merge, ConfigName, text),
		"immediate": put(Immediate, ConfigName, text),
		"when free": put(WhenFree, ConfigName, text),
		"timed":     wire.New(wire.Write, 7).Uint32(uint32(Timed)).Uint32(60).Sized(ConfigName).Bytes([]byte(text)),
		"reboot":    command(Reboot, Immediate, NoTime),
		"erase":     command(Erase, Immediate, NoTime),
		"later":     command(Reboot, Timed, 100),
	} {
		for user, may := range map[string][]string{
			"Administrator": {"read", "audit", "merge", "immediate", "when free", "timed", "reboot", "erase", "later"},
			"Manager":       {"read", "audit", "merge", "when free", "timed", "later"},
			"Operator":      {"read", "audit", "merge"},
		} {
			cl := connect(t, newUnit(t, config(t, "3.2")), "configuration")
			cl.login(user, user)
			want := wire.Denied
			if slices.Contains(may, name) {
				want = wire.OK
			}
			if result := cl.result(m); result != want {
				t.Errorf("%s, %s: %x, want %x", user, name, result, want)
			}
		}
	}
	cl := connect(t, newUnit(t, config(t, "3.2")), "configuration")
	cl.login("Administrator", "Administrator")
	for want, m := range map[wire.Result]wire.Message{
		wire.NotFound: wire.New(wire.Read, 3).Sized(SecurityName),
		wire.Denied:   command(ResetSecurity, Immediate, NoTime),
		wire.Refused:  put(Merge, ConfigName, "system.name=SYS1"),
	} {
		if result := cl.result(m); result != want {
			t.Errorf("%x is %x, want %x", []byte(m[:4]), result, want)
		}
	}
	if r := cl.say(put(Immediate, ConfigName, "lan1.address=x")); wire.Result(r.Uint32()) != wire.Refused || r.Text() != "line 1, column 1: lan1.address: want an IPv4 address" {
		t.Error("the refusal does not name line and column")
	}
}

// A merge is in force at once for what is mergeable, and the rest after a reboot; the
// other modes are in force after their reboot (IPO-MEM-1, IPO-MEM-2, IPO-MEM-3).
func TestModes(t *testing.T) {
	u := newUnit(t, config(t, "3.2"))
	cl := connect(t, u, "configuration")
	cl.login("Administrator", "Administrator")
	change := func(mode Mode) string {
		r := config(t, "3.2").Records
		r["user.201.name"], r["line.1.type"] = "Ann"+fmt.Sprint(mode), fmt.Sprint(mode)
		return string(r.Text())
	}
	has := func(want string, user, line string) {
		t.Helper()
		if u.ram["user.201.name"] != user || u.ram["line.1.type"] != line {
			t.Errorf("%s: user %q, line %q, want %q and %q", want, u.ram["user.201.name"], u.ram["line.1.type"], user, line)
		}
	}
	cl.result(put(Merge, ConfigName, change(Merge)))
	has("after a merge", "Ann0", "")
	cl.result(put(Immediate, ConfigName, change(Immediate)))
	if !slices.ContainsFunc(cl.acts, func(a Action) bool { return a.Do == Restart }) || u.down.IsZero() {
		t.Error("an immediate write does not reboot")
	}
	has("before the reboot is over", "Ann0", "")
	if acts := u.Request(noon, somewhere, false, "nasystem/who_is", false); len(acts) > 0 { // IPO-MEM-5
		t.Errorf("while it reboots the unit does %+v", acts)
	}
	if got := u.Deadline(); got != noon.Add(30*time.Second) {
		t.Errorf("the reboot is over at %v", got)
	}
	u.Tick(noon.Add(29 * time.Second))
	has("early", "Ann0", "")
	u.Tick(noon.Add(30 * time.Second))
	has("after the reboot", "Ann1", "1")

	busy := config(t, "3.2")
	busy.Busy = time.Hour
	u = newUnit(t, busy)
	cl = connect(t, u, "configuration")
	cl.login("Administrator", "Administrator")
	cl.result(put(WhenFree, ConfigName, change(WhenFree)))
	u.Tick(noon.Add(59 * time.Minute))
	if !u.down.IsZero() || u.Deadline() != noon.Add(time.Hour) {
		t.Errorf("with a call the unit reboots at %v", u.Deadline())
	}
	u.Tick(noon.Add(time.Hour))
	u.Tick(u.Deadline())
	has("when free", "Ann2", "2")

	u = newUnit(t, config(t, "3.2"))
	cl = connect(t, u, "configuration")
	cl.login("Administrator", "Administrator")
	at := wire.New(wire.Write, 7).Uint32(uint32(Timed)).Uint32(13*60 + 5).Sized(ConfigName).Bytes([]byte(change(Timed)))
	cl.result(at)
	if want := noon.Add(65 * time.Minute); u.Deadline() != want || !strings.Contains(strings.Join(u.audit, "\n"), "write at 13:05") {
		t.Errorf("timed: at %v, want %v; %v", u.Deadline(), want, u.audit)
	}
	past := wire.New(wire.Command, 8).Uint32(uint32(Reboot)).Uint32(uint32(Timed)).Uint32(11 * 60)
	cl.result(past)
	if want := noon.Add(23 * time.Hour); u.restartAt != want {
		t.Errorf("a time that is past is %v, want %v", u.restartAt, want)
	}
}

// Once after midnight RAM goes to flash, so a merge of quirk merge=ram survives from
// then on, and not before (IPO-MEM-1, IPO-MEM-2).
func TestMidnight(t *testing.T) {
	for quirk, want := range map[bool][2]string{false: {"Ann", "Ann"}, true: {"Extn201", "Ann"}} {
		c := config(t, "3.2")
		c.Quirks.MergeInRAM = quirk
		u := newUnit(t, c)
		cl := connect(t, u, "configuration")
		cl.login("Operator", "Operator")
		r := config(t, "3.2").Records
		r["user.201.name"] = "Ann"
		cl.result(put(Merge, ConfigName, string(r.Text())))
		before := u.flash["user.201.name"]
		at := u.Deadline()
		if midnight := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC); at.Before(midnight) || at.After(midnight.Add(30*time.Minute)) {
			t.Errorf("the copy is made at %v", at)
		}
		u.Tick(at)
		if after := u.flash["user.201.name"]; before != want[0] || after != want[1] {
			t.Errorf("merge=ram %v: flash has %q, then %q, want %v", quirk, before, after, want)
		}
		if next := u.Deadline(); next != at.AddDate(0, 0, 1) {
			t.Errorf("the next copy is made at %v", next)
		}
	}
}

// While a reboot waits, flash has what is in force after it, and midnight does not change
// that (IPO-MEM-1, IPO-MEM-2).
func TestMidnightWhileARebootWaits(t *testing.T) {
	u := newUnit(t, config(t, "3.2"))
	cl := connect(t, u, "configuration")
	cl.login("Administrator", "Administrator")
	r := config(t, "3.2").Records
	r["user.201.name"] = "Ann"
	cl.result(wire.New(wire.Write, 7).Uint32(uint32(Timed)).Uint32(60).Sized(ConfigName).Bytes(r.Text()))
	if at := u.Deadline(); at != u.copyAt || !at.Before(u.restartAt) {
		t.Fatalf("the unit copies at %v, reboots at %v and is due at %v, want the copy first", u.copyAt, u.restartAt, at)
	}
	for range 3 { // the copy, the reboot, the start
		u.Tick(u.Deadline())
	}
	if u.ram["user.201.name"] != "Ann" || u.flash["user.201.name"] != "Ann" {
		t.Errorf("after the reboot RAM has %q and flash %q, want Ann", u.ram["user.201.name"], u.flash["user.201.name"])
	}
}

// The right of a mode, such as to reboot now, does not stand for the right to write
// (IPO-SEC-1): a user who has it alone reboots the unit, and sends no configuration.
func TestModeNeedsTheRightToWrite(t *testing.T) {
	for mode, right := range map[Mode]Right{Immediate: MayReboot, WhenFree: MayWhenFree, Timed: MayTimed} {
		for _, c := range []struct {
			has  Right
			want wire.Result
		}{{right, wire.Denied}, {MayWrite, wire.Denied}, {right | MayWrite, wire.OK}} {
			u := newUnit(t, config(t, "3.2"))
			u.security.groups["Operator"] = c.has
			cl := connect(t, u, "configuration")
			cl.login("Operator", "Operator")
			r := config(t, "3.2").Records
			r["user.201.name"] = "Ann"
			got := cl.result(wire.New(wire.Write, 7).Uint32(uint32(mode)).Uint32(60).Sized(ConfigName).Bytes(r.Text()))
			if stored := u.flash["user.201.name"] == "Ann"; got != c.want || stored != (c.want == wire.OK) {
				t.Errorf("mode %d with the rights %d: result %x, stored %v, want %x", mode, c.has, got, stored, c.want)
			}
		}
		u := newUnit(t, config(t, "3.2"))
		u.security.groups["Operator"] = right
		cl := connect(t, u, "configuration")
		cl.login("Operator", "Operator")
		if got := cl.result(command(Reboot, mode, 60)); got != wire.OK {
			t.Errorf("mode %d: a reboot with the right %d alone is %x, want it done", mode, right, got)
		}
	}
}

// A write of LAN1 is refused where this machine does not have the address; a good one
// holds from the reboot on (IPO-LAN-2).
func TestNewAddress(t *testing.T) {
	c := config(t, "3.2")
	c.Binds = func(a netip.Addr) bool { return a == netip.MustParseAddr("192.168.42.7") }
	u := newUnit(t, c)
	cl := connect(t, u, "configuration")
	cl.login("Administrator", "Administrator")
	text := string(c.Records.Text())
	r := cl.say(put(Immediate, ConfigName, strings.ReplaceAll(text, "192.168.42.1", "192.168.42.8")))
	if result, why := wire.Result(r.Uint32()), r.Text(); result != wire.Refused || !strings.Contains(why, "192.168.42.8 cannot be served here") {
		t.Errorf("an address that cannot be had is %x, %q", result, why)
	}
	if result := cl.result(put(Immediate, ConfigName, strings.ReplaceAll(text, "192.168.42.1", "192.168.42.7"))); result != wire.OK {
		t.Fatalf("a good address is %x", result)
	}
	before := u.LAN("lan1").Addr().String()
	u.Tick(u.Deadline())
	if after := u.LAN("lan1").Addr().String(); before != "192.168.42.1" || after != "192.168.42.7" {
		t.Errorf("the address is %s, then %s", before, after)
	}
}

// Below 3.2 one password reads and writes the configuration by TFTP, and a new one
// counts after the reboot (IPO-OLD-1, IPO-OLD-2; conversation C5). It is in no record.
func TestOldConfiguration(t *testing.T) {
	u := newUnit(t, config(t, "2.1", "system.password=pass/1"))
	const right, wrong = "nasystem/lab_config/pass%2F1", "nasystem/lab_config/secret1"
	if name := OldName("pass/1"); name != right {
		t.Errorf("the name is %s", name)
	}
	if got := asked(u, false, right, false); !strings.Contains(got, "system.name=SYS1\n") {
		t.Errorf("the configuration is %q", got)
	}
	for name, write := range map[string]bool{wrong: false, "nasystem/lab_config/": true, "nasystem/lab_config/%zz": false} {
		if got := asked(u, write, name, false); got != "ERROR 1 NotFound" {
			t.Errorf("%s gives %q", name, got)
		}
	}
	for _, a := range u.Request(noon, somewhere, false, wrong, false) {
		if a.Do == Tell && strings.Contains(fmt.Sprint(a.Record), "secret1") || a.Do == Keep {
			t.Errorf("the password is in %+v", a)
		}
	}
	if got := asked(u, true, right, false); got != "receive" {
		t.Errorf("a write gives %q", got)
	}
	if acts := u.Received(noon, []byte("nonsense")); len(acts) != 2 || acts[1].Do != Refuse {
		t.Errorf("nonsense gives %+v", acts)
	}
	r := config(t, "2.1", "system.password=other").Records
	acts := u.Received(noon, r.Text())
	saved := slices.IndexFunc(acts, func(a Action) bool { return a.Do == Save })
	sent := slices.IndexFunc(acts, func(a Action) bool { return a.Do == Send })
	if saved < 0 || sent < saved || acts[len(acts)-1].Do != Restart {
		t.Errorf("a write does %+v", acts)
	}
	u.Tick(u.Deadline())
	if got := asked(u, false, "nasystem/lab_config/other", false); !strings.Contains(got, "system.password=other") {
		t.Errorf("the new password gives %q", got)
	}
}

// DevLink3: a test before the login, the login in clear, files, events, a fourth
// connection, and lockout (IPO-DL-2 to IPO-DL-5).
func TestDevLink(t *testing.T) {
	conf := config(t, "10.0")
	if err := conf.Security.SetUser("Linker1", "a password of more than 16", []string{devLink}); err != nil {
		t.Fatal(err)
	}
	u := newUnit(t, conf)
	cl := connect(t, u, "devlink3")
	if r := cl.say(wire.New(wire.Test, 5).Uint32(4).Bytes([]byte("ping"))); r.Uint32() != 0 || r.Uint32() != 4 || string(r.Rest()) != "ping" {
		t.Error("a test does not come back")
	}
	if result := cl.result(wire.New(wire.Test, 5).Uint32(1001).Bytes(make([]byte, 1001))); result != wire.TooLong {
		t.Errorf("a long test is %x", result)
	}
	if result := cl.result(wire.New(wire.Read, 6).Sized("nasystem/user_list")); result != wire.NotLoggedIn {
		t.Errorf("a file without a login is %x", result)
	}
	login := func(cl *client, name, password string) *wire.Reader {
		r := cl.say(wire.New(wire.DevLink, 1).Uint32(1).Text(name))
		r.Take(8)
		return cl.say(wire.New(wire.DevLink, 2).Uint32(0x50).Uint32(20).Bytes(DevLinkProof(r.Take(16), DevLinkKey(password))))
	}
	r := login(cl, "Linker1", "a password of more than 16")
	if r.Uint32() != 0 || r.Uint32() != 0x007D0001 || r.Sized() != "Avaya IP500v2 10.0" || r.Uint32() != 0x007D0002 || r.Sized() != "Standard 1.0" || !r.End() {
		t.Error("the login does not say what the unit is")
	}
	if r := cl.say(wire.New(wire.Read, 6).Sized("nasystem/user_list")); r.Uint32() != 0 || !strings.HasPrefix(string(r.Rest()), "Extn201,") {
		t.Error("the file is not there")
	}
	if result := cl.result(wire.New(wire.Read, 6).Sized("nasystem/none")); result != wire.NotFound {
		t.Errorf("a file that is not there is %x", result)
	}
	if result := cl.result(wire.New(wire.Events, 6)); result != wire.OK {
		t.Errorf("events are %x", result)
	}
	if r := login(connect(t, u, "devlink3"), "Administrator", "Administrator"); wire.Result(r.Uint32()) != wire.Denied {
		t.Error("a user who is not of the group gets in")
	}
	for i := range 5 {
		want := wire.Denied
		if i >= 3 {
			want = wire.Locked
		}
		if r := login(connect(t, u, "devlink3"), "Linker1", "wrong-1"); wire.Result(r.Uint32()) != want {
			t.Errorf("try %d is not %x", i+1, want)
		}
	}
	if r := login(connect(t, u, "devlink3"), "Linker1", "a password of more than 16"); wire.Result(r.Uint32()) != wire.Locked {
		t.Error("the right password gets in past the limit")
	}
	late := connect(t, u, "devlink3")
	late.now = noon.Add(11 * time.Minute)
	if r := login(late, "Linker1", "a password of more than 16"); wire.Result(r.Uint32()) != wire.OK {
		t.Error("the right password does not get in after ten minutes")
	}
	fourth := connect(t, u, "devlink3")
	fourth.s = u.Connect(Port{Service: "devlink3"}, somewhere, 3)
	if result := fourth.result(wire.New(wire.DevLink, 1).Uint32(1).Text("Linker1")); result != wire.TooMany || !fourth.closed {
		t.Errorf("a fourth connection is %x", result)
	}
}

// Whatever a peer sends, the unit answers or closes, and never fails.
func FuzzSession(f *testing.F) {
	add := func(service string, messages ...wire.Message) {
		var b []byte
		for _, m := range messages {
			b, _ = wire.AppendFrame(b, m)
		}
		f.Add(service, true, b)
	}
	add("configuration", wire.New(wire.Read, 1).Sized(ConfigName), put(Merge, ConfigName, "lan1.address=192.168.42.1\nlan1.mask=255.255.255.0"), command(Reboot, Timed, 5))
	add("security", wire.New(wire.Read, 1).Sized(SecurityName), put(Merge, SecurityName, string(DefaultSecurity().Text(true))), command(ResetSecurity, Merge, 0))
	add("devlink3", wire.New(wire.DevLink, 1).Uint32(1).Text("Linker1"), wire.New(wire.DevLink, 2).Uint32(0x50).Uint32(20).Bytes(make([]byte, 20)))
	f.Fuzz(func(t *testing.T, service string, in bool, b []byte) {
		u := newUnit(t, config(t, "10.0"))
		cl := connect(t, u, service)
		if in && service != "devlink3" && service != "discovery" {
			cl.login("Administrator", "Administrator")
			cl.login("security", "securitypwd")
		}
		for len(b) > 3 && !cl.closed {
			n := min(int(b[1])<<8|int(b[2]), len(b))
			cl.acts = u.Frame(cl.now, cl.s, b[3:max(n, 3)])
			b = b[max(n, 3):]
			u.Tick(u.Deadline())
		}
		if !slices.ContainsFunc(slices.Collect(keys(u.security.users)), func(n string) bool { return u.security.rights(n)&MayWriteSecurity != 0 }) {
			t.Error("no one may write security settings")
		}
	})
}
