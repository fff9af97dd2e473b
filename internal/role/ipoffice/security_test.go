package ipoffice

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"provsim/internal/role/ipoffice/wire"
)

// The last writer wins (IPO-MEM-4); an erased unit is like a new one except for its security
// settings (IPO-MEM-5); the audit trail has its last 15 entries (IPO-SEC-4).
func TestWritersAndAudit(t *testing.T) {
	u := newUnit(t, config(t, "3.2"))
	one, two := connect(t, u, "configuration"), connect(t, u, "configuration")
	one.login("Administrator", "Administrator")
	two.login("Manager", "Manager")
	first, second := config(t, "3.2").Records, config(t, "3.2").Records
	first["user.201.name"], second["user.202.name"] = "One", "Two"
	one.result(put(Merge, ConfigName, string(first.Text())))
	two.result(put(Merge, ConfigName, string(second.Text())))
	if u.ram["user.201.name"] != "Extn201" || u.ram["user.202.name"] != "Two" {
		t.Errorf("after two writers there are %s and %s", u.ram["user.201.name"], u.ram["user.202.name"])
	}
	one.result(command(Erase, Immediate, NoTime))
	u.Tick(u.Deadline())
	if !bytes.Equal(u.ram.Text(), config(t, "3.2").Records.Text()) {
		t.Errorf("the erased unit has\n%s", u.ram.Text())
	}
	for _, want := range []string{"cold start", "merged by Administrator", "merged by Manager", "erased by Administrator", "reboot", "warm start"} {
		if !strings.Contains(strings.Join(u.audit, "\n")+"\n", " "+want+"\n") {
			t.Errorf("the audit trail lacks %q: %q", want, u.audit)
		}
	}
	three := connect(t, u, "configuration")
	three.login("Operator", "Operator")
	for range 20 {
		three.result(put(Merge, ConfigName, string(first.Text())))
	}
	if r := three.say(wire.New(wire.Read, 1).Sized(AuditName)); r.Uint32() != 0 || strings.Count(string(r.Rest()), "\n") != 15 {
		t.Errorf("the audit trail has %d entries", len(u.audit))
	}
}

// Security settings are read without what logs users in, and written as a whole; those
// that leave no one who may write them are refused (IPO-LNK-4, IPO-SEC-5). A stored base
// moves the ports (IPO-PORT-5), and what is stored outlives the power (IPO-MEM-1).
func TestSecuritySettings(t *testing.T) {
	u := newUnit(t, config(t, "3.2"))
	cl := connect(t, u, "security")
	cl.login("security", "securitypwd")
	r := cl.say(wire.New(wire.Read, 1).Sized(SecurityName))
	r.Uint32()
	text := string(r.Rest())
	if strings.Contains(text, "verifier") || !strings.Contains(text, "user.Operator.groups=Operator\n") {
		t.Fatalf("the settings are\n%s", text)
	}
	for _, c := range []struct{ old, new, want string }{
		{"user.security.groups=Security", "user.security.groups=Operator", "no enabled user has the right 512"},
		{"user.security.enabled=yes", "user.security.enabled=no", "can be neither deleted nor disabled"},
		{"user.Operator.groups=Operator", "user.Operator.groups=Nothing", "unknown group"},
		{"user.Operator.", "user.Somebody.", "user.Somebody.verifier is missing"},
		{"security.base=50804", "security.base=80", "want 49152 to 65526"},
		{"switch.http=on", "switch.http=maybe", "unknown setting or value"},
		{"group.Operator.rights=5", "group.Operator.rights=4096", "unknown setting or value"},
		{"user.Operator.", "user.Op.", "6 to 31"},
		{"switch.http=on", "switch.http=on\nswitch.http=on", "stands there twice"},
	} {
		bad := strings.ReplaceAll(text, c.old, c.new)
		r := cl.say(put(Merge, SecurityName, bad))
		if result, why := wire.Result(r.Uint32()), r.Text(); result != wire.Refused || !strings.Contains(why, c.want) {
			t.Errorf("%s: %x, %q, want %q", c.new, result, why, c.want)
		}
	}
	good := strings.NewReplacer("security.base=50804", "security.base=51000", "switch.http=on", "switch.http=off").Replace(text) +
		"user.Somebody.groups=Operator\nuser.Somebody.verifier=" + hex.EncodeToString(Verifier("Somebody", "password1")) + "\n"
	if result := cl.result(put(Merge, SecurityName, good)); result != wire.OK {
		t.Fatalf("good settings are %x", result)
	}
	var saved []byte
	opened := false
	for _, a := range cl.acts {
		switch a.Do {
		case Save:
			saved = a.Body
		case Send:
			if saved == nil {
				t.Error("the answer comes before the settings are stored")
			}
		case Open:
			opened = true
		}
	}
	if !opened {
		t.Error("the ports stay as they were")
	}
	again, _, err := New(config(t, "3.2"), saved, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []*Unit{u, again} {
		numbers := fmt.Sprint(unit.Ports())
		if !strings.Contains(numbers, " 51000}") || !strings.Contains(numbers, " 51008}") || strings.Contains(numbers, " 50804}") || strings.Contains(numbers, "http") {
			t.Errorf("the ports are %v", numbers)
		}
		if result, rights := connect(t, unit, "configuration").login("Somebody", "password1"); result != wire.OK || rights != 5 {
			t.Errorf("the new user is %x with %d", result, rights)
		}
		if result, _ := connect(t, unit, "configuration").login("Operator", "Operator"); result != wire.OK {
			t.Errorf("a user of before is %x", result)
		}
	}
	if _, _, err := New(config(t, "3.2"), saved[:len(saved)/2], noon); err == nil {
		t.Error("half a memory is taken")
	}
	if result := cl.result(command(ResetSecurity, Immediate, NoTime)); result != wire.OK || u.security.base != DefaultBase {
		t.Errorf("a reset is %x, the base then %d", result, u.security.base)
	}
}

func keys(m map[string]*serviceUser) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
