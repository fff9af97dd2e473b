//go:build linux

package manager_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ipoffice"
	"provsim/internal/role/ipoffice/manager"
	"provsim/internal/testing/peer"
)

const shift = 8000

// log gathers the records of units.
type log struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(p)
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// events returns what the units did, a word each.
func (l *log) events(t testing.TB) (words []string) {
	t.Helper()
	for line := range strings.Lines(l.text()) {
		var r struct{ Event, Outcome string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Event != "real" && r.Event != "audit" {
			words = append(words, strings.TrimSpace(r.Event+" "+r.Outcome))
		}
	}
	return words
}

var networks atomic.Uint32

// network returns the first three numbers of a network on loopback that no other test
// uses.
func network() [3]byte {
	pid := os.Getpid()
	return [3]byte{127, byte(64 + pid%128), byte(pid/128*16) + byte(networks.Add(1))}
}

// at returns an address of a network with its prefix.
func at(n [3]byte, host byte) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{n[0], n[1], n[2], host}), 24)
}

// unit returns a unit at an address. Lines are of its configuration.
func unit(t testing.TB, lan netip.Prefix, level string, lines ...string) ipoffice.Config {
	t.Helper()
	l, err := ipoffice.ParseLevel(level)
	if err != nil {
		t.Fatal(err)
	}
	c := ipoffice.Config{MAC: ipoffice.MACOf(lan.Addr()), Level: l, Random: rand.Reader, Security: ipoffice.DefaultSecurity(), Boot: time.Second}
	if c.Records, err = ipoffice.ParseRecords([]byte(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	c.Records["system.name"] = fmt.Sprint("U", lan.Addr().As4()[3])
	c.Records.SetLAN("lan1", lan)
	c.Records.AddUsers(ipoffice.Extensions(2))
	return c
}

func start(t testing.TB, o ipoffice.Options, units ...ipoffice.Config) *log {
	t.Helper()
	l := &log{}
	o.Log, o.Shift = role.NewLog(l, true, time.Now()), shift
	if o.Recorder != nil {
		o.Recorder.Log = o.Log
	}
	g, err := ipoffice.Start(o, units)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return l
}

// options are those of a Manager at host 100 of a network.
func options(n [3]byte) manager.Options {
	return manager.Options{
		From: at(n, 100), Shift: shift, Timeout: 3 * time.Second, Target: manager.Everyone, UDP: true, TCP: true,
		Warn: func(string) {},
	}
}

// rows returns what is found, a line each.
func rows(t testing.TB, o manager.Options) string {
	t.Helper()
	units, err := manager.Discover(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range units {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(u.Name, " ", u.Addr, " ", u.Level, " ", u.Words())))
	}
	return strings.Join(lines, "\n")
}

// A Manager on the same network finds the unit by a broadcast, and asks for no name or
// password (conversation C1 up to the list; MGR-1, MGR-11).
func TestSameNetwork(t *testing.T) {
	t.Parallel()
	n := network()
	l := start(t, ipoffice.Options{}, unit(t, at(n, 1), "3.2(17)"))
	if got, want := rows(t, options(n)), fmt.Sprintf("U1 %v 3.2(17) udp", at(n, 1).Addr()); got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	if got := l.events(t); !slices.Equal(got, []string{"tftp.read sent"}) {
		t.Errorf("the unit did %v", got)
	}
	if !strings.HasPrefix(l.text(), `{"t":0`) || !strings.Contains(strings.SplitN(l.text(), "\n", 2)[0], "a genuine Manager does not speak") {
		t.Errorf("the first record does not say what is real:\n%s", l.text())
	}
}

// A socket of the unit's address hears no broadcast, one of 255.255.255.255 does
// (IPO-TFTP-4): so a unit needs both.
func TestWhoHearsBroadcasts(t *testing.T) {
	t.Parallel()
	n := network()
	heard := map[string]bool{}
	port := int(peer.FreePorts(t, "udp", "255.255.255.255", 1))
	var conns []*net.UDPConn
	for _, addr := range []netip.Addr{at(n, 1).Addr(), manager.Everyone} {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(port))))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	sender, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at(n, 100).Addr(), 0)))
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	if _, err := sender.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(manager.Everyone, uint16(port))); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{1, 0} { // once the one has heard it, the other never will
		wait := time.Minute
		if i == 0 {
			wait = 100 * time.Millisecond
		}
		if err := conns[i].SetReadDeadline(time.Now().Add(wait)); err != nil {
			t.Fatal(err)
		}
		_, _, err := conns[i].ReadFromUDPAddrPort(make([]byte, 10))
		heard[conns[i].LocalAddr().(*net.UDPAddr).IP.String()] = err == nil
	}
	if heard[at(n, 1).Addr().String()] || !heard["255.255.255.255"] {
		t.Errorf("a broadcast is heard by %v", heard)
	}
}

