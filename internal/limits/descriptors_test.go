//go:build linux

package limits_test

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/tftp"
	"provsim/internal/limits"
	"provsim/profile"
)

// child runs the test again in a process of its own, and reports whether this
// is that process.
func child(t *testing.T) bool {
	t.Helper()
	const mark = "PROVSIM_TEST_CHILD"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), mark+"="+t.Name())
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

func TestDescriptorsAreRaised(t *testing.T) {
	if !child(t) {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 128}); err != nil {
		t.Fatal(err)
	}
	got, err := limits.RaiseDescriptors(0)
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	if err != nil || got != 128 || now.Cur != 128 {
		t.Errorf("%d (%v), the limit is %d; want the hard limit, 128", got, err, now.Cur)
	}
}

// A process that runs out of descriptors says so, and how many it had.
func TestRunWithoutDescriptorsIsInvalid(t *testing.T) {
	if !child(t) {
		return
	}
	server, err := net.ListenPacket("udp4", "127.0.0.1:0") // and a poller for the runtime
	if err != nil {
		t.Fatal(err)
	}
	const most = 40
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		t.Fatal(err)
	}
	w := limits.New(limits.DefaultThresholds(), limits.ThisMachine(1))
	w.Sample(0)
	port := uint16(server.LocalAddr().(*net.UDPAddr).Port)
	for range most {
		if conn, err := net.ListenPacket("udp4", "127.0.0.1:0"); err == nil {
			defer conn.Close()
		}
	}
	reply := tftp.Client{}.Fetch(t.Context(), device.Request{Target: profile.Target{Scheme: "tftp", Host: "127.0.0.1", Port: port, Path: "/f"}, Timeout: time.Second})
	if reply.Local {
		w.Lacked(reply.Note)
	}
	w.Sample(time.Second)
	v := w.Validity()
	if v.Valid || !strings.Contains(strings.Join(v.Reasons, "\n"), "too many open files") {
		t.Errorf("valid %v, reasons %q, want it invalid for lack of descriptors", v.Valid, v.Reasons)
	}
}
