package lab

import (
	"errors"
	"net"
	"sync"
	"time"
)

// A mailbox is the connection on which the TFTP server takes its requests, and
// nothing else: it answers from a port for each transfer. It is in memory, so
// that the end of a lab knows when the server has taken its last request.
type mailbox struct {
	letters chan letter
	done    <-chan struct{} // no more letters
	idle    chan struct{}   // closed when the server waits in vain
	once    sync.Once       // for that
	closed  chan struct{}   // closed by the server
}

type letter struct {
	packet []byte
	from   net.Addr
}

func newMailbox(done <-chan struct{}) *mailbox {
	return &mailbox{letters: make(chan letter), done: done, idle: make(chan struct{}), closed: make(chan struct{})}
}

// post hands a request to the server, or forgets it at the end of the lab.
func (m *mailbox) post(packet []byte, from net.Addr) {
	select {
	case m.letters <- letter{packet, from}:
	case <-m.done:
	}
}

func (m *mailbox) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case l := <-m.letters:
		return copy(p, l.packet), l.from, nil
	case <-m.done:
	}
	m.once.Do(func() { close(m.idle) })
	<-m.closed
	return 0, nil, net.ErrClosed
}

func (m *mailbox) Close() error {
	close(m.closed)
	return nil
}

func (m *mailbox) LocalAddr() net.Addr                   { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (m *mailbox) WriteTo([]byte, net.Addr) (int, error) { return 0, errors.ErrUnsupported }
func (m *mailbox) SetDeadline(time.Time) error           { return nil }
func (m *mailbox) SetReadDeadline(time.Time) error       { return nil }
func (m *mailbox) SetWriteDeadline(time.Time) error      { return nil }
