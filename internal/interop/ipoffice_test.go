//go:build linux

package interop

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/internal/testing/peer"
)

// lans is two networks with a router between them: a Manager (m) and a unit (u) on the
// one, a unit (f) on the other.
type lans struct {
	name, command string
}

// The addresses of the specification's conversations.
const (
	nearUnit = "192.168.42.1"
	farUnit  = "10.20.0.1"
)

func newLANs(t *testing.T) lans {
	t.Helper()
	peer.Find(t, "ip", "iproute2")
	s := lans{name: fmt.Sprintf("provsim-%08x-", rand.Uint32()), command: buildCommand(t)}
	for _, ns := range "murf" {
		if output, err := exec.Command("ip", "netns", "add", s.name+string(ns)).CombinedOutput(); err != nil {
			t.Skipf("needs the right to make network namespaces: %s", output)
		}
		t.Cleanup(func() { ip(t, "netns", "delete", s.name+string(ns)) })
		s.ip(t, ns, "link set lo up")
	}
	s.ip(t, 'r', "link add near type bridge")
	s.ip(t, 'r', "link set near up")
	for host, addr := range map[rune]string{'m': "192.168.42.100/24", 'u': nearUnit + "/24", 'f': farUnit + "/24"} {
		s.ip(t, 'r', fmt.Sprintf("link add p%c type veth peer name eth0 netns %s%c", host, s.name, host))
		s.ip(t, 'r', fmt.Sprintf("link set p%c up", host))
		s.ip(t, host, "addr add "+addr+" dev eth0")
		s.ip(t, host, "link set eth0 up")
		via := "192.168.42.254"
		if host == 'f' {
			via = "10.20.0.254"
		} else {
			s.ip(t, 'r', fmt.Sprintf("link set p%c master near", host))
		}
		s.ip(t, host, "route add default via "+via)
	}
	s.ip(t, 'r', "addr add 192.168.42.254/24 dev near")
	s.ip(t, 'r', "addr add 10.20.0.254/24 dev pf")
	s.run(t, 'r', "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
	return s
}

func (s lans) ip(t *testing.T, host rune, line string) {
	t.Helper()
	ip(t, append([]string{"-n", s.name + string(host)}, strings.Fields(line)...)...)
}

// run runs a program at a host.
func (s lans) run(t *testing.T, host rune, args ...string) (output string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ip", append([]string{"netns", "exec", s.name + string(host)}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// unit runs a unit at a host and returns the file of its log.
func (s lans) unit(t *testing.T, host rune, addr string, flags ...string) (log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "output.log")
	args := append([]string{"netns", "exec", s.name + string(host), s.command, "serve", "ip-office", "--lan1", addr + "/24", "--name", "UNIT-" + string(host)}, flags...)
	peer.Start(t, dir, logHas(log, "listens at"), "ip", args...)
	return log
}

// logged returns the words of a log, without the one of the start.
func logged(t *testing.T, file string) (words []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		for _, word := range []string{"tftp.read", "discovery", "login", "record"} {
			if strings.Contains(line, " "+word+" ") {
				words = append(words, word)
			}
		}
	}
	return words
}

