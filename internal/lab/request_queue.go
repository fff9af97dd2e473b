package lab

import (
	"errors"
	"net"
	"sync"
	"time"
)

// A requestQueue is the connection on which the TFTP server takes its requests, and
// nothing else: it answers from a port for each transfer. It is in memory, so
// that the end of a lab knows when the server has taken its last request.
type requestQueue struct {
	queued chan request
	done   <-chan struct{} // no more requests
	idle   chan struct{}   // closed when the server waits and no request can come
	once   sync.Once       // for that
	closed chan struct{}   // closed by the server
}

type request struct {
	packet []byte
	from   net.Addr
}

func newRequestQueue(done <-chan struct{}) *requestQueue {
	return &requestQueue{queued: make(chan request), done: done, idle: make(chan struct{}), closed: make(chan struct{})}
}

// post hands a request to the server, or forgets it at the end of the lab.
func (q *requestQueue) post(packet []byte, from net.Addr) {
	select {
	case q.queued <- request{packet, from}:
	case <-q.done:
	}
}

func (q *requestQueue) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case r := <-q.queued:
		return copy(p, r.packet), r.from, nil
	case <-q.done:
	}
	q.once.Do(func() { close(q.idle) })
	<-q.closed
	return 0, nil, net.ErrClosed
}

func (q *requestQueue) Close() error {
	close(q.closed)
	return nil
}

func (q *requestQueue) LocalAddr() net.Addr                   { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (q *requestQueue) WriteTo([]byte, net.Addr) (int, error) { return 0, errors.ErrUnsupported }
func (q *requestQueue) SetDeadline(time.Time) error           { return nil }
func (q *requestQueue) SetReadDeadline(time.Time) error       { return nil }
func (q *requestQueue) SetWriteDeadline(time.Time) error      { return nil }
