package gateway

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

// event is one that waits to be sent.
type event struct {
	body  string
	mac   device.MAC
	tries int
}

// Entry is one of the gateway's own event log.
type Entry struct {
	At       time.Time
	Class    string
	Severity int
	Text     string
}

// Queued returns how many events wait, the one that is being sent included.
func (m *Machine) Queued() int { return len(m.queue) }

// Entries returns the gateway's own event log, the oldest first.
func (m *Machine) Entries() []Entry { return slices.Clone(m.entries) }

// alert decides what becomes of a lease's event (SMG-EVT-2, -3, -7, -8).
func (m *Machine) alert(now time.Time, l *Lease, name string) {
	target, matched := m.target()
	text := "alert " + name + " of " + l.MAC.String()
	if strings.HasPrefix(target, "log") || !matched && m.config.LogByDefault && ofLease <= m.config.LogSeverity {
		m.keep(now, text)
	}
	if i := strings.Index(target, "manager"); i >= 0 {
		m.tell(now, "event.manager", l.MAC, "for "+target[i:]+"; no packet is sent, because its form is not public")
	}
	reason := ""
	switch {
	case !m.config.EventForwarding:
		reason = "Event Forwarding Enabled is no"
	case !m.config.Discriminator:
		reason = "Event Forwarding Discriminator Enabled is no"
	case target != "activator":
		reason = "no event filter sends class DHCP, subclass 67 to the Activator"
	default:
		reason = m.config.off(m.config.EventsPath)
	}
	if reason != "" {
		m.tell(now, "event.suppressed", l.MAC, reason)
		return
	}
	if m.config.LogActivator {
		m.keep(now, text)
	}
	m.seq++
	if len(m.queue) == queueLength {
		m.tell(now, "event.dropped", l.MAC, fmt.Sprintf("%d events wait already", queueLength))
		return
	}
	m.queue = append(m.queue, event{mac: l.MAC, body: fmt.Sprintf(
		"seq=%d&sn=%s&time=%d&class=%s&subclass=%d&severity=%d&name=%s&mac=%v&ip=%v&rand=%s&option66=%s",
		m.seq, m.config.Serial, now.Unix(), class, subclass, ofLease, url.QueryEscape(name), l.MAC, l.Addr, l.Number, url.QueryEscape(l.Option66),
	)})
	if len(m.queue) == 1 {
		m.post()
	}
}

// target returns where the first filter that matches sends a lease's event.
func (m *Machine) target() (target string, matched bool) {
	if !m.config.Discriminator {
		return "", false
	}
	for _, f := range m.config.Filters {
		sub := f.Subclass
		if sub == 0 && strings.EqualFold(f.Class, class) {
			sub = subclass
		}
		severe := f.Criterion == "ignore" || f.Criterion == "at-least" && ofLease <= f.Severity ||
			f.Criterion == "equal" && ofLease == f.Severity || f.Criterion == "at-most" && ofLease >= f.Severity
		if strings.EqualFold(f.Class, class) && (sub == subclass || sub == anySubclass) && severe {
			return f.Target, true
		}
	}
	return "", false
}

// keep puts a line into the gateway's own event log (SMG-EVT-7).
func (m *Machine) keep(now time.Time, text string) {
	m.entries = append(m.entries, Entry{At: now, Class: class, Severity: ofLease, Text: text})
	if over := len(m.entries) - m.config.LogSize; over > 0 {
		m.entries = slices.Delete(m.entries, 0, over)
	}
}

// post sends the first event of the queue.
func (m *Machine) post() {
	m.queue[0].tries++
	m.acts = append(m.acts, Action{Do: Post, URL: m.config.at(m.config.EventsPath), Body: m.queue[0].body})
}

// Posted takes the result of the event that was sent: a status, or why none
// came. No status is tried again at once; any status ends it (SMG-EVT-4).
func (m *Machine) Posted(now time.Time, took time.Duration, status int, why string) []Action {
	if len(m.queue) == 0 {
		return nil
	}
	e := &m.queue[0]
	record := role.Record{Wall: now, Device: e.mac, Took: took, Status: status, Note: why}
	switch {
	case status == 0 && e.tries <= m.config.Retries:
		m.post()
		return m.take()
	case status >= 200 && status < 300:
		record.Event = "event.sent"
	default:
		record.Event = "event.failed"
		record.Note = strings.TrimPrefix(why+", tries: "+strconv.Itoa(e.tries), ", ")
	}
	m.acts = append(m.acts, Action{Do: Tell, Record: record})
	m.queue = slices.Delete(m.queue, 0, 1)
	if len(m.queue) > 0 {
		m.post()
	}
	return m.take()
}
