//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/conform"
	"provsim/internal/role/ipoffice"
	"provsim/internal/testing/peer"
)

// askUnit runs a command of the Manager against the units of a test.
func askUnit(t *testing.T, want int, args ...string) (out, talk string) {
	t.Helper()
	code, out, talk := provsim(t.Context(), append([]string{"manager"}, append(args, "--port-shift", "8000", "--timeout", "10s")...)...)
	if code != want {
		t.Errorf("manager %v ends with %d, want %d: %s%s", args, code, want, out, talk)
	}
	return out, talk
}

// What a user types at the Manager's side: a configuration is merged where it can be,
// and only a command that needs a password asks for one (MGR-8, MGR-9, MGR-11).
func TestManagerCommands(t *testing.T) {
	dir, addr := t.TempDir(), peer.Loopback()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	people := file("people.csv", "Ann,301,Ann Example,ann@example.com\nBob,302,,\n")
	log, unit := startRole(t, "ip-office", "--lan1", addr+"/24", "--port-shift", "8000", "--name", "SYS1", "--users", people,
		"--user", "Somebody:password1:Operator", "--state", filepath.Join(dir, "state"), "--json", "--level", "11.0", "--user", "Linker1:secret1:DevLink3")
	unit.await(t, "(listens at udp)")
	if line := log.await(t, `(.*"event":"real".*)`); !strings.Contains(line, "a genuine Manager does not speak") {
		t.Errorf("the log begins with %s", line)
	}
	password, mistaken := file("password", "Administrator\n"), file("mistaken", "mistaken\n")

	if out, _ := askUnit(t, 0, "discover", addr, "--json"); !strings.Contains(out, `"name":"SYS1"`) || !strings.Contains(out, `"found_by":["tcp"]`) {
		t.Errorf("discover prints %s", out)
	}
	if out, _ := askUnit(t, 0, "read", addr, "user_list"); out != "Ann,301,Ann Example,1\r\nBob,302,,2\r\n" {
		t.Errorf("read prints %q", out)
	}
	if out, _ := askUnit(t, 0, "read", addr, "user_list", "--devlink3", "--user", "Linker1", "--password-file", file("link", "secret1\n")); !strings.HasPrefix(out, "Ann,301,") {
		t.Errorf("read by DevLink3 prints %q", out)
	}
	if out, talk := askUnit(t, 1, "get", addr, "--password-file", mistaken, "--json"); !strings.Contains(out, `"outcome":"unauthorized"`) || !strings.Contains(talk, "Access Denied") {
		t.Errorf("a wrong password prints %s%s", out, talk)
	}
	config, _ := askUnit(t, 0, "get", addr, "--password-file", password)
	if _, talk := askUnit(t, 0, "send", addr, file("merge.txt", strings.Replace(config, "=Bob", "=Rob", 1)), "--password-file", password); !strings.Contains(talk, "merge") {
		t.Errorf("a change of a user is sent by %s", talk)
	}
	if out, _ := askUnit(t, 0, "read", addr, "user_list"); !strings.Contains(out, "Rob,302") {
		t.Errorf("after a merge the list is %q", out)
	}
	if _, talk := askUnit(t, 1, "send", addr, file("merge2.txt", config+"line.1.type=sip\n"), "--user", "Somebody", "--password-file", file("pw2", "password1\n")); !strings.Contains(talk, "Access Denied") {
		t.Errorf("a user without the right to write sends: %s", talk)
	}
	if out, _ := askUnit(t, 0, "get", addr, "--audit", "--password-file", password); !strings.Contains(out, "merged by Administrator") {
		t.Errorf("the audit trail is %s", out)
	}
	keeper := file("keeper", "securitypwd\n")
	settings, _ := askUnit(t, 0, "get", addr, "--security", "--password-file", keeper)
	settings = strings.Replace(settings, "security.base=50804", "security.base=51000", 1) + "user.Newcomer.groups=Operator\nuser.Newcomer.password=a secret\n"
	askUnit(t, 0, "send", addr, file("security.txt", settings), "--security", "--password-file", keeper)
	if out, _ := askUnit(t, 0, "get", addr, "--user", "Newcomer", "--password-file", file("newcomer", "a secret\n"), "--base", "51000"); !strings.Contains(out, "user.302.name=Rob") {
		t.Errorf("the new user gets %s", out)
	}
	state := filepath.Join(dir, "manager") // MGR-13
	askUnit(t, 0, "discover", addr, "--search", addr+";"+addr, "--base", "51000", "--state", state)
	askUnit(t, 0, "get", addr, "--password-file", password, "--state", state)
	if out, _ := askUnit(t, 0, "discover", addr, "--no-udp", "--state", state); strings.Count(out, "SYS1") != 1 {
		t.Errorf("a kept search list gives %s", out)
	}
	askUnit(t, 0, "erase", addr, "--security", "--password-file", keeper, "--base", "51000")
	askUnit(t, 0, "reboot", addr, "--password-file", password, "--mode", "timed", "--at", "03:30")
	if out, _ := askUnit(t, 0, "get", addr, "--audit", "--password-file", password); !strings.Contains(out, "reboot at 03:30") {
		t.Errorf("the audit trail is %s", out)
	}
	if _, talk := askUnit(t, 0, "send", addr, file("line.txt", config+"line.1.type=sip\n"), "--password-file", password); !strings.Contains(talk, "immediate") {
		t.Errorf("a change of a line is sent by %s", talk)
	}
	log.await(t, `("note":"reboot")`)
	if strings.Contains(log.String()+unit.String(), "mistaken") || strings.Contains(log.String(), "a secret") || strings.Contains(log.String(), "securitypwd") {
		t.Error("a password is in the log")
	}
	for line := range strings.Lines(log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has the line %s", line)
		}
	}
}

