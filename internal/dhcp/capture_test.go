//go:build linux

package dhcp

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A capture is everything that an interface sends and hears.
type capture struct{ socket *os.File }

// newCapture begins to capture on eth0 of a host.
func newCapture(t *testing.T, host *namespace) *capture {
	t.Helper()
	var fd int
	var err error
	host.do(func() {
		all := binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL})
		fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(all))
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &capture{os.NewFile(uintptr(fd), "capture")}
	t.Cleanup(func() { c.socket.Close() })
	return c
}

// save writes what was captured, up to the DHCP packet number n, into a file of
// the format pcap.
func (c *capture) save(t *testing.T, n int) string {
	t.Helper()
	const ethernet, most = 1, 1 << 16
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	file = binary.LittleEndian.AppendUint16(file, 2)
	file = binary.LittleEndian.AppendUint16(file, 4)
	file = append(file, make([]byte, 8)...)
	file = binary.LittleEndian.AppendUint32(file, most)
	file = binary.LittleEndian.AppendUint32(file, ethernet)
	if err := c.socket.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	frame := make([]byte, most)
	for n > 0 {
		size, err := c.socket.Read(frame)
		if err != nil {
			t.Fatalf("%d more packets of DHCP to be captured: %v", n, err)
		}
		if isDHCP(frame[:size]) {
			n--
		}
		file = append(file, make([]byte, 8)...) // no time
		file = binary.LittleEndian.AppendUint32(file, uint32(size))
		file = binary.LittleEndian.AppendUint32(file, uint32(size))
		file = append(file, frame[:size]...)
	}
	name := filepath.Join(t.TempDir(), "capture.pcap")
	if err := os.WriteFile(name, file, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// isDHCP tells UDP to the ports 67 and 68.
func isDHCP(frame []byte) bool {
	if len(frame) < ethernetSize+ipSize+udpSize || binary.BigEndian.Uint16(frame[12:]) != typeIPv4 || frame[ethernetSize+9] != protocolUDP {
		return false
	}
	port := binary.BigEndian.Uint16(frame[ethernetSize+ipSize+2:])
	return port == clientPort || port == serverPort
}

// What clients send and get in both ways is DHCP to others as well: tshark reads
// every packet of a lease, its renewal and its end without a complaint, and
// finds the checksums right that are made here.
func TestPacketsToTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("needs the program tshark, Debian package tshark")
	}
	kea := findDaemon(t, "kea-dhcp4")
	for _, wire := range wires {
		t.Run(wire.name, func(t *testing.T) {
			net := newLAN(t)
			kea.start(t, net.host(t, "10.66.0.1/16"), "10.66.1.0", "10.66.1.99")
			phones := net.host(t, "10.66.0.2/16")
			capture := newCapture(t, phones)
			b := plug(t, phones, wire.open, 1)
			b.boot(0)
			b.tick(0)
			b.hearUntil(0, Use)
			b.tell(0, Input{Kind: Leave})
			file := capture.save(t, 7)

			tshark := func(args ...string) string {
				output, err := exec.Command("tshark", append([]string{
					"-n", "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
				}, args...)...).Output()
				if err != nil {
					t.Fatalf("tshark: %v", err)
				}
				return strings.TrimSpace(string(output))
			}
			types := strings.Fields(tshark("-Y", "dhcp", "-T", "fields", "-e", "dhcp.option.dhcp"))
			if got, want := strings.Join(types, " "), "1 2 3 5 3 5 7"; got != want {
				t.Errorf("the types of message are %s, want %s", got, want)
			}
			if bad := tshark("-Y", "_ws.malformed || dhcp && _ws.expert.severity >= warning && !(udp.checksum.status == bad)", "-V"); bad != "" {
				t.Errorf("tshark complains about\n%s", bad)
			}
			// What the kernel sends has its checksum from the network card, which does not exist here.
			if wire.name != "interface" {
				return
			}
			own := "eth.src == " + macOf(0).Colons() + " && udp"
			if got := strings.Count(tshark("-Y", own+" && ip.checksum.status == good && udp.checksum.status == good"), "\n") + 1; got != 4 {
				t.Errorf("%d messages with good checksums, want 4:\n%s", got, tshark("-Y", own, "-V"))
			}
		})
	}
}