// A broadcast from another network meets silence (IPO-TFTP-3); the unit's own address
// is asked by an echo and by TCP (conversation C2; MGR-3).
func TestOtherNetwork(t *testing.T) {
	t.Parallel()
	here, there := network(), network()
	l := start(t, ipoffice.Options{}, unit(t, at(there, 1), "3.2(17)"))
	o := options(here)
	o.Timeout = time.Second
	if got := rows(t, o); got != "" || len(l.events(t)) != 0 {
		t.Errorf("a broadcast from another network finds %q, the unit did %v", got, l.events(t))
	}
	o = options(here)
	o.Target = at(there, 1).Addr()
	if got, want := rows(t, o), fmt.Sprintf("U1 %v 3.2(17) tcp", at(there, 1).Addr()); got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	if got := l.events(t); !slices.Equal(got, []string{"discovery sent"}) {
		t.Errorf("the unit did %v", got)
	}
}

// All addresses of a list are asked by TCP, and one without a unit is a row. A unit that
// a broadcast finds as well is one row (conversations C3 and C4; MGR-1, MGR-6).
func TestSearchList(t *testing.T) {
	t.Parallel()
	here, there := network(), network()
	near, far := unit(t, at(here, 1), "3.2(17)"), unit(t, at(there, 1), "9.1")
	l := start(t, ipoffice.Options{}, near, far)
	o := options(here)
	o.UDP = false
	list := fmt.Sprintf("%v; %v-%v", at(here, 1).Addr(), at(there, 1).Addr(), at(there, 2).Addr())
	var err error
	if o.Search, err = manager.ParseSearch(t.Context(), list, nil); err != nil {
		t.Fatal(err)
	}
	tail := fmt.Sprintf("\nU1 %v 9.1 tcp\n%v  refused", at(there, 1).Addr(), at(there, 2).Addr())
	if got, want := rows(t, o), fmt.Sprintf("U1 %v 3.2(17) tcp", at(here, 1).Addr())+tail; got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	o.UDP = true
	if got, want := rows(t, o), fmt.Sprintf("U1 %v 3.2(17) tcp, udp", at(here, 1).Addr())+tail; got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	o.UDP, o.TCP = false, false
	before := len(l.events(t))
	if got := rows(t, o); got != "" || len(l.events(t)) != before {
		t.Errorf("with both off there is %q", got)
	}
}

// A unit below 3.2 refuses TCP and is asked by UDP once (MGR-3); so is the level read
// that says how to log in (IPO-ID-2, MGR-7).
func TestOldUnit(t *testing.T) {
	t.Parallel()
	n := network()
	l := start(t, ipoffice.Options{}, unit(t, at(n, 1), "2.1"))
	o := options(n)
	o.Target = at(n, 1).Addr()
	if got, want := rows(t, o), fmt.Sprintf("U1 %v 2.1 udp", o.Target); got != want {
		t.Errorf("found\n%s\nwant\n%s", got, want)
	}
	if got := l.events(t); !slices.Equal(got, []string{"tftp.read sent"}) {
		t.Errorf("the unit did %v", got)
	}
	if u := manager.Find(t.Context(), o, o.Target); !u.Old() {
		t.Errorf("%+v is taken for a younger one", u)
	}
}

