package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dashboardLine is what a command says of its dashboard.
var dashboardLine = regexp.MustCompile(`the dashboard is at (http://[^/]+/), user (\w+)(?:, password (\w+))?\n`)

// A plan, saved results and a running fleet have a dashboard until they are
// interrupted, for a browser that knows the printed password.
func TestDashboard(t *testing.T) {
	out := filepath.Join(t.TempDir(), "results")
	if code, _, talk := provsim(t.Context(), "plan", "--devices", "5", "--for", "10m", "--out", out, "--events"); code != 0 {
		t.Fatal(talk)
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("of-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args     []string
		password string // empty: the one that is printed
		shows    string
	}{
		{[]string{"plan", "--devices", "5", "--for", "10m"}, "", `"running": false`},
		{[]string{"report", out}, "", `"running": false`},
		{[]string{"fleet", "--devices", "5", "--profile-rule", "http://127.0.0.1:9/$MA"}, "", `"running": true`},
		{[]string{"report", out, "--web-user", "carol", "--web-password-file", file}, "of-a-file", `"running": false`},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		talk, in := io.Pipe()
		ended := make(chan int)
		go func() {
			args := append(c.args, "--web", "127.0.0.1:0")
			ended <- execute(&env{ctx: ctx, hard: ctx, in: strings.NewReader(""), out: io.Discard, err: in, args: args})
			in.Close()
		}()
		lines := bufio.NewReader(talk)
		line := ""
		for !strings.Contains(line, "dashboard is at") {
			var err error
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("%q says nothing of a dashboard: %v", c.args, err)
			}
		}
		go io.Copy(io.Discard, lines)
		said := dashboardLine.FindStringSubmatch(line)
		if said == nil || c.password != "" && said[3] != "" || c.password == "" && len(said[3]) < 20 {
			t.Fatalf("%q says %q", c.args, line)
		}
		if body := readRun(t, said[1], said[2], c.password+said[3]); !strings.Contains(body, c.shows) {
			t.Errorf("%q shows\n%s", c.args, body)
		}
		cancel()
		if code := <-ended; code != exitInterrupted {
			t.Errorf("%q ends with %d, want 130", c.args, code)
		}
		if _, err := http.Get(said[1]); err == nil {
			t.Errorf("%q has ended and still answers", c.args)
		}
	}
}

// readRun logs in and returns how the run stands.
func readRun(t *testing.T, url, user, password string) string {
	t.Helper()
	login, err := http.Post(url+"api/login", "application/json", strings.NewReader(`{"user":"`+user+`","password":"`+password+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	login.Body.Close()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"api/run", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range login.Cookies() {
		ask.AddCookie(c)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What --web of a fleet needs is asked for before anything is sent.
func TestDashboardFlags(t *testing.T) {
	for says, flags := range map[string][]string{
		"--web-user is empty": {"--web", "127.0.0.1:0", "--web-user", ""},
		"--web":               {"--web", "here"},
		"both":                {"--web", "127.0.0.1:0", "--web-cert", "x"},
	} {
		for _, command := range []string{"plan", "fleet"} {
			code, _, talk := provsim(t.Context(), append([]string{command, "--devices", "1", "--for", "1s", "--profile-rule", "http://127.0.0.1:9/x"}, flags...)...)
			if code != exitUsage && code != exitCannot || !strings.Contains(talk, says) {
				t.Errorf("%s %q: exit code %d and %q, want %q", command, flags, code, talk, says)
			}
		}
	}
}
