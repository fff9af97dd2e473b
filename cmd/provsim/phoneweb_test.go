package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each command with --web says where its phone's page is, and serves it until the
// command is interrupted.
func TestWebPage(t *testing.T) {
	for _, args := range [][]string{{"phone", "--web", "127.0.0.1:0"}, {"lab", "--web", "127.0.0.1:0"}, {"demo", "--web", "127.0.0.1:0"}} {
		ctx, cancel := context.WithCancel(t.Context())
		talk, in := io.Pipe()
		ended := make(chan int)
		go func() {
			ended <- execute(&env{ctx: ctx, in: strings.NewReader(""), out: io.Discard, err: in, args: args})
			in.Close()
		}()
		line, err := bufio.NewReader(talk).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, talk)
		_, url, _ := strings.Cut(line, "at ")
		url, _, _ = strings.Cut(url, ",")
		answer, err := http.Get(url + "login")
		if err != nil {
			t.Fatalf("%q says %q: %v", args, line, err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%q: the login answers %d", args, answer.StatusCode)
		}
		cancel()
		if code := <-ended; code != exitInterrupted {
			t.Errorf("%q ends with %d, want 130", args, code)
		}
		if _, err := http.Get(url); err == nil {
			t.Errorf("%q has ended and still answers", args)
		}
	}
}

func TestWebFlags(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\nsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		flags []string
		code  int
		says  string
	}{
		{[]string{"--web", taken.Addr().String()}, exitCannot, "address already in use"},
		{[]string{"--web", "here"}, exitUsage, "--web"},
		{[]string{"--web", "127.0.0.1:0", "--web-user", ""}, exitUsage, "--web-user is empty"},
		{[]string{"--web", "127.0.0.1:0", "--web-password-file", empty}, exitUsage, "its first line is empty"},
		{[]string{"--web", "127.0.0.1:0", "--web-password-file", empty + "?"}, exitCannot, "no such file"},
		{[]string{"--web", "127.0.0.1:0", "--web-cert", "x"}, exitUsage, "both --web-cert and --web-key"},
		{[]string{"--web", "127.0.0.1:0", "--web-cert", empty, "--web-key", empty}, exitUsage, "--web-cert"},
	} {
		code, _, talk := provsim(t.Context(), append([]string{"phone", "--for", "1ms"}, tt.flags...)...)
		if code != tt.code || !strings.Contains(talk, tt.says) {
			t.Errorf("%q: exit code %d and %q, want %d and %q", tt.flags, code, talk, tt.code, tt.says)
		}
	}
}
