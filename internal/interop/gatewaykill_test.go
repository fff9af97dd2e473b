//go:build linux

package interop

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/dhcp"
	"provsim/internal/testing/peer"
)

// relayed is a relay agent's socket at a gateway.
type relayed struct {
	net.Conn
	xid uint32
}

// lease gets a phone an address and returns its random number; an error says that the
// gateway is not there.
func (r *relayed) lease(mac device.MAC) (number string, err error) {
	c, ask := dhcp.Client{MAC: mac}, dhcp.Message{Type: dhcp.Discover}
	for _, want := range []dhcp.Type{dhcp.Offer, dhcp.Ack} {
		r.xid++
		ask.XID = r.xid
		packet := c.Packet(ask)
		copy(packet[24:], []byte{127, 0, 0, 1}) // giaddr
		if _, err := r.Write(packet); err != nil {
			return "", err
		}
		r.SetReadDeadline(time.Now().Add(peer.Patience))
		var room [1500]byte
		n, err := r.Read(room[:])
		if err != nil {
			return "", err
		}
		reply, err := dhcp.Decode(room[:n])
		if err != nil || reply.Type != want || reply.MAC != mac || reply.XID != r.xid {
			return "", fmt.Errorf("the answer to %v is %v: %w", ask.Type, reply, err)
		}
		ask = dhcp.Message{Type: dhcp.Request, Requested: reply.Lease.Addr, Server: reply.Server}
		number = filepath.Base(reply.Lease.Offer.Text(66))
	}
	return number, nil
}

// The gateway and the account server are killed in turn while phones lease. A lease never
// waits for an account server that is dead, each tree is whole and of the phone whose lease
// has its number, and no phone reads another one's account (SMG-ORD-1, ACT-PUB-1, ACT-GET-2).
func TestKilledGatewayAndTeleware(t *testing.T) {
	const rounds, phones = 10, 12
	command, state, files := buildCommand(t), t.TempDir(), t.TempDir()
	macOf := func(n int) device.MAC { return device.MAC{0, 4, 0xf2, 0, byte(n >> 8), byte(n)} }
	list := "mac,user,password,server,reseller\n"
	for n := range rounds*phones + 1 {
		list += fmt.Sprintf("%[1]v,user-%[1]v,s3cret-%[1]v,sip.example.net,Acme\n", macOf(n))
	}
	accounts := filepath.Join(files, "accounts.csv")
	if err := os.WriteFile(accounts, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	port, relay := peer.FreePorts(t, "tcp", "127.0.0.1", 2), peer.FreePorts(t, "udp", "127.0.0.1", 1)
	at := func(i uint16) string { return fmt.Sprintf("127.0.0.1:%d", port+i) }
	var logs []string
	start := func(args ...string) *peer.Program {
		dir := t.TempDir()
		logs = append(logs, filepath.Join(dir, "output.log"))
		return peer.Start(t, dir, logHas(logs[len(logs)-1], "listens at"), command, append([]string{"serve"}, args...)...)
	}
	startTeleware := func() *peer.Program { return start("teleware", "--accounts", accounts, "--listen", at(0)) }
	startGateway := func() *peer.Program {
		args := []string{"gateway", "--listen", "127.0.0.1", "--dhcp-relay-port", fmt.Sprint(relay)}
		for _, set := range []string{
			"dhcp server pool = 10.0.0.10-10.0.9.250/8", "dhcp server router = 10.0.0.1",
			"dhcp server tftp server 1 = http://" + at(1) + "/phoneprovisioning", "dhcp server mac alert enabled 1 = yes",
			"dhcp server mac alert address 1 = 0", "dhcp server mac alert mask 1 = 0", "dhcp server mac alert randomise tftp server name 1 = yes",
			"event forwarding discriminator entry class 1 = DHCP", "event forwarding discriminator entry target 1 = activator",
			"http client file server ip address = " + at(1),
		} {
			args = append(args, "--set", set)
		}
		return start(args...)
	}
	start("activator", "--listen", at(1), "--state", state, "--teleware", "http://"+at(0)+"/twautoprovisioning")
	teleware, gateway := startTeleware(), startGateway()
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), relay)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := &relayed{Conn: conn}
	owner := map[string]device.MAC{} // of the numbers in ACKs
	for round := range rounds {
		for n := range phones {
			mac := macOf(round*phones + n)
			number, err := r.lease(mac)
			if err != nil {
				t.Fatalf("round %d, phone %d: %v", round, n, err)
			}
			if owner[number] != (device.MAC{}) || len(number) != 18 {
				t.Fatalf("round %d: the number %q is not new, or none", round, number)
			}
			owner[number] = mac
			if n != round { // one phone further in each round
				continue
			}
			if round%2 == 0 {
				teleware.Signal(t, syscall.SIGKILL) // the others lease all the same
				continue
			}
			gateway.Signal(t, syscall.SIGKILL)
			gateway.Stop(t) // waits for its end
			gateway = startGateway()
		}
		if round%2 == 0 {
			teleware.Stop(t)
			teleware = startTeleware()
		}
	}
	last := macOf(rounds * phones)
	number, err := r.lease(last)
	if err != nil {
		t.Fatal(err)
	}
	owner[number] = last
	get := func(number string, mac device.MAC) int {
		resp, err := http.Get("http://" + at(1) + "/phoneprovisioning/" + number + "/phone-" + mac.String() + ".cfg")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	peer.Await(t, "the last phone's tree", func(context.Context) error {
		if status := get(number, last); status != http.StatusOK {
			return fmt.Errorf("status %d", status)
		}
		return nil
	})
	root := filepath.Join(state, "web", "phoneprovisioning")
	trees, err := filepath.Glob(filepath.Join(root, "[0-9]*"))
	if err != nil || len(trees) < rounds || len(trees) > len(owner) {
		t.Fatalf("%d trees for %d numbers, %v", len(trees), len(owner), err)
	}
	for _, tree := range trees {
		mac, known := owner[filepath.Base(tree)]
		entries, err := os.ReadDir(tree)
		line, lineErr := os.ReadFile(filepath.Join(tree, "phone-"+mac.String()+".cfg"))
		if !known || err != nil || len(entries) != 6 || lineErr != nil || !strings.Contains(string(line), fmt.Sprintf("s3cret-%v", mac)) || strings.Count(string(line), "s3cret") != 1 {
			t.Errorf("a tree of %v, known %v, has %d files: %v %v", mac, known, len(entries), err, lineErr)
		}
		if mac != last && (get(filepath.Base(tree), last) != 404 || get(number, mac) != 404) {
			t.Errorf("%v and %v read each other's account", mac, last)
		}
	}
	for _, log := range logs {
		if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "s3cret") {
			t.Errorf("a log has a password, or none: %v", err)
		}
	}
	t.Logf("%d of %d phones have a tree", len(trees), len(owner))
}
