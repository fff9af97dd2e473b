//go:build linux

package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"provsim/internal/journal"
	"provsim/internal/testing/peer"
)

// dhcpHost is the address of the servers.
const dhcpHost = "10.66.0.1"

// A network is a cable with servers at one end and a phone at the other. The
// ends are network namespaces, so no other program receives the packets.
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

// buildCommand returns the command's file, which is built once for all tests.
func buildCommand(t *testing.T) string {
	t.Helper()
	compiler := peer.Find(t, "go", "golang-go")
	built.Do(func() {
		if output, err := exec.Command(compiler, "build", "-o", commandFile, "provsim/cmd/provsim").CombinedOutput(); err != nil {
			buildFault = fmt.Errorf("go build: %w\n%s", err, output)
		}
	})
	if buildFault != nil {
		t.Fatal(buildFault)
	}
	return commandFile
}

var (
	built       sync.Once
	buildFault  error
	commandFile string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "provsim-interop-")
	if err != nil {
		panic(err)
	}
	commandFile = filepath.Join(dir, "provsim")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// A phoneRun is the result of one run of the command.
type phoneRun struct {
	records []journal.Record
	code    int
	stderr  string
}

// phone runs a Flying Voice phone at the phone's end of the cable until a first resync is
// over.
func (n network) phone(t *testing.T, command string, flags ...string) phoneRun {
	t.Helper()
	return n.vendorPhone(t, command, append([]string{"--set", "Resync Random Delay=0"}, flags...)...)
}

// vendorPhone is phone for a phone of any vendor, which waits at boot as its flags say.
func (n network) vendorPhone(t *testing.T, command string, flags ...string) phoneRun {
	t.Helper()
	args := []string{"netns", "exec", n.phones, command, "phone", "--once", "--json", "--boot-time", "50ms", "--for", peer.Patience.String()}
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