// The controls: a switch that is off takes one way of being found away (IPO-IF-2), and
// at LAN2 there is nothing (IPO-LAN-1).
func TestControls(t *testing.T) {
	t.Parallel()
	n, second := network(), network()
	silent := unit(t, at(n, 1), "3.2", "lan2.address="+at(second, 1).Addr().String(), "lan2.mask=255.255.255.0")
	deaf := unit(t, at(n, 2), "3.2")
	hidden := unit(t, at(n, 3), "3.2")
	for name, of := range map[string][]*ipoffice.Security{"udp-discovery": {silent.Security, hidden.Security}, "tcp-discovery": {deaf.Security, hidden.Security}} {
		for _, s := range of {
			if err := s.Switch(name, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	start(t, ipoffice.Options{}, silent, deaf, hidden)
	o := options(n)
	o.Timeout = 2 * time.Second
	if got, want := rows(t, o), fmt.Sprintf("U2 %v 3.2 udp", at(n, 2).Addr()); got != want {
		t.Errorf("a broadcast finds\n%s\nwant\n%s", got, want)
	}
	for host, want := range map[byte]string{1: "U1 %v 3.2 tcp", 2: "U2 %v 3.2 udp", 3: "%v  refused"} {
		o.Target = at(n, host).Addr()
		if got := rows(t, o); got != fmt.Sprintf(want, o.Target) {
			t.Errorf("asked alone: %s, want "+want, got, o.Target)
		}
	}
	o.Target = at(second, 1).Addr()
	if got, want := rows(t, o), fmt.Sprintf("%v  refused", o.Target); got != want {
		t.Errorf("at LAN2: %s, want %s", got, want)
	}
	if _, err := manager.File(t.Context(), o, at(n, 3).Addr(), "nasystem/user_list"); err != nil {
		t.Errorf("a unit that cannot be found is not reached by its address: %v", err)
	}
}

// A port that opens and sends no frame is named so (MGR-6).
func TestUnknownProtocol(t *testing.T) {
	t.Parallel()
	n := network()
	listener, err := net.Listen("tcp4", netip.AddrPortFrom(at(n, 1).Addr(), 50802+shift).String())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n")
			conn.Close()
		}
	}()
	o := options(n)
	o.Target = at(n, 1).Addr()
	if got, want := rows(t, o), fmt.Sprintf("%v  %s", o.Target, manager.Unknown); got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

// A search list has addresses, ranges and names; what is wrong is named with its column
// (MGR-2, MGR-14).
func TestParseSearch(t *testing.T) {
	t.Parallel()
	networks := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for text, want := range map[string]int{
		"": 0, " ; ": 0, "192.0.2.1": 1, "192.0.2.1;192.0.2.2; 192.0.2.1": 2, "192.0.2.250 - 192.0.3.1": 7, "localhost": 1, "10.0.0.0-10.0.15.255": 4096,
	} {
		list, err := manager.ParseSearch(t.Context(), text, networks)
		if err != nil || len(list) != want {
			t.Errorf("%q has %d addresses, want %d; error %v", text, len(list), want, err)
		}
	}
	for text, want := range map[string]string{
		"192.0.2.1;192.0.2.255":     "column 11: 192.0.2.255 is a broadcast address",
		"255.255.255.255":           "column 1: ",
		"192.0.2.1;  192.0.2":       "column 13: ",
		"192.0.2.9-192.0.2.1":       "column 1: found the range",
		"192.0.2.1-x":               "column 1: found the range",
		"10.0.0.0-10.0.16.0":        "column 1: the list has more than 4096",
		"0.0.0.0-255.255.255.255":   "more than 4096",
		"http://192.0.2.1":          "column 1: found",
		"a name":                    "column 1: found",
		"::1":                       "column 1: found",
		strings.Repeat("x", 300):    "column 1: found",
		"192.0.2.1;192.0.2.1-::1;a": "column 11: ",
	} {
		if _, err := manager.ParseSearch(t.Context(), text, networks); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
}

// Two hundred units on one network answer one broadcast, and a Manager with a large
// buffer lists them all (MGR-10). What the units hold is bounded.
func TestManyUnits(t *testing.T) {
	t.Parallel()
	n := network()
	var units []ipoffice.Config
	const many = 200
	for i := range many {
		units = append(units, unit(t, at(n, byte(1+i)), "3.2(17)"))
	}
	start(t, ipoffice.Options{}, units...)
	before := runtime.NumGoroutine()
	o := options(n)
	o.From = at(n, 254)
	o.Timeout = 10 * time.Second
	found, err := manager.Discover(t.Context(), o)
	if err != nil || len(found) != many {
		t.Errorf("found %d of %d units, error %v", len(found), many, err)
	}
	peer.Await(t, "the answers to end", func(context.Context) error {
		if now := runtime.NumGoroutine(); now > before {
			return fmt.Errorf("%d goroutines, before the broadcast there were %d", now, before)
		}
		return nil
	})
}

// nmap finds the unit by its banner, and its users (IPO-WEB-1, IPO-WEB-2).
func TestNmap(t *testing.T) {
	t.Parallel()
	program := peer.Find(t, "nmap", "nmap")
	n := network()
	start(t, ipoffice.Options{}, unit(t, at(n, 1), "9.1.4", "user.201.fullname=Ann Example"))
	out := run(t, program, "-sV", "-Pn", "-n", "-p", fmt.Sprint(80+shift), "--script", "http-avaya-ipoffice-users", at(n, 1).Addr().String())
	for _, want := range []string{"Avaya IP Office VoIP PBX httpd 9.1.4", "name: Extn201", "extension: 202", "data_source: IPOFFICE/9.1.4 " + at(n, 1).Addr().String()} {
		if !strings.Contains(out, want) {
			t.Errorf("nmap does not say %q:\n%s", want, out)
		}
	}
}

func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	b, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	out := string(b)
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
	return out
}

// Real TFTP clients read the files, in both modes (IPO-TFTP-1, IPO-FILE-2).
func TestRealTFTPClients(t *testing.T) {
	t.Parallel()
	n := network()
	start(t, ipoffice.Options{}, unit(t, at(n, 1), "3.2(17)"))
	host, port := at(n, 1).Addr().String(), fmt.Sprint(69+shift)
	for _, c := range []struct {
		program, pkg string
		args         func(file string) []string
	}{
		{"tftp", "tftp-hpa", func(f string) []string {
			return []string{"-m", "octet", host, port, "-c", "get", "nasystem/user_list", f}
		}},
		{"tftp", "tftp-hpa", func(f string) []string {
			return []string{"-m", "netascii", host, port, "-c", "get", "nasystem/user_list", f}
		}},
		{"atftp", "atftp", func(f string) []string {
			return []string{"--option", "blksize 1428", "--get", "-r", "nasystem/user_list", "-l", f, host, port}
		}},
		{"curl", "curl", func(f string) []string {
			return []string{"-sS", "-o", f, "tftp://" + host + ":" + port + "/nasystem/user_list"}
		}},
	} {
		t.Run(c.program, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "list")
			run(t, peer.Find(t, c.program, c.pkg), c.args(file)...)
			text, err := os.ReadFile(file)
			if bare := strings.ReplaceAll(string(text), "\r", ""); err != nil || bare != "Extn201,201,Extension 201,1\nExtn202,202,Extension 202,2\n" {
				t.Errorf("got %q, error %v", text, err)
			}
		})
	}
}

