//go:build linux

package dhcp

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A namespace is a network of its own with one host in it: a thread that stays
// there until the test ends.
type namespace struct {
	thread int
	calls  chan func()
}

// newNamespace makes a namespace, or skips the test where that is not allowed.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	ns := &namespace{calls: make(chan func())}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with its goroutine
		ns.thread = unix.Gettid()
		made <- unix.Unshare(unix.CLONE_NEWNET)
		for call := range ns.calls {
			call()
		}
	}()
	t.Cleanup(func() { close(ns.calls) })
	if err := <-made; errors.Is(err, unix.EPERM) {
		t.Skip("needs the capability CAP_SYS_ADMIN, to make a network namespace")
	} else if err != nil {
		t.Fatalf("network namespace: %v", err)
	}
	return ns
}

// do runs f in the namespace. Sockets that it opens and processes that it
// starts stay there.
func (ns *namespace) do(f func()) {
	done := make(chan struct{})
	ns.calls <- func() {
		defer close(done)
		f()
	}
	<-done
}

// ip runs the command ip with each line of arguments, and returns what the last
// one prints.
func (ns *namespace) ip(t *testing.T, lines ...string) string {
	t.Helper()
	var output []byte
	for _, line := range lines {
		var err error
		ns.do(func() { output, err = exec.Command("ip", strings.Fields(line)...).CombinedOutput() })
		if err != nil {
			t.Fatalf("ip %s: %v\n%s", line, err, output)
		}
	}
	return string(output)
}

// A lan is a switch, to which hosts are plugged.
type lan struct {
	wiring *namespace
	ports  int
}

func newLAN(t *testing.T) *lan {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the program ip, Debian package iproute2")
	}
	l := &lan{wiring: newNamespace(t)}
	l.wiring.ip(t, "link add switch type bridge", "link set switch up")
	return l
}

// host returns a new host with the interface eth0 and an address.
func (l *lan) host(t *testing.T, addr string) *namespace {
	t.Helper()
	ns := newNamespace(t)
	l.ports++
	port := fmt.Sprint("port", l.ports)
	l.wiring.ip(t,
		fmt.Sprintf("link add %s type veth peer name eth0 netns %d", port, ns.thread),
		fmt.Sprintf("link set %s master switch up", port))
	ns.ip(t, "link set lo up", "addr add "+addr+" dev eth0", "link set eth0 up")
	ns.await(t, "link show eth0", "state UP")
	l.wiring.await(t, "-d link show "+port, "state forwarding")
	return ns
}

// await runs the command ip until it prints a word. The kernel brings links up a
// little later than it is told to, and a packet that is sent before is lost.
func (ns *namespace) await(t *testing.T, line, word string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(ns.ip(t, line), word); {
		if time.Now().After(deadline) {
			t.Fatalf("ip %s does not show %q after %v", line, word, patience)
		}
	}
}