// A list is Latin-1 on the wire and UTF-8 in JSON (IPO-FILE-1).
func TestManagerReadsLatin1(t *testing.T) {
	addr := peer.Loopback()
	_, unit := startRole(t, "ip-office", "--lan1", addr+"/24", "--port-shift", "8000", "--name", "Köln")
	unit.await(t, "(listens at udp)")
	if out, _ := askUnit(t, 0, "read", addr); !strings.Contains(out, "\"K\xf6ln\"") {
		t.Errorf("read prints %q", out)
	}
	if out, _ := askUnit(t, 0, "read", addr, "--json"); !strings.Contains(out, `\"Köln\"`) {
		t.Errorf("read prints %s", out)
	}
}

// Wrong flags and files are named before anything is sent (MGR-2).
func TestManagerUsage(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.txt")
	if err := os.WriteFile(bad, []byte("system.name=x\nsistem.name=secret1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "unknown COMMAND", []string{"manager", "discovr"}},
		{2, `did you mean "immediate"`, []string{"manager", "reboot", "127.0.0.1", "--mode", "imediate"}},
		{2, "go together", []string{"manager", "reboot", "127.0.0.1", "--at", "03:00"}},
		{2, "want HH:MM", []string{"manager", "reboot", "127.0.0.1", "--mode", "timed", "--at", "25:00"}},
		{2, "want the IPv4 address of a unit", []string{"manager", "read", "unit.example"}},
		{2, "column 12: ", []string{"manager", "discover", "--search", "192.0.2.1; 192.0.2"}},
		{2, "want 49152 to 65526", []string{"manager", "discover", "--base", "80"}},
		{2, "want 49152 to 65526", []string{"serve", "ip-office", "--base", "65527"}},
		{2, "want an IPv4 address", []string{"manager", "discover", "--from", "x"}},
		{2, "want 0 to ", []string{"manager", "discover", "--port-shift", "20000"}},
		{2, "want 0 to 14733", []string{"serve", "ip-office", "--base", "49152", "--port-shift", "14734"}},
		{3, "line 2, column 1: unknown record", []string{"manager", "send", "127.0.0.1", bad}},
		{2, "want NAME:PASSWORD", []string{"serve", "ip-office", "--user", "x"}},
		{2, "6 to 31", []string{"serve", "ip-office", "--user", "Somebody:x"}},
		{2, "unknown group", []string{"serve", "ip-office", "--user", "Somebody:password1:Nothing"}},
		{2, "unknown switch", []string{"serve", "ip-office", "--off", "security"}},
		{2, "want one such as 3.2(17)", []string{"serve", "ip-office", "--level", "new"}},
		{2, "without < > |", []string{"serve", "ip-office", "--name", "a/b"}},
		{2, "has only 254 addresses", []string{"serve", "ip-office", "--units", "500"}},
		{2, "want 1 to 4096", []string{"serve", "ip-office", "--units", "0"}},
		{2, "such as 192.168.42.1/24", []string{"serve", "ip-office", "--lan1", "127.0.0.1"}},
		{3, "line 2, column 1: unknown record", []string{"serve", "ip-office", "--config", bad}},
		{3, "want name,extension,full name,e-mail", []string{"serve", "ip-office", "--users", bad}},
		{2, "unknown quirk", []string{"serve", "ip-office", "--quirk", "merge=flash"}},
		{3, "cannot assign", []string{"serve", "ip-office", "--lan1", "192.0.2.1/24", "--port-shift", "8000"}},
	} {
		code, _, talk := provsim(t.Context(), c.args...)
		if code != c.code || !strings.Contains(talk, c.want) || strings.Contains(talk, "secret1") || strings.Contains(talk, "password1") {
			t.Errorf("%v: %d, %s, want %d, %q", c.args, code, talk, c.code, c.want)
		}
	}
}

// A unit is checked at its shifted ports, and at a base that has moved. The exit code and
// the forms of the report are those of other checks (IPO-PORT-4, IPO-PORT-5).
func TestCheckOfAUnit(t *testing.T) {
	addr := peer.Loopback()
	_, unit := startRole(t, "ip-office", "--lan1", addr+"/24", "--port-shift", "8000", "--base", "51000")
	unit.await(t, "(listens at udp)")
	ask := func(want int, args ...string) string {
		code, out, talk := provsim(t.Context(), append([]string{"check", "--ip-office", addr, "--port-shift", "8000", "--patience", "10s", "--check-timeout", "1m", "--quiet", "--only"}, args...)...)
		if code != want {
			t.Errorf("check %v ends with %d, want %d: %s%s", args, code, want, out, talk)
		}
		return out
	}
	if out := ask(0, "ip-office", "--base", "51000", "--allow", "login,destructive", "--format", "json"); !strings.Contains(out, `"pass": 16`) || !strings.Contains(out, `"ip_office": "`+addr+`"`) {
		t.Errorf("the report is %s", out)
	}
	if out := ask(1, "ip-office/12", "--format", "junit"); !strings.Contains(out, `failures="1"`) || !strings.Contains(out, "50804 (58804 here) for configuration: refused") {
		t.Errorf("without --base the report is %s", out)
	}
	for _, args := range [][]string{{"--base", "80"}, {"--port-shift", "20000"}, {"--ip-office", "unit.example"}} {
		if code, _, talk := provsim(t.Context(), append([]string{"check", "--ip-office", addr}, args...)...); code != 2 || !strings.Contains(talk, "want") {
			t.Errorf("%v ends with %d: %s", args, code, talk)
		}
	}
}

// Several units are counted up from the first, without .0 and .255 (IPO-PORT-4).
func TestUnitsAreCounted(t *testing.T) {
	c := &ipOfficeRun{units: 500, lan1: "127.5.0.1/16", level: "3.2(17)", base: 50804, extensions: 2, name: "U"}
	units, err := c.configs(&env{ctx: t.Context()})
	if err != nil || len(units) != 500 {
		t.Fatalf("%d units, error %v", len(units), err)
	}
	names, macs := map[string]bool{}, map[string]bool{}
	for _, u := range units {
		b := netip.MustParseAddr(u.Records["lan1.address"]).As4()
		if b[3] == 0 || b[3] == 255 {
			t.Errorf("there is a unit at %v", b)
		}
		names[u.Records["system.name"]], macs[u.MAC.String()] = true, true
	}
	if len(names) != 500 || len(macs) != 500 {
		t.Errorf("500 units have %d names and %d hardware addresses", len(names), len(macs))
	}
	if last := units[499].Records["lan1.address"]; last != "127.5.1.246" {
		t.Errorf("the last unit is at %s", last)
	}
}

// No text says that a unit could take the place of a genuine one for a genuine Manager
// (IPO-0-1), and the help says what is real.
func TestTextsSayWhatIsReal(t *testing.T) {
	var all strings.Builder
	for _, c := range append(unitManagerCommand.parts, unitManagerCommand, ipOfficeCommand) {
		printHelp(&all, c)
	}
	for _, name := range []string{"ip-office.md", "vendors.md", "rules.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "doc", name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	all.WriteString(ipoffice.Real)
	for _, c := range conform.Catalogue() {
		fmt.Fprintln(&all, c.Title, c.Requirement, c.Advice)
	}
	if text := strings.Join(strings.Fields(strings.ToLower(all.String())), " "); strings.Contains(text, "compatible with manager") || strings.Contains(text, "compatible with the manager") ||
		strings.Count(text, "genuine manager") < 4 {
		t.Error("a text does not say what is real")
	}
}

// The story of the four scenarios ends by itself, and each unit is found as the document
// says.
func TestDemoOfIPOffice(t *testing.T) {
	code, out, talk := provsim(t.Context(), "demo", "--story", "ip-office")
	if code != 0 || strings.Count(out, "\n=> ") != 5 || !strings.Contains(out, "Access Denied") || !strings.Contains(out, "tcp, udp") {
		t.Errorf("exit code %d, %s\n%s", code, talk, out)
	}
}
