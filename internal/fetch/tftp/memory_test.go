package tftp

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// A memoryConn is a socket without a network. Datagrams put into inbox are read
// from it; what is written to it is kept with the instant, and answered by peer
// if there is one. It has no methods for netip, so it also tests anyConn.
type memoryConn struct {
	inbox  chan datagram
	closed chan struct{}
	peer   func(datagram) []datagram

	fails func(to netip.AddrPort) error // what a Write fails with; nil: none does
	start time.Time

	mu      sync.Mutex
	outbox  []datagram
	timer   *time.Timer
	expired chan struct{}
}

type datagram struct {
	at   time.Duration // since the conn was made
	addr netip.AddrPort
	data []byte
}

func newMemoryConn() *memoryConn {
	return &memoryConn{
		inbox: make(chan datagram, 100), closed: make(chan struct{}), start: time.Now(), expired: make(chan struct{}),
	}
}

func (c *memoryConn) ReadFrom(b []byte) (int, net.Addr, error) {
	c.mu.Lock()
	expired := c.expired
	c.mu.Unlock()
	select {
	case <-c.closed:
		return 0, nil, net.ErrClosed
	case <-expired:
		return 0, nil, os.ErrDeadlineExceeded
	case d := <-c.inbox:
		return copy(b, d.data), net.UDPAddrFromAddrPort(d.addr), nil
	}
}

func (c *memoryConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	d := datagram{time.Since(c.start), addr.(*net.UDPAddr).AddrPort(), append([]byte(nil), b...)}
	if c.fails != nil {
		if err := c.fails(d.addr); err != nil {
			return 0, err
		}
	}
	c.mu.Lock()
	c.outbox = append(c.outbox, d)
	c.mu.Unlock()
	if c.peer != nil {
		for _, answer := range c.peer(d) {
			c.inbox <- answer
		}
	}
	return len(b), nil
}

// SetReadDeadline replaces the channel that a Read waits for only if that one
// has fired, so that a Read under way sees the new deadline.
func (c *memoryConn) SetReadDeadline(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil && !c.timer.Stop() {
		<-c.expired
		c.expired = make(chan struct{})
	}
	expired := c.expired
	c.timer = time.AfterFunc(time.Until(at), func() { close(expired) })
	return nil
}

func (c *memoryConn) SetDeadline(at time.Time) error   { return c.SetReadDeadline(at) }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }
func (c *memoryConn) LocalAddr() net.Addr              { return &net.UDPAddr{} }
func (c *memoryConn) Close() error                     { close(c.closed); return nil }
