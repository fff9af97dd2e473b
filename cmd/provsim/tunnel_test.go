package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/spf13/pflag"

	"provsim/internal/role/tunnel/client"
)

// tunnelServer runs 'serve tunnel' until the test ends, and returns its address.
func tunnelServer(t *testing.T, flags ...string) string {
	t.Helper()
	_, talk := startRole(t, append([]string{"tunnel", "--listen", "127.0.0.1:0"}, flags...)...)
	return talk.await(t, `listens at http://(\S+)`)
}

// tunnelDevice runs 'tunnel' to its end.
func tunnelDevice(t *testing.T, flags ...string) (code int, out, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	o, s := newOutput(), newOutput()
	code = execute(&env{ctx: ctx, hard: ctx, args: append([]string{"tunnel"}, flags...), in: strings.NewReader(""), out: o, err: s})
	return code, o.String(), s.String()
}

// WT-FLT-6: the events of a device's log, as JSON lines.
func TestTunnelLog(t *testing.T) {
	server := tunnelServer(t)
	record := t.TempDir()
	code, out, said := tunnelDevice(t, "--set", "WSTunServer="+server, "--for", "2s", "--json", "--record", record)
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, said)
	}
	_, refused, _ := tunnelDevice(t, "--set", "WSTunServer=127.0.0.1:1", "--for", "1s", "--json")
	var events []string
	for line := range strings.Lines(out + refused) {
		var r struct{ Event, Device, Wall string }
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Wall == "" || r.Device != "00908f3c8192" {
			t.Errorf("%s: %v", line, err)
		}
		events = append(events, r.Event)
	}
	for _, want := range []string{"tunnel.open", "tunnel.ready", "tunnel.close", "tunnel.wait", "record", "service"} {
		if !slices.Contains(events, want) {
			t.Errorf("no event %s in %v", want, events)
		}
	}
	if !strings.Contains(out, "VRF main-vrf") { // WT-PAR-4
		t.Error("the log does not name the VRF")
	}
}

// WT-GEN-1: a run ends with what was learnt, and claims success only where
// something came back.
func TestTunnelLearns(t *testing.T) {
	code, out, said := tunnelDevice(t, "--set", "WSTunServer="+tunnelServer(t), "--for", "2s")
	if code != 0 || !strings.Contains(out, "status 101") || !strings.Contains(out, "authentication Basic") || !strings.Contains(out, "works: an ICMP echo was answered") {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			c.Write(r.Context(), websocket.MessageBinary, []byte{0xc0, 0, 0, 0})
			c.Read(r.Context())
			c.Read(r.Context())
		}
	}))
	defer deaf.Close()
	_, out, _ = tunnelDevice(t, "--set", "WSTunServer="+strings.TrimPrefix(deaf.URL, "http://"), "--for", "2s")
	if !strings.Contains(out, "1 broken") || strings.Contains(out, "works") || !strings.Contains(out, "nothing has come back") {
		t.Error(out)
	}
}

// WT-FLT-1: many devices start within 30 s, with serial numbers in a row.
func TestManyTunnels(t *testing.T) {
	r := &tunnelRun{}
	fs := flagSet("tunnel")
	tunnelSetup(r)(fs)
	if err := fs.Parse([]string{"--devices", "20", "--serial", "258", "--for", "10m"}); err != nil {
		t.Fatal(err)
	}
	s, err := r.scenario(&env{ctx: t.Context()})
	if err != nil || len(s.Phases) != 1 || s.Phases[0].Over != client.StartOver || s.Devices != 20 || r.of(19) != 277 {
		t.Errorf("%+v, %v", s, err)
	}
	dir := t.TempDir()
	code, out, said := tunnelDevice(t, "--set", "WSTunServer="+tunnelServer(t), "--set", "WSTunUsername=VPN", "--devices", "20", "--for", "6s", "--out", dir)
	if code != 0 || !strings.Contains(out, "20, of which 20 had a tunnel at the end") {
		t.Errorf("exit code %d\n%s%s", code, out, said)
	}
	var sum struct{ Devices, Open, Opens int }
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err == nil {
		err = json.Unmarshal(text, &sum)
	}
	page, failed := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || sum.Devices != 20 || sum.Opens != 20 || failed != nil || !strings.Contains(string(page), "Connects a second") {
		t.Errorf("%+v, %v, %v", sum, err, failed)
	}
}

// Wrong flags are refused before anything is sent, and no message has a password.
func TestTunnelFlags(t *testing.T) {
	dir := t.TempDir()
	ini := filepath.Join(dir, "a.ini")
	if err := os.WriteFile(ini, []byte("WSTunServer = 'h'\nWSTunSecured = perhaps\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags string
		want  string
	}{
		{"", "OVOC WebSocket Tunnel Server Address (WSTunServer) is empty"}, // WT-PAR-6
		{"--set WSTunServer", "want NAME=VALUE"},
		{"--set WSTunPasswort=s3cret", `did you mean "WSTunPassword"?`},
		{"--set WSTunSecured=s3cret", "want 0 or 1"},
		{"--ini " + ini, "a.ini:2: WSTunSecured: want 0 or 1"},
		{"--set WSTunServer=h --codec xyz", `unknown codec "xyz"`},
		{"--set WSTunServer=h --mtu 1000", "--mtu 1000"},
		{"--set WSTunServer=h --address 169.254.0.5", "want one from 169.254.1.0"},
		{"--set WSTunServer=h --quirk reconnect=fixed:x", "--quirk reconnect=fixed:TIME"},
		{"--set WSTunServer=h --devices 70000", "--devices 70000, want 1 to 65024"},
		{"--set WSTunServer=h --devices 2 --address 169.254.1.1", "--address is of one device"},
		{"--set WSTunServer=8.8.8.8 --devices 2", "the address is public"},
		{"--set WSTunServer=h --scenario power-cut", "of phones"},
		{"--set WSTunServer=h --dns nowhere", "--dns"},
	} {
		code, _, said := tunnelDevice(t, strings.Fields(c.flags)...)
		if code != exitUsage || !strings.Contains(said, c.want) || strings.Contains(said, "s3cret") {
			t.Errorf("%s: exit code %d, %s", c.flags, code, said)
		}
	}
	for _, c := range []struct{ flags, want string }{
		{"--forward x", "--forward"}, {"--forward 80=h", "--forward"}, {"--reach 127.0.0.1:1=x", "--reach"}, {"--fault tunnel=drop:200", "--fault"},
		{"--fault nothing=x", "no such fault"}, {"--max-tunnels 0", "--max-tunnels"}, {"--assign --learn", "one of them"}, {"--codec x", "unknown codec"},
		{"--ca-file x", "https://"}, {"--users " + ini, "want user:password"}, {"--poll 1ms", "--poll"},
	} {
		said := newOutput()
		code := execute(&env{ctx: t.Context(), hard: t.Context(), args: append([]string{"serve", "tunnel"}, strings.Fields(c.flags)...), in: strings.NewReader(""), out: newOutput(), err: said})
		if code != exitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("serve tunnel %s: exit code %d, %s", c.flags, code, said)
		}
	}
}

func tunnelSetup(r *tunnelRun) func(*pflag.FlagSet) { return r.add }
