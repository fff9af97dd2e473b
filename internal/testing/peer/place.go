package peer

import (
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// Loopback returns an address for one server. Linux answers to all of
// 127.0.0.0/8, so tests that run at the same time do not share an address there.
func Loopback() string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1"
	}
	return netip.AddrFrom4([4]byte{127, byte(1 + rand.IntN(254)), byte(rand.IntN(256)), byte(1 + rand.IntN(254))}).String()
}

// FreePorts returns the first of n neighbouring ports that are free on a host. They
// are below the ports that the kernel gives to clients, so no client takes them in
// the meantime.
func FreePorts(t testing.TB, network, host string, n int) uint16 {
	t.Helper()
	const lowest, highest, attempts = 10000, 32767, 100
	for range attempts {
		first := lowest + rand.IntN(highest-lowest-n)
		if areFree(network, host, first, n) {
			return uint16(first)
		}
	}
	t.Fatalf("no %d free %s ports side by side on %s in %d attempts", n, network, host, attempts)
	return 0
}

func areFree(network, host string, first, n int) bool {
	for port := range n {
		if !isFree(network, net.JoinHostPort(host, strconv.Itoa(first+port))) {
			return false
		}
	}
	return true
}

func isFree(network, address string) bool {
	if network == "udp" {
		conn, err := net.ListenPacket(network, address)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// PublicDir returns a directory that every user can read. T.TempDir is not, and
// servers read their files as another user.
func PublicDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "provsim-peer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	Chmod(t, dir, 0o755)
	return dir
}

// Publish writes files by their paths below a directory. Every user can read them.
func Publish(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, body := range files {
		file := filepath.Join(dir, name)
		parent := filepath.Dir(file)
		if err := os.MkdirAll(parent, 0o755); err != nil {
			t.Fatal(err)
		}
		Chmod(t, parent, 0o755)
		if err := os.WriteFile(file, body, 0o644); err != nil {
			t.Fatal(err)
		}
		Chmod(t, file, 0o644)
	}
}

// Chmod sets a mode, without regard to the umask.
func Chmod(t testing.TB, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
