package limits

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// system writes the files of a system and returns where they are.
func system(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadingsOfASystem(t *testing.T) {
	dir := system(t, map[string]string{
		"proc/self/status":                      "Name:\tprovsim\nVmRSS:\t  2048 kB\n",
		"proc/meminfo":                          "MemTotal: 99999 kB\nMemAvailable:   4096 kB\n",
		"proc/net/sockstat":                     "sockets: used 9\nTCP: inuse 5 orphan 0 tw 20 alloc 8 mem 1\nUDP: inuse 3 mem 2\nUDPLITE: inuse 4\n",
		"proc/net/sockstat6":                    "TCP6: inuse 100\nUDP6: inuse 200\n",
		"proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
		"group/memory.max":                      "5242880\n",
		"group/cpu.max":                         "50000 100000\n",
	})
	m := linux{proc: filepath.Join(dir, "proc"), group: filepath.Join(dir, "group"), sources: 3}
	got := m.Read()
	want := Readings{
		Ports: 328, PortLimit: 3 * 28232, Memory: 2 << 20, MemoryLimit: 5 << 20, CPUs: 0.5,
		Descriptors: got.Descriptors, DescriptorLimit: got.DescriptorLimit, CPU: got.CPU, // this process's own
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(m.group, "memory.max"), []byte("max\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := m.Read().MemoryLimit; got != 6<<20 {
		t.Errorf("limit %d without one of the group, want what is used and what is available", got)
	}
}

func TestReadingsOfNoSystem(t *testing.T) {
	got := linux{proc: "/nowhere", sources: 1}.Read()
	if got.Ports != 0 || got.PortLimit != 0 || got.Memory != 0 || got.MemoryLimit != 0 || got.CPUs < 1 {
		t.Errorf("readings %+v, want nothing but the processors", got)
	}
}

func TestThisMachineSeesItsSockets(t *testing.T) {
	m := ThisMachine(1)
	before := m.Read()
	const sockets = 50
	for range sockets {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	after := m.Read()
	if after.Descriptors < before.Descriptors+sockets || after.DescriptorLimit == 0 {
		t.Errorf("descriptors %d and then %d of %d, want %d more", before.Descriptors, after.Descriptors, after.DescriptorLimit, sockets)
	}
	if after.Ports < sockets || after.PortLimit < 1000 {
		t.Errorf("ports %d of %d, want at least %d", after.Ports, after.PortLimit, sockets)
	}
	if after.Memory == 0 || after.MemoryLimit <= after.Memory || after.CPU <= 0 || after.CPU > time.Hour {
		t.Errorf("readings %+v, want some memory and processor time", after)
	}
}
