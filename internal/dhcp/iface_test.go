package dhcp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"testing"

	"provsim/device"
)

// A cable is the socket of an interface whose other end is the test.
type cable struct {
	in, out chan []byte
	closed  chan struct{}
}

func newCable() *cable {
	return &cable{make(chan []byte, 8), make(chan []byte, 8), make(chan struct{})}
}

func (c *cable) Read(frame []byte) (int, error) {
	select {
	case f := <-c.in:
		return copy(frame, f), nil
	case <-c.closed:
		return 0, os.ErrClosed
	}
}

func (c *cable) Write(frame []byte) (int, error) {
	c.out <- bytes.Clone(frame)
	return len(frame), nil
}

func (c *cable) Close() error { close(c.closed); return nil }

var routerMAC = device.MAC{2, 0, 0, 0, 0, 1}

// fromServer puts a server's packet into a frame.
func fromServer(packet []byte) []byte {
	frame := datagram(everybody, routerMAC, toAll, netip.MustParseAddr("10.0.0.1"), packet)
	udp := frame[ethernetSize+ipSize:]
	binary.BigEndian.PutUint16(udp, serverPort)
	binary.BigEndian.PutUint16(udp[2:], clientPort)
	return frame
}

// replyFrom returns a frame with a reply to the packet in a client's frame.
func replyFrom(t *testing.T, options string, frame []byte) []byte {
	t.Helper()
	sent := frame[ethernetSize+ipSize+udpSize:]
	packet := packetText{options: options}.bytes(t)
	copy(packet[4:8], sent[4:8])
	return fromServer(packet)
}

// Headers of each message: Ethernet, IPv4 and UDP, checksums left to tshark.
func TestFramesOfAClient(t *testing.T) {
	wire := newCable()
	b := newBench(t, newInterface(wire), []Client{{MAC: phoneMAC}})
	header := func(frame []byte) string {
		ip := frame[ethernetSize:]
		return hex.EncodeToString(frame[:ethernetSize]) + " " + hex.EncodeToString(ip[12:20]) + " " + hex.EncodeToString(ip[ipSize:ipSize+4])
	}
	const broadcast = "ffffffffffff0021f2011b190800 00000000ffffffff 00440043"
	b.tell(0, Input{Kind: Start})
	discover := <-wire.out
	if got := header(discover); got != broadcast {
		t.Errorf("DISCOVER goes as %s, want %s", got, broadcast)
	}
	wire.in <- replyFrom(t, isOffer+of10001+oneHour+end, discover)
	b.hear()
	request := <-wire.out
	if got := header(request); got != broadcast {
		t.Errorf("REQUEST goes as %s, want %s", got, broadcast)
	}

	who := append(ethernet(everybody, routerMAC, typeARP, arpSize), unhex(t, "0001080006040001 020000000001 0a000001 000000000000 0a000005")...)
	wire.in <- who // no client has the address yet: no answer
	wire.in <- replyFrom(t, isAck+of10001+oneHour+end, request)
	b.hear()
	wire.in <- who
	want := "0200000000010021f2011b190806" + "0001080006040002" + "0021f2011b19" + "0a000005" + "020000000001" + "0a000001"
	if got := hex.EncodeToString(<-wire.out); got != want {
		t.Errorf("the ARP answer is %s, want %s", got, want)
	}

	b.tick(0)
	if got, want := header(<-wire.out), "0200000000010021f2011b190800 0a0000050a000001 00440043"; got != want {
		t.Errorf("the renewal goes as %s, want %s", got, want)
	}
	b.tell(0, Input{Kind: Leave})
	if got, want := header(<-wire.out), "0200000000010021f2011b190800 0a0000050a000001 00440043"; got != want {
		t.Errorf("RELEASE goes as %s, want %s", got, want)
	}
	wire.in <- who
	wire.in <- fromServer([]byte("no DHCP"))
	wire.in <- replyFrom(t, isNak+of10001+end, request)
	b.hear()
	if len(wire.out) > 0 {
		t.Errorf("ARP is answered without a lease: %x", <-wire.out)
	}
	if n := b.agent.wire.(*Interface).Malformed(); n != 1 {
		t.Errorf("%d packets are malformed, want 1", n)
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(text), []byte(" "), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Two clients may have the same address one after the other.
func TestHoldFollowsTheLatestClient(t *testing.T) {
	i := newInterface(newCable())
	addr, one, two := netip.MustParseAddr("10.0.0.5"), &Client{MAC: macOf(1)}, &Client{MAC: macOf(2)}
	i.Hold(one, addr)
	i.Hold(two, addr)
	i.Hold(one, netip.Addr{})
	if i.held[addr] != two.MAC {
		t.Errorf("%v is held by %v, want %v", addr, i.held[addr], two.MAC)
	}
	i.Hold(two, netip.MustParseAddr("10.0.0.6"))
	if _, held := i.held[addr]; held || len(i.held) != 1 {
		t.Errorf("held are %v, want the new address alone", i.held)
	}
}

// The checksum of the example in RFC 1071 section 3.
func TestChecksum(t *testing.T) {
	if got := checksum(0, []byte{0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7}); got != 0xddf2 {
		t.Errorf("the sum is %#x, want 0xddf2", got)
	}
	if got := checksum(0, []byte{1}); got != 0x100 {
		t.Errorf("the sum of one byte is %#x, want it padded at the end", got)
	}
}

func FuzzFrame(f *testing.F) {
	packet := packetText{options: soundly + end}.bytes(f)
	good := fromServer(packet)
	f.Add(good)
	f.Add(good[:60])
	f.Add(append(bytes.Clone(good), 0, 0, 0)) // padding of Ethernet
	for _, at := range []int{12, ethernetSize, ethernetSize + 2, ethernetSize + 6, ethernetSize + 9, ethernetSize + ipSize + 2, ethernetSize + ipSize + 4} {
		bad := bytes.Clone(good)
		bad[at] ^= 0xff
		f.Add(bad)
	}
	f.Add(append(ethernet(everybody, routerMAC, typeARP, arpSize), unhex(f, "0001080006040001 020000000001 0a000001 000000000000 0a000005")...))
	f.Fuzz(func(t *testing.T, frame []byte) {
		wire := newCable()
		i := newInterface(wire)
		i.Hold(&Client{MAC: phoneMAC}, netip.MustParseAddr("10.0.0.5"))
		delivered := 0
		i.heard(frame, func(r *Reply) {
			delivered++
			if r.hop != device.MAC(frame[6:12]) {
				t.Errorf("a reply of %v, the frame is of %x", r.hop, frame[6:12])
			}
		})
		_, packet, ok := undatagram(frame)
		if n := delivered + len(wire.out) + int(i.Malformed()); n > 1 || ok != (delivered+int(i.Malformed()) == 1) {
			t.Errorf("%d deliveries, %d answers, %d malformed of one frame", delivered, len(wire.out), i.Malformed())
		}
		if ok && len(packet) > len(frame)-ethernetSize-ipSize-udpSize {
			t.Errorf("a packet of %d bytes in a frame of %d", len(packet), len(frame))
		}
	})
}
