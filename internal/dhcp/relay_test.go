package dhcp

import (
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
	"provsim/internal/dhcp/server"
)

// A thousand machines on real sockets get a thousand leases, a hundred at a
// time, so that the test does not hang on the size of a receive buffer.
func TestThousandClientsThroughARelay(t *testing.T) {
	const clients = 1000
	s := startServer(t, server.Config{
		Pools: []server.Pool{pool(clients, server.Options{Option66: "tftp.example.net"})},
		Hosts: map[device.MAC]server.Options{macOf(17): {Option66: "http://192.0.2.1/17/"}},
	})
	relay := openRelay(t, s, nil)
	leases := bootAll(t, relay, clients, 100)
	for i, want := range map[int]string{0: "tftp.example.net", 17: "http://192.0.2.1/17/", clients - 1: "tftp.example.net"} {
		if got := leases[i].Device(); got.Offer.Text(66) != want || got.Addr != leases[i].Addr {
			t.Errorf("client %d has %+v, want option 66 %q", i, got, want)
		}
	}
	if relay.Malformed() != 0 || relay.Overflown() != 0 {
		t.Errorf("%d packets malformed, %d overflown, want none", relay.Malformed(), relay.Overflown())
	}
}

func TestFaultsOfAServer(t *testing.T) {
	served := make(chan server.Served, 64)
	s := startServer(t, server.Config{Pools: []server.Pool{pool(1, server.Options{})}, Served: func(s server.Served) { served <- s }})
	b := newBench(t, openRelay(t, s, nil), clientsOf(2))
	// set changes the faults when the server has seen all that was sent to it, and
	// returns what it did last.
	var seen uint64
	set := func(f server.Faults) (last server.Served) {
		for ; seen < b.agent.Counts().Sent; seen++ {
			last = <-served
		}
		s.SetFaults(f)
		return last
	}

	set(server.Faults{SilentAfterOffer: true})
	b.tell(0, Input{Kind: Start})
	b.hear()
	for range transmissions - 1 {
		b.tick(0)
	}
	if acts := b.tick(0); len(acts) != 1 || acts[0].Do != Note || acts[0].Why != Silence || !acts[0].Server.IsValid() {
		t.Errorf("a server that stops after the OFFER makes the client do %+v, want the note of its silence", acts)
	}

	set(server.Faults{Refuse: true})
	b.tick(0)
	if a := b.hearUntil(0, Note); a.Why != Refused {
		t.Errorf("a NAK makes the client say %q", a.Text())
	}

	set(server.Faults{Rogue: netip.MustParseAddr("10.9.9.9")})
	b.tick(0)
	if a := b.hearUntil(0, Note); a.Why != Rival || !strings.Contains(a.Text(), "10.9.9.9") {
		t.Errorf("a second server makes the client say %q", a.Text())
	}
	lease := b.hearUntil(0, Use).Reply.Lease
	if lease.Addr != netip.MustParseAddr("10.1.0.0") || b.agent.Status(0).State != Bound {
		t.Errorf("beside a second server the client has %+v", lease)
	}
	if _, acts := b.hear(); len(acts) > 0 { // the rogue server's NAK comes after the ACK
		t.Errorf("the second server's NAK makes the client do %+v", acts)
	}

	set(server.Faults{})
	b.tell(1, Input{Kind: Start}) // the pool has one address
	if last := set(server.Faults{}); last.Client != macOf(1) || last.Answer != "" || last.Note == "" {
		t.Errorf("an exhausted pool gives %+v, want silence with a note", last)
	}
	b.tick(0)
	if a := b.hearUntil(0, Use); a.State != Renewing || a.Reply.Lease.Addr != lease.Addr {
		t.Errorf("the renewal brings %+v in state %v", a.Reply.Lease, a.State)
	}

	set(server.Faults{Silent: true})
	var lost []Action
	for len(lost) == 0 {
		lost = b.tick(0)
	}
	if lost[0].Do != Lose || lost[0].Why != Expired || b.agent.Status(0).Addr.IsValid() {
		t.Errorf("without its server the client comes to %+v, %+v", lost, b.agent.Status(0))
	}

	set(server.Faults{})
	if got := b.boot(0); got.Addr != lease.Addr {
		t.Errorf("a reboot brings %v, want %v again", got.Addr, lease.Addr)
	}
	b.tell(0, Input{Kind: Leave})
	if last := set(server.Faults{}); last.Message != "RELEASE" || last.Addr != lease.Addr {
		t.Errorf("the end of the client gives the server %+v, want the RELEASE of %v", last, lease.Addr)
	}
	if got := b.boot(1); got.Addr != lease.Addr {
		t.Errorf("after the RELEASE client 1 gets %v, want %v", got.Addr, lease.Addr)
	}
	// Of no use were the second server's OFFER and NAK.
	if c := b.agent.Counts(); c.Leases != 4 || c.Dropped != 2 {
		t.Errorf("%+v, want 4 leases and 2 replies dropped", c)
	}
}

