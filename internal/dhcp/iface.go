package dhcp

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"

	"provsim/device"
)

// An Interface is a network interface on which clients appear with hardware
// addresses of their own, as if they were plugged in there. It needs no address
// itself, and leaves the one that it has alone.
//
// Messages go out in frames that are put together here, because the kernel
// sends no broadcast from 0.0.0.0 or from another hardware address. For the
// answers to a renewal, which come to the leased address, it answers ARP. Nothing
// else of that address exists: transfers use the machine's own.
type Interface struct {
	socket    io.ReadWriteCloser // a frame is a Read or a Write
	malformed atomic.Uint64

	mu    sync.Mutex
	addrs map[device.MAC]netip.Addr // in use, by client
	held  map[netip.Addr]device.MAC // the same, by address
}

// OpenInterface opens a packet socket on a network interface. It needs Linux
// and the capability CAP_NET_RAW.
func OpenInterface(name string) (*Interface, error) {
	socket, err := openPacketSocket(name)
	if err != nil {
		return nil, fmt.Errorf("DHCP on interface %q: %w", name, err)
	}
	return newInterface(socket), nil
}

func newInterface(socket io.ReadWriteCloser) *Interface {
	return &Interface{socket: socket, addrs: map[device.MAC]netip.Addr{}, held: map[netip.Addr]device.MAC{}}
}

// Send sends a message as the client would: by broadcast, or by way of the
// neighbour that has delivered its lease.
func (i *Interface) Send(c *Client, m Message) error {
	hop, to, from := everybody, toAll, fromNone
	if m.To.IsValid() {
		to = m.To
		if c.hop != (device.MAC{}) {
			hop = c.hop
		}
	}
	if m.Addr.IsValid() {
		from = m.Addr
	}
	_, err := i.socket.Write(datagram(hop, c.MAC, to, from, c.Packet(m)))
	return err
}

// Hold answers ARP for the address of a client from now on.
func (i *Interface) Hold(c *Client, addr netip.Addr) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if old, had := i.addrs[c.MAC]; had && i.held[old] == c.MAC {
		delete(i.held, old)
	}
	delete(i.addrs, c.MAC)
	if addr.IsValid() {
		i.addrs[c.MAC], i.held[addr] = addr, c.MAC
	}
}

// Receive hands replies to deliver, in the goroutine that calls it, until the
// interface is closed. Its error is then nil. On a network with other clients
// it also hears replies that are for them.
func (i *Interface) Receive(deliver func(*Reply)) error {
	frame := make([]byte, 64<<10)
	for {
		n, err := i.socket.Read(frame)
		if errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("DHCP on an interface: %w", err)
		}
		i.heard(frame[:n], deliver)
	}
}

// heard answers an ARP request, delivers a reply, or drops what is neither. An
// answer that cannot be sent is lost, and will be asked for again.
func (i *Interface) heard(frame []byte, deliver func(*Reply)) {
	if q, ok := askedFor(frame); ok {
		i.mu.Lock()
		owner, ours := i.held[q.target]
		i.mu.Unlock()
		if ours {
			_, _ = i.socket.Write(q.answer(owner))
		}
		return
	}
	from, packet, ok := undatagram(frame)
	if !ok {
		return
	}
	r, err := Decode(packet)
	if err != nil {
		i.malformed.Add(1)
		return
	}
	r.hop = from
	deliver(r)
}

// Malformed returns how many packets for DHCP clients came that were no
// replies. It may be called from any goroutine.
func (i *Interface) Malformed() uint64 { return i.malformed.Load() }

// Close ends Receive.
func (i *Interface) Close() error { return i.socket.Close() }
