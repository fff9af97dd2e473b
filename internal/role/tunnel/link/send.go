package link

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/coder/websocket"

	"provsim/internal/role/tunnel"
	"provsim/internal/splitmix"
)

// queued is what waits to be sent.
type queued struct {
	bytes []byte
	kind  websocket.MessageType // 0: the bytes are a packet
	due   time.Time             // of the fault delay
}

// Send queues a packet, or drops it where the queue is full. It keeps the bytes.
func (l *Link) Send(packet []byte) { l.enqueue(queued{bytes: packet}) }

// SendMessage queues a message as it is, without the codec. It keeps the bytes.
func (l *Link) SendMessage(kind websocket.MessageType, m []byte) {
	l.enqueue(queued{bytes: m, kind: kind})
}

func (l *Link) enqueue(q queued) {
	f := &l.config.Faults
	l.mu.Lock()
	l.sent++
	switch {
	case len(l.queue) >= tunnel.Queue:
		l.counts.Dropped++
		l.mu.Unlock()
		return
	case f.Silent, f.Drop > 0 && splitmix.Unit(splitmix.Mix(l.sent)) < f.Drop:
		l.mu.Unlock()
		return
	case f.Delay > 0:
		q.due = time.Now().Add(f.Delay)
	}
	l.queue = append(l.queue, q)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// write sends what is queued, until the link ends.
func (l *Link) write() {
	l.codec.Lock()
	start := l.config.Codec.Start()
	l.codec.Unlock()
	for _, m := range start {
		l.SendMessage(websocket.MessageBinary, m)
	}
	for {
		select {
		case <-l.done:
			return
		case <-l.wake:
		}
		_ = l.wire.hold(true) // it has nothing to write
		open := true
		for q, ok := l.next(); ok && open; q, ok = l.next() {
			open = l.put(q)
		}
		if !l.passed(l.wire.hold(false)) || !open {
			return
		}
	}
}

// next takes the first packet of the queue. An empty queue has no memory.
func (l *Link) next() (q queued, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.queue = nil
		return queued{}, false
	}
	q = l.queue[0]
	l.queue[0].bytes = nil
	l.queue = l.queue[1:]
	return q, true
}

// put sends one packet or message. It is false when the link has ended.
func (l *Link) put(q queued) bool {
	if wait := time.Until(q.due); wait > 0 {
		_ = l.wire.hold(true) // what came before goes now; an error comes again
		select {
		case <-l.done:
			return false
		case <-time.After(wait):
		}
	}
	if q.kind != 0 {
		return l.message(q.kind, q.bytes)
	}
	l.record.packet(time.Now(), q.bytes)
	l.codec.Lock()
	m := l.config.Codec.Encode(q.bytes)
	l.codec.Unlock()
	return m == nil || l.message(websocket.MessageBinary, m)
}

// message sends a message. It reports false on a failure, which ends the link.
func (l *Link) message(kind websocket.MessageType, m []byte) bool {
	l.record.message(time.Since(l.start), Out, kind, m)
	if !l.passed(l.conn.Write(context.Background(), kind, m)) {
		return false
	}
	l.mu.Lock()
	l.counts.MessagesOut++
	l.counts.BytesOut += int64(len(m))
	l.mu.Unlock()
	return true
}

// passed ends the link where a write has failed, unless this end is closing it.
func (l *Link) passed(err error) bool {
	if err == nil {
		return true
	}
	var failed net.Error
	l.mu.Lock()
	closing := l.own != 0
	l.dead = l.dead || !closing && errors.As(err, &failed) && failed.Timeout()
	l.mu.Unlock()
	if !closing {
		l.Reset() // the reader ends
	}
	return false
}
