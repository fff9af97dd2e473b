package syslog

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// port is that of syslog over UDP (RFC 5426 section 3.3).
const port = "514"

// A Sender sends the messages that a phone makes itself, to the collector that the
// phone's settings name. Make one with [NewSender].
type Sender struct {
	queue chan addressed
	stop  context.CancelFunc
	done  chan struct{} // closed when the queue has been sent
	lost  atomic.Uint64
}

// addressed is a message and where it goes, HOST or HOST:PORT.
type addressed struct{ server, text string }

// NewSender returns a sender.
func NewSender() *Sender {
	ctx, stop := context.WithCancel(context.Background())
	s := &Sender{queue: make(chan addressed, waiting), stop: stop, done: make(chan struct{})}
	go s.run(ctx)
	return s
}

// Send sends a message, which gets the facility local0 and the severity informational
// and no other header, as our reading of the phones is. It never waits: what cannot be
// sent is lost. It must not be called after Close.
func (s *Sender) Send(server, text string) {
	select {
	case s.queue <- addressed{server, text}:
	default:
		s.lost.Add(1)
	}
}

// run sends what is queued. The collector's name is looked up once, as long as it is
// the same.
func (s *Sender) run(ctx context.Context) {
	defer close(s.done)
	var conn net.Conn
	latest := ""
	for m := range s.queue {
		if m.server != latest || conn == nil {
			if conn != nil {
				conn.Close()
			}
			dialer := net.Dialer{Timeout: 5 * time.Second}
			conn, _ = dialer.DialContext(ctx, "udp", withPort(m.server))
			latest = m.server
		}
		if conn == nil {
			s.lost.Add(1)
			continue
		}
		// The host's refusal of an earlier message is the error of a Write, which sends nothing.
		text := []byte("<134>" + plain(m.text, 1000))
		if _, err := conn.Write(text); err != nil {
			if _, err = conn.Write(text); err != nil {
				s.lost.Add(1)
			}
		}
	}
	if conn != nil {
		conn.Close()
	}
}

// withPort adds the port of syslog to a host that has none.
func withPort(server string) string {
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.Trim(server, "[]"), port)
}

// Lost returns how many messages are known to be lost.
func (s *Sender) Lost() uint64 { return s.lost.Load() }

// Close sends what waits, for at most a second. It is called once.
func (s *Sender) Close() {
	close(s.queue)
	timer := time.AfterFunc(closing, s.stop)
	<-s.done
	timer.Stop()
	s.stop()
}
