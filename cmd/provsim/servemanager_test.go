package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// story is a Device Manager at 127.0.0.2, with phones at 127.0.2.1 and up that
// take requests from their own site only.
type story struct {
	t          *testing.T
	dir        string
	port       string // of the phones' REST server
	plain, tls string // the manager's URLs
	scripts    string
	log        *output
	phones     chan string // what a phone was asked, and from where
}

const serviceKey = "00112233445566778899aabbccddeeff"

func newStory(t *testing.T, site string, phones int) *story {
	t.Helper()
	s := &story{t: t, dir: t.TempDir(), phones: make(chan string, 100)}
	pair, err := selfSigned(netip.MustParseAddr("127.0.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"service.key": []byte(serviceKey + "\n"), "token": []byte("token\n"),
		"templates/Branch/440HD.cfg": []byte("voip/line/0/enabled=1\n"), "templates/Default/440HD.cfg": []byte("voip/line/0/enabled=1\n"), "images/440HD.img": make([]byte, 4096),
	} {
		file := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.listen(site, phones)
	log, talk := startRole(t, "device-manager", "--templates", filepath.Join(s.dir, "templates"), "--firmware", filepath.Join(s.dir, "images"),
		"--listen", "127.0.0.2:0", "--listen", "https://127.0.0.2:0", "--cert", s.file("cert.pem"), "--key", s.file("key.pem"), "--agents",
		"--service-key-file", s.file("service.key"), "--api-token-file", s.file("token"), "--web", "127.0.0.1:0", "--device-port", s.port)
	s.log = log
	s.plain, s.tls = talk.await(t, `listens at (http://\S+)`), talk.await(t, `listens at (https://\S+)`)
	s.scripts = talk.await(t, `page is at (http://\S+?/),`)
	if got := talk.await(t, `option 160 is (\S+)`); got != s.plain+"/firmwarefiles;ipp/dhcpoption160.cfg" {
		t.Errorf("DM-URL-2: the manager prints %s", got)
	}
	return s
}

func (s *story) file(name string) string { return filepath.Join(s.dir, name) }

// listen opens the phones, all at one port.
func (s *story) listen(site string, phones int) {
	s.t.Helper()
	s.port = "0"
	for n := 1; n <= phones; n++ {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.2.%d:%s", n, s.port))
		if err != nil {
			s.t.Skipf("no such address here: %v", err)
		}
		_, s.port, _ = net.SplitHostPort(listener.Addr().String())
		phone := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from, _, _ := net.SplitHostPort(r.RemoteAddr)
			body, err := io.ReadAll(r.Body)
			if from != site {
				<-r.Context().Done() // the NAT: nothing gets in
				return
			}
			if err == nil && r.Method == http.MethodPut && !json.Valid(body) {
				w.WriteHeader(http.StatusBadRequest)
			}
			s.phones <- r.Method + " " + r.Host + r.URL.Path + " from " + from
		})}}
		phone.Start()
		s.t.Cleanup(phone.Close)
	}
}

// ask sends a request as a phone does.
func (s *story) ask(method, url, body string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)")
	if strings.HasPrefix(url, s.scripts) {
		req.Header.Set("Authorization", "Bearer token")
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s %v", method, url, resp.StatusCode, got, err)
	}
	return string(got)
}