// A fake server shows what the relay sends, byte for byte, and answers what no
// real one would.
func TestRelayOnTheWire(t *testing.T) {
	fake, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	if err := fake.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	relay, err := OpenRelay(RelayConfig{
		Server: fake.LocalAddr().String(), Listen: "127.0.0.1:0",
		Circuit: func(mac device.MAC) string { return "port of " + mac.String() },
	})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, relay, clientsOf(1))
	b.tell(0, Input{Kind: Start})
	packet := make([]byte, 1500)
	n, from, err := fake.ReadFromUDPAddrPort(packet)
	if err != nil {
		t.Fatal(err)
	}
	if from != relay.Addr() {
		t.Errorf("the relay sends from %v, want %v", from, relay.Addr())
	}
	if packet[3] != 1 || !cmp.Equal(packet[giaddrAt:giaddrAt+4], []byte{127, 0, 0, 1}) {
		t.Errorf("hops %d, giaddr %v, want 1 and 127.0.0.1", packet[3], packet[giaddrAt:giaddrAt+4])
	}
	want := "5218" + "0114" + hex.EncodeToString([]byte("port of 0021f2000000")) + "1300\n" // sub-options 1 and, empty, 19 (RFC 8357)
	if got := options(t, packet[:n]); !strings.HasSuffix(got, want) {
		t.Errorf("options %s, want %s at the end (RFC 3046 section 2.1)", got, want)
	}

	if info := (&Relay{}).information(phoneMAC); len(info) > 0 {
		t.Errorf("an agent on port 67 without circuit identifiers adds option 82: %v", info)
	}

	offer := packetText{options: isOffer + of10001 + oneHour + end}.bytes(t)
	copy(offer[4:8], packet[4:8])
	copy(offer[giaddrAt:], []byte{127, 0, 0, 1})
	mac := macOf(0)
	copy(offer[28:], mac[:])
	stray, elsewhere := append([]byte(nil), offer...), append([]byte(nil), offer...)
	stray[33]++
	elsewhere[giaddrAt]++
	for _, bad := range [][]byte{{}, []byte("hello"), elsewhere, stray, packet[:n]} {
		if _, err := fake.WriteToUDPAddrPort(bad, relay.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := fake.WriteToUDPAddrPort(offer, relay.Addr()); err != nil {
		t.Fatal(err)
	}
	b.hear()
	if s := b.agent.Status(0); s.State != Requesting {
		t.Errorf("after the OFFER the client is %v", s.State)
	}
	if c := b.agent.Counts(); relay.Malformed() != 4 || c.Strays != 1 || relay.Overflown() != 0 {
		t.Errorf("%d malformed, %d strays, %d overflown, want 4, 1 and 0", relay.Malformed(), c.Strays, relay.Overflown())
	}
	relay.Close()
	if acts := b.tick(0); len(acts) != 1 || acts[0].Why != Unsent || acts[0].Err == nil || b.agent.Counts().Unsent != 1 {
		t.Errorf("on a closed wire the client does %+v, want the note of a message that was not sent", acts)
	}
}

func TestRelayAddresses(t *testing.T) {
	for rule, c := range map[string]RelayConfig{
		"no server":              {Listen: "127.0.0.1:0"},
		"a server without host":  {Server: ":67", Listen: "127.0.0.1:0"},
		"a server on no port":    {Server: "127.0.0.1:", Listen: "127.0.0.1:0"},
		"a server by IPv6":       {Server: "[::1]:67", Listen: "127.0.0.1:0"},
		"the wildcard address":   {Server: "127.0.0.1", Listen: "0.0.0.0:0"},
		"an address of another":  {Server: "127.0.0.1", Listen: "192.0.2.77:0"},
		"an address by no means": {Server: "127.0.0.1", Listen: "127.0.0.1:http:0"},
	} {
		if r, err := OpenRelay(c); err == nil {
			r.Close()
			t.Errorf("%s: taken, want an error", rule)
		}
	}
	if at, err := resolve("127.0.0.1"); err != nil || at != netip.MustParseAddrPort("127.0.0.1:67") {
		t.Errorf("a server without a port is %v, %v, want port 67", at, err)
	}
	if at, err := relayAddr("", netip.MustParseAddrPort("127.0.0.9:6767")); err != nil || at != netip.MustParseAddrPort("127.0.0.1:67") {
		t.Errorf("the agent before a server on loopback is %v, %v, want 127.0.0.1:67", at, err)
	}
}

// A server tells the agents that have a port of their own from the others.
func TestServerAnswersToThePortOfRelays(t *testing.T) {
	agents, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer agents.Close()
	if err := agents.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	port := agents.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	s := startServer(t, server.Config{Pools: []server.Pool{pool(1, server.Options{})}, RelayPort: port})
	discover := (&Client{MAC: phoneMAC}).packet(Message{Type: Discover, XID: 5})
	discover.GatewayIPAddr = net.IP{127, 0, 0, 1}
	other, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(s.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Write(discover.ToBytes()); err != nil {
		t.Fatal(err)
	}
	packet := make([]byte, 1500)
	n, _, err := agents.ReadFromUDPAddrPort(packet)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Decode(packet[:n]); err != nil || r.Type != Offer || r.XID != 5 {
		t.Errorf("the agents' port gets %+v, %v, want the OFFER", r, err)
	}
	discover.Options.Update(dhcpv4.OptRelayAgentInfo(dhcpv4.OptGeneric(dhcpv4.RelaySourcePortSubOption, nil)))
	if err := other.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Write(discover.ToBytes()); err != nil {
		t.Fatal(err)
	}
	if n, err = other.Read(packet); err != nil {
		t.Fatal(err)
	}
	if r, err := Decode(packet[:n]); err != nil || r.Type != Offer {
		t.Errorf("the port of RFC 8357 gets %+v, %v, want the OFFER", r, err)
	}
}
