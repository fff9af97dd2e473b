//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"provsim/device"
	"provsim/resync"
)

// terminal is a pseudo-terminal with a person at its far end.
type terminal struct {
	person, program *os.File
	seen            bytes.Buffer
}

func newTerminal(t *testing.T) *terminal {
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	raw, err := person.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	raw.Control(func(fd uintptr) {
		unlock := 0
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, unlock); err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return &terminal{person: person, program: program}
}

// waitFor reads until the screen has shown a text since the last call.
func (c *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	c.person.SetReadDeadline(time.Now().Add(time.Minute))
	buf := make([]byte, 4096)
	for !strings.Contains(c.seen.String(), text) {
		n, err := c.person.Read(buf)
		if err != nil {
			t.Fatalf("the screen never shows %q (%v):\n%s", text, err, c.seen.String())
		}
		c.seen.Write(buf[:n])
	}
	c.seen.Reset()
}

func (c *terminal) press(t *testing.T, key string) {
	if _, err := c.person.WriteString(key); err != nil {
		t.Fatal(err)
	}
}

// On a terminal the phone shows its state, and its keys work.
func TestScreen(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.Files.Put("IP542N.conf", []byte("DBID_DBASE_VERSION=2207\n"))
	c := newTerminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: ctx, in: c.program, out: c.program, err: c.program, args: []string{
			"phone", "--option66", g.Addr("tftp").String(), "--set", "Resync Random Delay=0", "--boot-time", "50ms",
		}})
	}()
	c.waitFor(t, "configuration 2207")
	c.waitFor(t, "next   resync (periodic) in")
	c.press(t, "l")
	c.waitFor(t, "1 active")
	c.press(t, "r")
	c.waitFor(t, "resync (request) waits for the end of the call")
	c.press(t, "l")
	c.waitFor(t, "unchanged")
	c.press(t, "b")
	c.waitFor(t, "boot           request")
	c.press(t, "q")
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d after q, want 0", code)
	}
}

// The page's address stays on the screen. The end of a long line, which says why a job
// failed, stays there too.
func TestScreenLosesNothing(t *testing.T) {
	c := newTerminal(t)
	if err := unix.IoctlSetWinsize(int(c.program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: t.Context(), in: c.program, out: c.program, err: c.program, args: []string{
			"phone", "--web", "127.0.0.1:0", "--profile-rule", "http://" + closedPort(t) + "/" + strings.Repeat("long/", 12) + "$MA.conf", "--set", "Resync Random Delay=0",
		}})
	}()
	c.waitFor(t, "page   http://127.0.0.1:")
	c.waitFor(t, "connection refused")
	c.press(t, "q")
	if code := <-ended; code != exitFound {
		t.Errorf("exit code %d after q, want %d", code, exitFound)
	}
}

func TestFold(t *testing.T) {
	for _, line := range []string{"", "short", strings.Repeat("a long line of an event, ", 20)} {
		var all strings.Builder
		for i, part := range fold(line, 40) {
			if len(part) > 40 {
				t.Errorf("%q has %d characters, want at most 40", part, len(part))
			}
			if i > 0 {
				part = part[12:]
			}
			all.WriteString(part)
		}
		if all.String() != line {
			t.Errorf("%q is shown as %q", line, &all)
		}
	}
}

// Control-C ends it as an interrupt does.
func TestScreenInterrupted(t *testing.T) {
	c := newTerminal(t)
	ended := make(chan int)
	go func() {
		ended <- execute(&env{ctx: t.Context(), in: c.program, out: c.program, err: c.program, args: []string{"phone"}})
	}()
	c.waitFor(t, "next   resync (boot) in")
	c.press(t, "\x03")
	if code := <-ended; code != exitInterrupted {
		t.Errorf("exit code %d after control-C, want 130", code)
	}
}

// What the two lines of the state say.
func TestDescribe(t *testing.T) {
	const now = 100 * time.Second
	status := func(s resync.Status) device.Status {
		return device.Status{Status: s, RebootEnds: resync.Never, Stored: &device.Stored{}}
	}
	reboots := status(resync.Status{At: resync.Never})
	reboots.RebootEnds = now + 5*time.Second
	tests := []struct {
		status      device.Status
		state, next string
	}{
		{reboots, "rebooting, back in 5s", "nothing is due"},
		{status(resync.Status{At: resync.Never}), "off", "nothing is due"},
		{status(resync.Status{On: true, Running: resync.Upgrade, At: resync.Never}), "upgrade under way", "nothing is due"},
		{status(resync.Status{On: true, At: resync.Never}), "waiting for an address", "nothing is due"},
		{status(resync.Status{On: true, Running: resync.Resync, Storing: true, At: resync.Never}), "resync has ended, and waits for the end of the call", "nothing is due"},
		{
			status(resync.Status{On: true, InCall: true, Next: resync.Resync, Cause: resync.Retry, At: now + 90*time.Second}),
			"in a call", "resync (retry) in 1m30s",
		}, {
			status(resync.Status{On: true, Online: true, Next: resync.Resync, Cause: resync.Periodic, At: 0, Waits: true, IdleAt: now + time.Minute}),
			"idle at", "resync (periodic) waits until the lines have been idle for 1m0s more",
		},
	}
	for _, tt := range tests {
		if got := doing(tt.status, now); !strings.HasPrefix(got, tt.state) {
			t.Errorf("state %q, want %q", got, tt.state)
		}
		if got := next(tt.status, now); got != tt.next {
			t.Errorf("next %q, want %q", got, tt.next)
		}
	}
}
