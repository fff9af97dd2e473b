package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output collects what a command prints, for a test that reads it meanwhile.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{}
}

func newOutput() *output { return &output{news: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	select {
	case o.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await returns what a pattern's group matches in the output, as soon as it is
// there.
func (o *output) await(t *testing.T, pattern string) string {
	t.Helper()
	find := regexp.MustCompile(pattern)
	patience := time.After(time.Minute)
	for {
		if m := find.FindStringSubmatch(o.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-o.news:
		case <-patience:
			t.Fatalf("no %q in the output:\n%s", pattern, o)
		}
	}
}

// startRole runs a role until the test ends.
func startRole(t *testing.T, args ...string) (out, talk *output) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, talk = newOutput(), newOutput()
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: ctx, hard: ctx, in: strings.NewReader(""), out: out, err: talk, args: append([]string{"serve"}, args...)})
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitInterrupted {
			t.Errorf("%q: an interrupted role ends with %d, want 130; it says %s", args, code, talk)
		}
	})
	return out, talk
}

// The three roles together: a phone leases an address, and its files are at the
// path that its lease names and at no other (SMG-SEQ-2).
func TestServeRoles(t *testing.T) {
	accounts := filepath.Join(t.TempDir(), "accounts.csv")
	list := "mac,user,password,server,reseller\n0021f2011b19,2001,s3cret,sip.example.net,Acme\n"
	if err := os.WriteFile(accounts, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	twLog, tw := startRole(t, "teleware", "--accounts", accounts)
	acLog, ac := startRole(t, "activator", "--teleware", tw.await(t, `(http://\S+)`)+"/twautoprovisioning", "--web", "127.0.0.1:0")
	base := ac.await(t, `Activator listens at (http://\S+)`)
	gwLog, gw := startRole(t, "gateway",
		"--set", "Dhcp Server Tftp Server 1 = "+base+"/phoneprovisioning",
		"--set", "Dhcp Server Mac Alert Enabled 1 = yes", "--set", "Dhcp Server Mac Alert Address 1 = 0021f2",
		"--set", "Dhcp Server Mac Alert Randomise Tftp Server Name 1 = yes",
		"--set", "Event Forwarding Discriminator Entry Class 1 = DHCP", "--set", "Event Forwarding Discriminator Entry Target 1 = activator",
		"--set", "Http Client File Server Ip Address = "+strings.TrimPrefix(base, "http://"))
	code, journal, talk := provsim(t.Context(), "phone", "--once", "--boot-time", "1ms", "--set", "Resync Random Delay=0",
		"--dhcp-relay", gw.await(t, `udp://(\S+)`), "--dhcp-listen", "127.0.0.1:0")
	tree := regexp.MustCompile(base + `/phoneprovisioning/[0-9]{18}`).FindString(journal)
	if tree == "" || code == exitUsage || code == exitCannot {
		t.Fatalf("exit code %d, %s\n%s", code, talk, journal)
	}
	acLog.await(t, "(published)")
	gwLog.await(t, "(event.sent)")
	get := func(url string) (int, string) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := get(tree + "/phone-0021f2011b19.cfg"); status != 200 || !strings.Contains(body, `reg.1.auth.password="s3cret"`) {
		t.Errorf("the phone's file: %d %s", status, body)
	}
	if status, body := get(base + "/phoneprovisioning/000000000000000000/phone-0021f2011b19.cfg"); status != 404 || body != "Not Found\n" {
		t.Errorf("at another number: %d %q", status, body)
	}
	if !strings.Contains(gwLog.String(), "DHCP: Leased 192.168.100.100") {
		t.Errorf("the gateway's log is\n%s", gwLog)
	}
	for _, log := range []*output{twLog, acLog, gwLog} {
		if strings.Contains(log.String(), "s3cret") {
			t.Errorf("a log has the password:\n%s", log)
		}
	}
	password := ac.await(t, `password (\S+)`)
	if page := ac.await(t, `page is at (http://\S+?/),`); page == "" || password == "" {
		t.Errorf("the page is not announced: %s", ac)
	}
}

// Bad input of each role ends in words.
func TestServeRefuses(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("# settings\nDhcp Server Tftp Server 9,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "Roles:", nil},
		{exitUsage, `unknown ROLE "gatway", did you mean "gateway"`, []string{"gatway"}},
		{exitUsage, "want --accounts FILE", []string{"teleware"}},
		{exitCannot, "no such file", []string{"teleware", "--accounts", bad + "x"}},
		{exitCannot, "line 1, column 1", []string{"teleware", "--accounts", bad}},
		{exitUsage, "no such fault", []string{"teleware", "--fault", "account=gone"}},
		{exitUsage, "want a share above 0%", []string{"gateway", "--fault", "event=drop@0%"}},
		{exitUsage, "found the value \"5s\", want none", []string{"gateway", "--fault", "event=drop:5s"}},
		{exitUsage, "want event=delay:TIME", []string{"gateway", "--fault", "event=delay"}},
		{exitUsage, "want --teleware URL", []string{"activator"}},
		{exitUsage, "--allow: found", []string{"activator", "--allow", "a/b"}},
		{exitUsage, "want ADDRESS:PORT", []string{"activator", "--teleware", "http://h/", "--listen", "8080"}},
		{exitUsage, "needs both --cert and --key", []string{"activator", "--teleware", "http://h/", "--listen", "https://127.0.0.1:0"}},
		{exitCannot, "line 2: dhcp server tftp server: want an index of 1 to 4", []string{"gateway", "--settings", bad}},
		{exitUsage, `did you mean "event log size"`, []string{"gateway", "--set", "Event Log Siz = 3"}},
		{exitUsage, `unknown quirk "trace"`, []string{"gateway", "--quirk", "trace"}},
		{exitUsage, "--dhcp-relay-port 70000: want 1 to 65535", []string{"gateway", "--dhcp-relay-port", "70000"}},
		{exitCannot, "interface", []string{"gateway", "--dhcp", "no-such-interface"}},
		{exitUsage, "want --url URL or --urls FILE", []string{"pnp"}},
		{exitUsage, `found the URL "x"`, []string{"pnp", "--url", "x"}},
		{exitCannot, "line 1: want the header", []string{"pnp", "--urls", bad}},
	} {
		code, out, talk := provsim(t.Context(), append([]string{"serve"}, c.args...)...)
		if code != c.code || !strings.Contains(talk, c.want) {
			t.Errorf("%q: exit code %d, %q %q; want %d and %q", c.args, code, out, talk, c.code, c.want)
		}
	}
}

// A phone asks the PnP server, and fetches from where that leads.
func TestServePnP(t *testing.T) {
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/805ec0d57d72/805ec0d57d72.cfg" {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, "#!version:1.0.0.1\naccount.1.enable = 1\n")
	}))
	defer files.Close()
	log, talk := startRole(t, "pnp", "--url", files.URL+"/{mac}/", "--listen", "127.0.0.1:0")
	code, journal, word := provsim(t.Context(), "phone", "--once", "--vendor", "yealink", "--mac", "805ec0d57d72", "--boot-time", "1ms", "--pnp", talk.await(t, `udp://(\S+)`))
	if code != 0 || word != "applied\n" {
		t.Errorf("exit code %d, %q\n%s", code, word, journal)
	}
	log.await(t, "(notify) +taken Yealink T46S|notify .* taken")
}