func (s *story) keepAlive(base string, n int, status, tenant string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"mac":"00908f602a%02x","ip":"127.0.2.%d","model":"440HD","status":%q,"region":%q}`, n, n, status, tenant)
	if got := s.ask("POST", base+"/rest/v1/ipphoneMgrStatus/keep-alive", body); got != `{"requests":[]}` {
		s.t.Errorf("the answer to a keep-alive is %s", got)
	}
}

func (s *story) tenant(name, mode string) {
	s.t.Helper()
	s.ask("PUT", s.scripts+"api/v1/tenants", fmt.Sprintf(`{"name":%q,%s"templates":{"440HD":"voip/line/0/enabled=1"}}`, name, mode))
}

func (s *story) act(name, value string, phones int) {
	s.t.Helper()
	var list []string
	for n := 1; n <= phones; n++ {
		list = append(list, fmt.Sprintf("00908f602a%02x", n))
	}
	order, err := json.Marshal(map[string]any{"name": name, "value": value, "devices": list})
	if err != nil {
		s.t.Fatal(err)
	}
	s.ask("POST", s.scripts+"api/v1/actions", string(order))
}

func (s *story) asked() string {
	s.t.Helper()
	select {
	case got := <-s.phones:
		return got
	case <-time.After(time.Minute):
		s.t.Fatalf("no phone was asked; the manager's log is\n%s", s.log)
		return ""
	}
}

// DM-TOP-1: every request in order, and an action at once.
func TestPhonesInTheManagersNetwork(t *testing.T) {
	s := newStory(t, "127.0.0.2", 1)
	s.ask("GET", s.plain+"/firmwarefiles/440HD.img", "")
	if generic := s.ask("GET", s.plain+"/ipp/dhcpoption160.cfg", ""); !strings.Contains(generic, "provisioning/configuration/url="+s.plain+"/configfiles/\n") {
		t.Errorf("the generic file is\n%s", generic)
	}
	s.keepAlive(s.plain, 1, "started", "Default")
	s.ask("GET", s.plain+"/firmwarefiles/440HD.img", "")
	file := s.ask("GET", s.plain+"/configfiles/00908f602a01.cfg", "")
	include := regexp.MustCompile(`^include (\S+)\n`).FindStringSubmatch(file)
	if include == nil {
		t.Fatalf("the file is\n%s", file)
	}
	s.ask("GET", s.plain+"/configfiles/"+include[1], "")
	s.keepAlive(s.plain, 1, "registered", "Default")
	s.act("IPPhoneReset", "", 1)
	if got, want := s.asked(), "PUT 127.0.2.1:"+s.port+"/rest/v1/command/ResetGracefulHandler from 127.0.0.2"; got != want {
		t.Errorf("the phone got %s, want %s", got, want)
	}
	s.log.await(t, `(action +OK)`)
	var events []string
	for line := range strings.Lines(s.log.String()) {
		if m := regexp.MustCompile(`^ *[0-9.]+ +(?:00908f602a01)? +(keep-alive|firmware|file|action\.sent|action) `).FindStringSubmatch(line); m != nil {
			events = append(events, m[1])
		}
	}
	if got, want := strings.Join(events, " "), "firmware file keep-alive firmware file file keep-alive action.sent action"; got != want {
		t.Errorf("the log has %s, want %s:\n%s", got, want, s.log)
	}
}

// DM-TOP-1 with an emulated phone: from a box to registered, by option 160 alone.
func TestEmulatedPhoneMeetsManager(t *testing.T) {
	s := newStory(t, "127.0.0.2", 0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan string)
	go func() {
		_, journal, talk := provsim(ctx, "phone", "--vendor", "audiocodes", "--mac", "00:90:8f:60:2a:ac", "--boot-time", "1ms",
			"--option", "160="+s.plain+"/firmwarefiles;ipp/dhcpoption160.cfg")
		ended <- journal + talk
	}()
	s.log.await(t, `(keep-alive +registered)`)
	cancel()
	journal := <-ended
	var events []string
	for line := range strings.Lines(s.log.String()) {
		if m := regexp.MustCompile(`(keep-alive +(?:started|registered)|/\S+?),? status 200`).FindStringSubmatch(line); m != nil {
			events = append(events, strings.Join(strings.Fields(m[1]), " "))
		}
	}
	want := "/ipp/dhcpoption160.cfg keep-alive started /configfiles/00908f602aac.cfg /configfiles/Audiocodes_440HD_global_GENERIC_empty.cfg keep-alive registered"
	if got := strings.ReplaceAll(strings.Join(events, " "), "/firmwarefiles/440HD.img ", ""); got != want {
		t.Errorf("the manager saw\n%s\nwant\n%s\n%s", got, want, journal)
	}
}

// DM-TOP-2: behind a NAT a call ends TIMEOUT, and an action in the file runs once.
func TestPhonesBehindNAT(t *testing.T) {
	s := newStory(t, "127.0.1.1", 1)
	s.keepAlive(s.plain, 1, "started", "Branch")
	s.act("IPPhoneReset", "", 1)
	s.log.await(t, `(action +TIMEOUT)`)
	s.tenant("Branch", `"nat":true,`)
	s.act("IPPhoneReset", "", 1)
	first, second := s.ask("GET", s.plain+"/configfiles/00908f602a01.cfg", ""), s.ask("GET", s.plain+"/configfiles/00908f602a01.cfg", "")
	if !strings.Contains(first, "ems_server/action/0/name=IPPhoneReset\n") || strings.Contains(second, "action") || len(s.phones) != 0 {
		t.Errorf("the files are\n%s\nand\n%s", first, second)
	}
}

// DM-TOP-3, AG-NET-1: behind a NAT with an Agent, the manager sees the Agent only,
// and three phones have their message from it, once.
func TestPhonesBehindAgent(t *testing.T) {
	s := newStory(t, "127.0.1.1", 3)
	s.tenant("Branch", `"nat":true,"agent":true,`)
	log, talk := startRole(t, "agent", "--manager", strings.TrimPrefix(s.tls, "https://"), "--ca", s.file("cert.pem"), "--service-key-file", s.file("service.key"),
		"--tenant", "Branch", "--period", "1", "--listen", "127.0.1.1:0", "--listen", "https://127.0.1.1:0", "--device-port", s.port, "--host", "WIN-PRIRP35V2QS")
	agent := talk.await(t, `listens at (http://\S+)`)
	for n := 1; n <= 3; n++ {
		s.keepAlive(agent, n, "started", "Branch")
	}
	s.act("IPPhoneSendMessage", "hello", 3)
	got := map[string]bool{}
	for range 3 {
		got[s.asked()] = true
	}
	for n := 1; n <= 3; n++ {
		if want := fmt.Sprintf("PUT 127.0.2.%d:%s/rest/v1/command/SendMessageHandler from 127.0.1.1", n, s.port); !got[want] {
			t.Errorf("the phones got %v, want %s", got, want)
		}
	}
	s.log.await(t, `(?s)(report +OK.*report +OK.*report +OK)`)
	rows := s.ask("GET", s.scripts+"api/v1/agents", "")
	if n := len(regexp.MustCompile(`"[-0-9]+ [0-9:]+, IPPhoneSendMessage, 127\.0\.2\.[123], PRIRP35V2QS, OK"`).FindAllString(rows, -1)); n != 3 || !strings.Contains(rows, `"WIN-PRIRP35V2QS-127.0.1.1"`) {
		t.Errorf("%d rows in %s", n, rows)
	}
	if devices := s.ask("GET", s.scripts+"api/v1/devices", ""); strings.Count(devices, `"externalIp": "127.0.1.1"`) != 3 {
		t.Errorf("the manager has seen others than the Agent: %s", devices)
	}
	before := strings.Count(log.String(), "0 actions")
	log.await(t, fmt.Sprintf(`(?s)((?:ok took \S+ s, 0 actions.*){%d})`, before+2)) // two more polls bring nothing
	if len(s.phones) != 0 {
		t.Errorf("a phone was asked again: %s", <-s.phones)
	}
	for _, text := range []string{log.String(), s.log.String(), talk.String()} {
		if strings.Contains(text, serviceKey) {
			t.Error("an output has the service key")
		}
	}
}

