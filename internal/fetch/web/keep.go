package web

import (
	"sync"
	"time"

	"provsim/device"
)

// keptFor is how long a connection waits for its phone's next request. Within a stage
// the requests follow each other; the pause between two stages is longer.
const keptFor = 2 * time.Second

// kept are connections that wait for the next request of a phone's stage, by phone. The
// stages of a phone differ in their User-Agent.
type kept struct {
	mu      sync.Mutex
	waiting map[device.MAC]*waiting
}

type waiting struct {
	conn  *conn
	agent string
	timer *time.Timer
}

// remove returns what waits for a phone, and nil where that is not w any more; a nil w
// stands for whatever waits.
func (k *kept) remove(mac device.MAC, w *waiting) *waiting {
	k.mu.Lock()
	defer k.mu.Unlock()
	is := k.waiting[mac]
	if is == nil || w != nil && is != w {
		return nil
	}
	delete(k.waiting, mac)
	return is
}

// resume goes on with the connection that the phone's request before has left open.
func (t *transfer) resume(wait *patience) {
	w := t.client.kept.remove(t.req.From.MAC, nil)
	if w == nil {
		return
	}
	w.timer.Stop()
	t.conn = w.conn
	if w.agent != t.req.Agent || w.conn.server != server(t.req) || w.conn.tcp.SetDeadline(wait.end) != nil {
		t.hangUp(true)
		return
	}
	t.conn.obey(wait)
}

// leave leaves the connection open for the phone's next request, and reports whether the
// server takes one there.
func (t *transfer) leave() bool {
	if t.conn == nil || t.resp == nil || t.halted {
		return false
	}
	t.conn.drain(t.resp)
	if t.conn.server == (origin{}) || !t.conn.stop() {
		return false
	}
	mac, w := t.req.From.MAC, &waiting{conn: t.conn, agent: t.first.Agent}
	k := &t.client.kept
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.waiting[mac] != nil { // two transfers of one phone at once
		return false
	}
	if k.waiting == nil {
		k.waiting = map[device.MAC]*waiting{}
	}
	k.waiting[mac] = w
	w.timer = time.AfterFunc(keptFor, func() { t.client.give(k.remove(mac, w)) })
	t.conn = nil
	return true
}

// give hangs a connection up that waits for nothing any more.
func (c *Client) give(w *waiting) {
	if w != nil {
		(&transfer{client: c, conn: w.conn}).hangUp(true)
	}
}

// Close closes the connections that wait for the next request of a phone.
func (c *Client) Close() {
	c.kept.mu.Lock()
	all := c.kept.waiting
	c.kept.waiting = nil
	c.kept.mu.Unlock()
	for _, w := range all {
		w.timer.Stop()
		c.give(w)
	}
}
