package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"provsim/device/vendors"
)

// startLab runs 'provsim lab' until the test ends, and returns what it
// announces: addresses and files by their first word, the last of each.
func startLab(t *testing.T, args ...string) map[string]string {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: ctx, in: strings.NewReader(""), out: in, err: io.Discard, args: append([]string{"lab"}, args...)})
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	announced := map[string]string{}
	for len(announced) < 9 && lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		announced[word] = strings.TrimSpace(rest)
	}
	go io.Copy(io.Discard, out)
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != exitInterrupted {
			t.Errorf("an interrupted lab ends with %d, want 130", code)
		}
	})
	return announced
}

// A phone of the same flags finds its files in the lab, by every way.
func TestLab(t *testing.T) {
	l := startLab(t, "--dir", t.TempDir())
	for _, flags := range [][]string{
		{"--option66", l["tftp"]},
		{"--dhcp-relay", l["dhcp"], "--dhcp-listen", "127.0.0.1:0"},
		{"--profile-rule", "http://" + l["http"] + "/fv$(MAU).conf"},
		{
			"--profile-rule", "[--key 123456] https://" + l["https"] + "/fv$(MA)-enc.conf",
			"--ca", l["ca"], "--cert", l["cert"], "--key", l["key"],
		},
	} {
		code, out, talk := provsim(t.Context(), append([]string{"phone", "--once", "--set", "Resync Random Delay=0", "--boot-time", "1ms"}, flags...)...)
		if code != 0 || talk != "applied\n" {
			t.Errorf("%q: exit code %d and %q, journal:\n%s", flags, code, talk, out)
		}
	}
}

// With --vendor the lab has what a phone of that vendor asks for, and names the option
// that leads it there.
func TestLabOfAnotherVendor(t *testing.T) {
	for _, p := range vendors.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, "--vendor", p.Name, "--dir", t.TempDir(), "--uploads", "/")
			leads := []string{"--option", l["option"]}
			if l["option"] == "" {
				leads = []string{"--server", l["server"]}
			}
			if p.RandomDelay != "" {
				leads = append(leads, "--set", p.RandomDelay+"=0")
			}
			code, out, talk := provsim(t.Context(), append([]string{"phone", "--once", "--vendor", p.Name, "--boot-time", "1ms"}, leads...)...)
			if word := strings.TrimSpace(talk); code != 0 || word != "applied" && word != "unchanged" {
				t.Errorf("exit code %d and %q, journal:\n%s", code, talk, out)
			}
		})
	}
}

// Its faults can be switched on from the command line.
func TestLabFaults(t *testing.T) {
	l := startLab(t, "--dir", t.TempDir(), "--tls-fault", "expired", "--fault", "fv=status:503", "--fault", "IP542N.conf=truncate:10")
	for want, flags := range map[string][]string{
		"http-status\n":   {"--profile-rule", "http://" + l["http"] + "/fv$(MAU).conf"},
		"truncated\n":     {"--profile-rule", "http://" + l["http"] + "/IP542N.conf"},
		"tls-untrusted\n": {"--profile-rule", "https://" + l["https"] + "/x", "--ca", l["ca"], "--cert", l["cert"], "--key", l["key"]},
	} {
		code, out, talk := provsim(t.Context(), append([]string{"phone", "--once", "--set", "Resync Random Delay=0"}, flags...)...)
		if code != 1 || talk != want {
			t.Errorf("exit code %d and %q, want 1 and %q, journal:\n%s", code, talk, want, out)
		}
	}
	for _, bad := range [][]string{
		{"--tls-fault", "expird"}, {"--fault", "x"}, {"--fault", "x=stal"}, {"--fault", "x=status:700"}, {"--fault", "x=drop:2"},
		{"--fault", "x=drop:NaN"}, {"--fault", "x=delay:soon"}, {"--fault", "x=stall:1"}, {"--fault", "x=redirect"}, {"--http", "nowhere:http"},
	} {
		if code, _, talk := provsim(t.Context(), append([]string{"lab"}, bad...)...); code != exitUsage && code != exitCannot || !strings.Contains(talk, "error: ") {
			t.Errorf("lab %q: exit code %d and %q, want an error", bad, code, talk)
		}
	}
}

// An address that no server can have is wrong usage, and no other program's fault.
func TestLabAddresses(t *testing.T) {
	for _, address := range []string{"nope", "127.0.0.1:99999", "127.0.0.1"} {
		code, _, talk := provsim(t.Context(), "lab", "--tftp", address)
		if code != exitUsage || strings.Contains(talk, "another program") || !strings.Contains(talk, address) {
			t.Errorf("--tftp %s: exit code %d and %q, want %d and the address", address, code, talk, exitUsage)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	code, _, talk := provsim(t.Context(), "lab", "--http", taken.Addr().String())
	if code != exitCannot || !strings.Contains(talk, "another program uses that address") {
		t.Errorf("an address in use: exit code %d and %q", code, talk)
	}
}
