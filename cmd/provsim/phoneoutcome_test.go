package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/lab"
	"provsim/internal/testing/peer"
	"provsim/resync"
)

// provsim runs a command in this process.
func provsim(ctx context.Context, args ...string) (code int, out, talk string) {
	var o, e bytes.Buffer
	code = execute(&env{ctx: ctx, args: args, in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

// ground is a lab and what a device needs to meet it.
type ground struct {
	*lab.Lab
	dir string // with the PEM files
}

func newGround(t *testing.T) *ground {
	l, err := lab.Start(lab.Config{Realms: []lab.Realm{{Prefix: "/private", User: "ann", Password: "hush"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &ground{Lab: l, dir: t.TempDir()}
	mac, err := device.ParseMAC(anyMAC)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&samples{lab: l, mac: mac, product: "IP542N"}).writePEM(g.dir); err != nil {
		t.Fatal(err)
	}
	return g
}

// expand puts the lab's addresses and directory in place of SCHEME://lab, @lab
// and DIR.
func (g *ground) expand(args []string) []string {
	var pairs []string
	for _, scheme := range []string{"tftp", "http", "https"} {
		pairs = append(pairs, scheme+"://lab", scheme+"://"+g.Addr(scheme).String())
	}
	pairs = append(pairs, "@lab", "@"+g.Addr("http").String(), "DIR", g.dir)
	r := strings.NewReplacer(pairs...)
	expanded := make([]string, len(args))
	for i, a := range args {
		expanded[i] = r.Replace(a)
	}
	return expanded
}

// closedPort returns a loopback address on which no program listens.
func closedPort(t *testing.T) string {
	return fmt.Sprintf("127.0.0.1:%d", peer.FreePorts(t, "tcp", "127.0.0.1", 1))
}

// TestEveryOutcome runs 'provsim phone --once' into each outcome of FV-OUT-1:
// its word is the whole of standard error, and the exit code is 0 for a success
// and 1 for a failure.
func TestEveryOutcome(t *testing.T) {
	g := newGround(t)
	g.Files.Put("v1", []byte("DBID_DBASE_VERSION=1\n"))
	g.Files.Put("none", []byte("DBID_SIP_ACCOUNT=1\n"))
	g.Files.Put("empty", nil)
	g.Files.Put("page", []byte("<html><body>It works!</body></html>"))
	g.Files.Put("large", bytes.Repeat([]byte("DBID_X=1\n"), 200_000))
	g.Files.Put("private/x", []byte("DBID_DBASE_VERSION=1\n"))
	sealed, err := withKey([]byte("DBID_DBASE_VERSION=1\n"), demoKey)
	if err != nil {
		t.Fatal(err)
	}
	g.Files.Put("sealed", sealed)
	g.Files.Put("G502N.bin", vendors.Default().Image("G502N", "v9", []byte("x")))
	g.Files.Deny("denied")
	g.Faults.Set("broken", lab.Fault{Status: 500})
	g.Files.Put("stalled", []byte("x"))
	g.Faults.Set("stalled", lab.Fault{Stall: true})
	g.Files.Put("cut", bytes.Repeat([]byte("DBID_X=1\n"), 1000))
	g.Faults.Set("cut", lab.Fault{Truncate: 100})
	secured := []string{"--ca", "DIR/cacert.pem", "--cert", "DIR/sslclientcert.pem", "--key", "DIR/sslclientkey.pem"}

	type row struct {
		outcome resync.Outcome
		args    []string
		tls     lab.TLSFault
	}
	rule := func(o resync.Outcome, text string, more ...string) row {
		return row{outcome: o, args: append([]string{"--profile-rule", text}, more...)}
	}
	https := func(o resync.Outcome, fault lab.TLSFault, flags ...string) row {
		return row{outcome: o, tls: fault, args: append([]string{"--profile-rule", "https://lab/v1"}, flags...)}
	}
	rows := []row{
		rule(resync.Applied, "tftp://lab/v1"),
		rule(resync.Applied, "http://lab/v1"),
		https(resync.Applied, lab.Sound, secured...),
		rule(resync.Applied, "[--key 123456] http://lab/sealed"),
		rule(resync.Applied, "http://ann:hush@lab/private/x"),
		rule(resync.Unversioned, "tftp://lab/none"),
		rule(resync.Unchanged, ""),
		{outcome: resync.NoServer},
		rule(resync.BadRule, "http://lab:0/x"),
		rule(resync.DNS, "http://"+strings.Repeat("a", 64)+".example/x"),
		rule(resync.Unreachable, "http://127.255.255.255/x"), // loopback's broadcast address
		rule(resync.Timeout, "http://lab/stalled", "--timeout", "300ms"),
		rule(resync.Timeout, "tftp://lab/stalled", "--timeout", "300ms"),
		rule(resync.Refused, "http://"+closedPort(t)+"/x"),
		rule(resync.Refused, "tftp://lab/denied"),
		rule(resync.NotFound, "http://lab/nowhere"),
		rule(resync.NotFound, "tftp://lab/nowhere"),
		rule(resync.HTTPStatus, "http://lab/broken"),
		rule(resync.HTTPStatus, "http://lab/denied"),
		rule(resync.Unauthorized, "http://lab/private/x"),
		rule(resync.Unauthorized, "http://ann:wrong@lab/private/x"),
		https(resync.TLSUntrusted, lab.OtherCA, secured...),
		https(resync.TLSUntrusted, lab.Expired, secured...),
		https(resync.TLSName, lab.WrongName, secured...),
		https(resync.TLSClientCert, lab.Sound, "--ca", "DIR/cacert.pem"),
		rule(resync.TLS, strings.Replace("https://lab/v1", "https://lab", "https://"+g.Addr("http").String(), 1), secured...),
		https(resync.Timeout, lab.Silent, append(secured, "--timeout", "300ms")...),
		rule(resync.TooLarge, "http://lab/large"),
		rule(resync.TooLarge, "tftp://lab/large"),
		rule(resync.Truncated, "http://lab/cut"),
		rule(resync.Empty, "tftp://lab/empty"),
		rule(resync.Empty, "http://lab/empty"),
		rule(resync.BadKey, "[--key 654321] http://lab/sealed"),
		rule(resync.Corrupt, "http://lab/page"),
		rule(resync.Corrupt, "http://lab/sealed"),
		{outcome: resync.HTTPSUpgrade, args: []string{"--set", "Provision Enable=0", "--upgrade-rule", "https://lab/fw.bin"}},
		{outcome: resync.BadImage, args: []string{"--set", "Provision Enable=0", "--upgrade-rule", "http://lab/G502N.bin"}},
	}
	missing := map[resync.Outcome]bool{}
	for _, o := range resync.Outcomes() {
		missing[o] = true
	}
	for _, other := range []resync.Outcome{resync.Sent, resync.NoMaster, resync.Partial, resync.WrongModel, resync.Include} { // of keep-alives and files that these phones do not have
		delete(missing, other)
	}
	for _, r := range rows {
		delete(missing, r.outcome)
		t.Run(r.outcome.String()+" "+strings.Join(r.args, " "), func(t *testing.T) {
			if err := g.BreakTLS(r.tls); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"phone", "--once", "--set", "Resync Random Delay=0", "--boot-time", "1ms"}, g.expand(r.args)...)
			code, out, talk := provsim(t.Context(), args...)
			want := 1
			if r.outcome.Success() {
				want = 0
			}
			lines := strings.Split(strings.TrimSpace(talk), "\n")
			if code != want || lines[len(lines)-1] != r.outcome.String() {
				t.Errorf("exit code %d and %q, want %d and %q; journal:\n%s", code, talk, want, r.outcome, out)
			}
			if strings.Contains(out+talk, "hush") || strings.Contains(out+talk, demoKey) {
				t.Errorf("a secret is shown:\n%s%s", talk, out)
			}
		})
	}
	for o := range missing {
		t.Errorf("no row for outcome %v", o)
	}
}

// A second run with the same memory finds the file unchanged, and a damaged
// memory is neither used nor overwritten.
func TestStateDirectory(t *testing.T) {
	g := newGround(t)
	g.Files.Put("IP542N.conf", []byte("DBID_DBASE_VERSION=1\n"))
	dir := t.TempDir()
	args := []string{
		"phone", "--once", "--set", "Resync Random Delay=0", "--boot-time", "1ms",
		"--option66", g.Addr("tftp").String(), "--state", dir,
	}
	for _, want := range []string{"applied\n", "unchanged\n"} {
		if code, out, talk := provsim(t.Context(), args...); code != 0 || talk != want {
			t.Fatalf("exit code %d and %q, want 0 and %q; journal:\n%s", code, talk, want, out)
		}
	}
	file := filepath.Join(dir, "0021f2011b19.state")
	damaged := []byte("provsim-state 1\nnonsense")
	if err := os.WriteFile(file, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, talk := provsim(t.Context(), args...)
	if code != exitCannot || !strings.Contains(talk, file) {
		t.Errorf("with damaged memory: exit code %d and %q, want 3 and the file's path", code, talk)
	}
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, damaged) {
		t.Errorf("the damaged memory is now %q (%v)", now, err)
	}
}