// Bad input ends in words.
func TestServeManagerRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("short-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, `found "phones", want networks`, []string{"device-manager", "--device-nets", "phones"}},
		{exitUsage, `unknown quirk "strict"`, []string{"device-manager", "--quirk", "strict"}},
		{exitUsage, "want a number above 0", []string{"device-manager", "--fault", "action=lose:0"}},
		{exitUsage, "no such fault", []string{"device-manager", "--fault", "poll=lose"}},
		{exitUsage, "--max-in-flight", []string{"device-manager", "--max-in-flight", "0"}},
		{exitCannot, "--templates", []string{"device-manager", "--templates", file + "x"}},
		{exitUsage, "want --manager, --service-key-file and --tenant", []string{"agent"}},
		{exitUsage, "--period 60: want whole seconds, 1 to 59", []string{"agent", "--period", "60"}},
		{exitUsage, "want an IP address or a name", []string{"agent", "--manager", "https://h"}},
		{exitUsage, "want the 32 hexadecimal digits", []string{"agent", "--service-key-file", file}},
		{exitUsage, "want up to 256 names", []string{"agent", "--tenant", "a b"}},
		{exitCannot, "no configuration of an Agent", []string{"agent", "--state", file}},
	} {
		code, out, talk := provsim(t.Context(), append([]string{"serve"}, c.args...)...)
		if code != c.code || !strings.Contains(talk, c.want) || strings.Contains(talk, "short-secret") {
			t.Errorf("%q: exit code %d, %q %q; want %d and %q", c.args, code, out, talk, c.code, c.want)
		}
	}
}
