//go:build linux

package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"provsim/internal/journal"
	"provsim/internal/peer"
)

// dhcpHost is the address of the servers.
const dhcpHost = "10.66.0.1"

// A network is a cable with servers at one end and a phone at the other. The
// ends are network namespaces, so that nobody else hears what is sent.
type network struct{ servers, phones string }

// newNetwork lays a cable, or skips the test where that is not allowed.
func newNetwork(t *testing.T) network {
	t.Helper()
	peer.Find(t, "ip", "iproute2")
	name := fmt.Sprintf("provsim-%08x", rand.Uint32())
	n := network{servers: name + "-servers", phones: name + "-phones"}
	for _, ns := range []string{n.servers, n.phones} {
		if output, err := exec.Command("ip", "netns", "add", ns).CombinedOutput(); err != nil {
			t.Skipf("needs the right to make network namespaces: %s", output)
		}
		t.Cleanup(func() { ip(t, "netns", "delete", ns) })
	}
	ip(t, "link", "add", "vsrv", "netns", n.servers, "type", "veth", "peer", "name", "vcli", "netns", n.phones)
	// The phone's address is that of its transfers, and of the relay agent.
	ip(t, "-n", n.servers, "address", "add", dhcpHost+"/16", "dev", "vsrv")
	ip(t, "-n", n.phones, "address", "add", "10.66.0.2/16", "dev", "vcli")
	ip(t, "-n", n.servers, "link", "set", "vsrv", "up")
	ip(t, "-n", n.phones, "link", "set", "vcli", "up")
	return n
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if output, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}

// start runs a server at its end of the cable. The program ip becomes the server, so
// that there is no other process to end.
func (n network) start(t *testing.T, dir string, ready func(context.Context) error, command []string) *peer.Program {
	t.Helper()
	return peer.Start(t, dir, ready, "ip", append([]string{"netns", "exec", n.servers}, command...)...)
}

// hasTFTP reports whether a TFTP server listens, by the kernel's table of UDP sockets.
func (n network) hasTFTP(ctx context.Context) error {
	table, err := exec.CommandContext(ctx, "ip", "netns", "exec", n.servers, "cat", "/proc/net/udp").Output()
	if err == nil && !bytes.Contains(table, fmt.Appendf(nil, ":%04X ", tftpPort)) {
		err = errors.New("no socket on the port of TFTP")
	}
	return err
}

// buildCommand builds the command for as long as the test runs.
func buildCommand(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "provsim")
	if output, err := exec.Command(peer.Find(t, "go", "golang-go"), "build", "-o", file, "provsim/cmd/provsim").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return file
}

// A phoneRun is what came of one run of the command.
type phoneRun struct {
	records []journal.Record
	code    int
	stderr  string
}

// phone runs the command at the phone's end of the cable until a first resync is over.
func (n network) phone(t *testing.T, command string, flags ...string) phoneRun {
	t.Helper()
	args := []string{"netns", "exec", n.phones, command, "phone", "--once", "--json", "--set", "Resync Random Delay=0", "--boot-time", "50ms", "--for", peer.Patience.String()}
	cmd := exec.CommandContext(t.Context(), "ip", append(args, flags...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	run := phoneRun{code: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
	for record, err := range journal.Read(&stdout) {
		if err != nil {
			t.Fatal(err)
		}
		run.records = append(run.records, record)
	}
	return run
}
