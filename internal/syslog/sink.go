package syslog

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"provsim/device"
	"provsim/internal/journal"
)

const (
	waiting = 1024        // messages that may wait to be sent; 1.3 kB each at most
	closing = time.Second // how long Close goes on sending
)

// A Sink is a [journal.Sink] that sends syslog messages. Make one with [New].
type Sink struct {
	conn    net.Conn
	product func(device.MAC) string
	queue   chan []byte
	done    chan struct{} // closed when the queue has been sent
	lost    atomic.Uint64
}

var _ journal.Sink = (*Sink)(nil)

// New returns a sink that writes each message to conn with one Write; conn is
// from now on the sink's. Product returns the product name of a device and is
// called by Add.
func New(conn net.Conn, product func(device.MAC) string) *Sink {
	s := &Sink{conn: conn, product: product, queue: make(chan []byte, waiting), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for m := range s.queue {
			s.send(m)
		}
	}()
	return s
}

// Add sends the record's message, if it has one. It never waits, and its error
// is always nil. It must not be called after Close.
func (s *Sink) Add(r *journal.Record) error {
	m := message(r, s.product(r.Device))
	if m == nil {
		return nil
	}
	select {
	case s.queue <- m:
	default:
		s.lost.Add(1)
	}
	return nil
}

// send counts what is lost. Where no server listens, the host's refusal of one
// message is the error of the next Write, which sends nothing.
func (s *Sink) send(m []byte) {
	_, err := s.conn.Write(m)
	if errors.Is(err, syscall.ECONNREFUSED) {
		s.lost.Add(1)
		_, err = s.conn.Write(m)
	}
	if err != nil {
		s.lost.Add(1)
	}
}

// Lost returns how many messages are known to be lost. UDP does not tell of all.
// It may be called from any goroutine, and counts until Close has returned.
func (s *Sink) Lost() uint64 { return s.lost.Load() }

// Close sends what waits, for at most a second, and closes the connection, whose
// error it returns. It is called once.
func (s *Sink) Close() error {
	close(s.queue)
	s.conn.SetWriteDeadline(time.Now().Add(closing))
	<-s.done
	return s.conn.Close()
}