// A real broadcast reaches the unit on the same network and does not pass the router;
// the unit behind it answers an echo and TCP (conversations C1, C2 and C4; MGR-3,
// MGR-5). Where the echo is dropped the Manager ends there, and sends nothing more.
func TestDiscoveryThroughRouter(t *testing.T) {
	s := newLANs(t)
	near, far := s.unit(t, 'u', nearUnit), s.unit(t, 'f', farUnit)
	manager := func(want int, args ...string) string {
		t.Helper()
		out, code := s.run(t, 'm', append([]string{s.command, "manager"}, append(args, "--timeout", "2s")...)...)
		if code != want {
			t.Errorf("manager %v ends with %d, want %d:\n%s", args, code, want, out)
		}
		return out
	}
	if out := manager(0, "discover"); !strings.Contains(out, "UNIT-u") || strings.Contains(out, "UNIT-f") {
		t.Errorf("a broadcast finds\n%s", out)
	}
	if out := manager(0, "discover", farUnit); !strings.Contains(out, "UNIT-f") || strings.Contains(out, "warning") {
		t.Errorf("the far unit is found as\n%s", out)
	}
	if out := manager(0, "discover", "--search", farUnit); !strings.Contains(out, "UNIT-u") || !strings.Contains(out, "UNIT-f") {
		t.Errorf("a broadcast and a list find\n%s", out)
	}
	if out := manager(0, "read", farUnit, "user_list"); !strings.HasPrefix(out, "Extn201,201,") {
		t.Errorf("the list is %q", out)
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("Administrator\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{nearUnit, farUnit} { // C1 and C2 to their ends
		if out := manager(0, "get", addr, "--password-file", password); !strings.Contains(out, "lan1.address="+addr+"\n") {
			t.Errorf("the configuration of %s is\n%s", addr, out)
		}
	}
	s.ip(t, 'f', "route del default") // as a firewall on the way back
	if out := manager(1, "get", farUnit, "--password-file", password); !strings.Contains(out, "no echo reply (unreachable)") {
		t.Errorf("without a way back: %s", out)
	}
	if out := manager(1, "discover", "--no-udp", "--search", farUnit); !strings.Contains(out, "timeout") { // C3 with 50802 filtered
		t.Errorf("without a way back a listed address is\n%s", out)
	}
	s.ip(t, 'f', "route add default via 10.20.0.254")
	s.run(t, 'f', "sh", "-c", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all")
	before := len(logged(t, far))
	if out := manager(1, "discover", farUnit); !strings.Contains(out, "no echo reply") {
		t.Errorf("without echo replies the far unit is\n%s", out)
	}
	if now := logged(t, far); len(now) != before {
		t.Errorf("without an echo reply the Manager went on: %v", now)
	}
	if out := manager(0, "discover", "--no-udp", "--search", farUnit); !strings.Contains(out, "UNIT-f") { // MGR-4
		t.Errorf("a listed address is pinged:\n%s", out)
	}
	if out := manager(1, "discover", "--no-udp", "--quirk", "ping-list", "--search", farUnit); !strings.Contains(out, "no echo reply") {
		t.Errorf("with ping-list a listed address is not pinged:\n%s", out)
	}
	if words := logged(t, near); strings.Join(words, " ") != "tftp.read tftp.read discovery login" {
		t.Errorf("the near unit had %v, want two broadcasts, and a question and a login", words)
	}
}

// A router that drops one TCP port leaves the unit listed; what goes to the port ends in a
// timeout, and a check of the unit names the port (the controls of conversations C2 and C3).
func TestFilteredPorts(t *testing.T) {
	s := newLANs(t)
	s.unit(t, 'f', farUnit)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("Administrator\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	filter := func(action string, port int) {
		t.Helper()
		s.ip(t, 'r', fmt.Sprintf("rule %s iif near ipproto tcp dport %d blackhole", action, port))
	}
	ask := func(want int, args ...string) string {
		t.Helper()
		out, code := s.run(t, 'm', append([]string{s.command}, args...)...)
		if code != want {
			t.Errorf("%v ends with %d, want %d:\n%s", args, code, want, out)
		}
		return out
	}
	filter("add", 50804)
	if out := ask(0, "manager", "discover", farUnit, "--timeout", "10s"); !strings.Contains(out, "UNIT-f") {
		t.Errorf("with 50804 filtered the unit is\n%s", out)
	}
	if out := ask(1, "manager", "get", farUnit, "--password-file", password, "--timeout", "2s"); !strings.Contains(out, "timeout") {
		t.Errorf("get says %s", out)
	}
	if out := ask(1, "check", "--ip-office", farUnit, "--only", "ip-office/12,ip-office/13", "--patience", "5s"); !strings.Contains(out, "50804 for configuration: timeout\n") || !strings.Contains(out, "pass  ip-office/13") {
		t.Errorf("the check says\n%s", out)
	}
	filter("del", 50804)
	filter("add", 50802)
	if out := ask(1, "manager", "discover", "--no-udp", "--search", farUnit, "--timeout", "2s"); !strings.Contains(out, "timeout") {
		t.Errorf("with 50802 filtered the list has\n%s", out)
	}
}

// A unit that is killed again and again while it is written to has, after each start,
// the last configuration that it confirmed, or one that it was still being sent, and
// never half of one (IPO-MEM-1, IPO-MEM-2).
func TestKilledUnitKeepsItsMemory(t *testing.T) {
	command, state := buildCommand(t), t.TempDir()
	addr := netip.MustParseAddr(peer.Loopback())
	o := manager.Options{Shift: 8000, Timeout: peer.Patience, Warn: func(string) {}}
	account := manager.Account{User: "Administrator", Password: "Administrator"}
	confirmed, sent := 0, 0
	for round := range 20 {
		dir := t.TempDir()
		log := filepath.Join(dir, "output.log")
		p := peer.Start(t, dir, logHas(log, "listens at"), command, "serve", "ip-office", "--lan1", addr.String()+"/24", "--port-shift", "8000", "--state", state)
		link, err := manager.Login(t.Context(), o, addr, ipoffice.DefaultBase, account)
		if err != nil {
			t.Fatal(err)
		}
		text, err := link.Read(ipoffice.ConfigName)
		if err != nil {
			t.Fatal(err)
		}
		records, err := ipoffice.ParseRecords(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := strconv.Atoi(records["directory.1.number"]); got < confirmed || got > sent || records["directory.2.number"] != records["directory.1.number"] {
			t.Fatalf("round %d: found %q and %q, confirmed %d, sent %d", round, records["directory.1.number"], records["directory.2.number"], confirmed, sent)
		}
		killed := make(chan struct{})
		kill := sync.OnceFunc(func() {
			time.AfterFunc(time.Duration(round*5)*time.Millisecond, func() {
				p.Signal(t, syscall.SIGKILL)
				close(killed)
			})
		})
		for err = nil; err == nil; {
			sent++
			records["directory.1.number"] = strconv.Itoa(sent)
			records["directory.2.number"] = records["directory.1.number"]
			if err = link.Write(ipoffice.ConfigName, records.Text(), ipoffice.Merge, ipoffice.NoTime); err == nil {
				confirmed = sent
				kill()
			}
		}
		kill()
		<-killed
		p.Stop(t) // waits for its end: until then it holds the lock of the state
		link.Close()
	}
	if confirmed == 0 {
		t.Error("nothing was confirmed before a kill")
	}
}
