package client

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"provsim/internal/role"
	"provsim/internal/role/tunnel"
	"provsim/internal/role/tunnel/link"
)

// learnt is what one device has seen of its server (WT-GEN-1). What its bytes mean
// is not known: only an answered echo, or a service that ended well, says that both
// ends speak one codec.
type learnt struct {
	mu      sync.Mutex
	status  int
	scheme  string
	lines   []string
	failure string
	counts  link.Counts
	codec   string
	ends    []string
	echo    bool
	carried bool // a service that gets an answer has ended well
}

func (n *Overlay) learn(what func(*learnt)) {
	if !n.options.Learn {
		return
	}
	n.learnt.mu.Lock()
	defer n.learnt.mu.Unlock()
	what(&n.learnt)
}

func (l *learnt) upgrade(a *attempt, c *Connection, f *Failure) {
	l.status, l.failure = a.times.Status, ""
	if f != nil {
		l.failure = f.Error()
		return
	}
	l.scheme, _, _ = strings.Cut(c.Request.Get("Authorization"), " ")
	l.lines = link.Lines(c.Answer)
}

func (l *learnt) ended(k *link.Link, end link.End) {
	l.counts.Add(k.Counts())
	l.codec = k.CodecName()
	text := string(end.Outcome)
	if end.Code != 0 {
		text += " " + strconv.Itoa(end.Code)
	}
	if len(l.ends) < 10 {
		l.ends = append(l.ends, text)
	}
}

// packet looks for the answer to the echo that each tunnel begins with.
func (l *learnt) packet(b []byte) {
	const icmp, reply = 1, 0
	if head := int(b[0]&15) * 4; b[9] == icmp && len(b) > head && b[head] == reply {
		l.echo = true
	}
}

// Learnt says what was learnt, after Close.
func (n *Overlay) Learnt() string {
	n.learnt.mu.Lock()
	defer n.learnt.mu.Unlock()
	l := &n.learnt
	var b strings.Builder
	row := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "  %-14s %s\n", name, fmt.Sprintf(format, values...))
	}
	b.WriteString("Learnt about the server:\n")
	row("upgrade", "status %d", l.status)
	if l.failure != "" {
		row("failed", "%s", l.failure)
	}
	if l.scheme != "" {
		row("authentication", "%s", role.Printable(l.scheme))
	}
	for _, line := range l.lines {
		row("header line", "%.200s", role.Printable(line))
	}
	c := l.counts
	row("messages", "%d in, %d out; codec %s: %d broken, %d IPv6, %d too large", c.MessagesIn, c.MessagesOut, l.codec, c.Broken, c.IPv6, c.TooLarge)
	row("pings", "%d from the server", c.Pings)
	if len(l.ends) > 0 {
		row("ended", "%s", strings.Join(l.ends, ", "))
	}
	switch {
	case l.echo && l.carried:
		row("tunnel", "works: an ICMP echo was answered, and a service has ended well")
	case l.echo:
		row("tunnel", "works: an ICMP echo was answered")
	case l.carried:
		row("tunnel", "works: a service has ended well")
	default:
		row("tunnel", "nothing has come back that this codec reads: a WebSocket alone is no tunnel")
	}
	return b.String()
}

// answered says that a service of the device that waits for an answer got one.
func (l *learnt) answered(what tunnel.Service) {
	if what == tunnel.Files || what == tunnel.NTP {
		l.carried = true
	}
}