// Files for phones come from a folder, are made by the unit, or are elsewhere
// (IPO-WEB-4).
func TestPhoneFiles(t *testing.T) {
	t.Parallel()
	n := network()
	dir := t.TempDir()
	for name, text := range map[string]string{"46xxspecials.txt": "SET A 1\n", "c81fea83e85a.txt": "SET B 2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	c := unit(t, at(n, 1), "11.1")
	plain := unit(t, at(n, 2), "11.1")
	c.Quirks.AvayaOnly = true
	start(t, ipoffice.Options{Phones: root, Firmware: "http://192.0.2.1/fw/"}, c)
	start(t, ipoffice.Options{}, plain)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(host byte, path, agent string) (int, string, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%v:%d%s", at(n, host).Addr(), 80+shift, path), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("User-Agent", agent)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body), response.Header.Get("Location")
	}
	const phone = "Mozilla/4.0 (compatible; MSIE 6.0) AVAYA/J179-4.1.3.0.6 (MAC:c81fea83e85a)"
	for _, want := range []struct {
		host        byte
		path, agent string
		status      int
		part        string
	}{
		{1, "/J100Supgrade.txt", phone, 200, "GET 46xxsettings.txt\n"},
		{1, "/96x1Supgrade.txt", phone, 200, "GET 46xxsettings.txt\n"},
		{1, "/46xxsettings.txt", phone, 200, "# END\nGET 46xxspecials.txt\n"},
		{1, "/46xxspecials.txt", phone, 200, "SET A 1\n"},
		{1, "/c81fea83e85a.txt", phone, 200, "SET B 2\n"},
		{1, "/000000000000.txt", phone, 404, ""},
		{1, "/../manager.go", phone, 404, ""},
		{1, "/FW_J179.bin", phone, 302, ""},
		{1, "/J100Supgrade.txt", "curl/8", 403, ""},
		{2, "/J100Supgrade.txt", "curl/8", 200, "GET 46xxsettings.txt\n"},
		{2, "/46xxsettings.txt", "curl/8", 200, "# END\n"},
		{2, "/FW_J179.bin", "curl/8", 404, ""},
	} {
		status, body, location := get(want.host, want.path, want.agent)
		if status != want.status || !strings.HasSuffix(body, want.part) && want.part != "" || status == 302 && location != "http://192.0.2.1/fw/FW_J179.bin" {
			t.Errorf("%s by %.10s: %d, %q, %q", want.path, want.agent, status, body, location)
		}
	}
	o := options(n)
	if body, err := manager.File(t.Context(), o, at(n, 1).Addr(), "c81fea83e85a.txt"); err != nil || string(body) != "SET B 2\n" {
		t.Errorf("by TFTP: %q, error %v", body, err)
	}
}
