package sip

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// PnPGroup is where phones look for a server that knows their configuration.
const PnPGroup = "224.0.1.75:5060"

// Subscription is a phone's question where its configuration is (YL-SRC-2).
type Subscription struct {
	User  string // of the URI: MAC%3a and the phone's address
	Event string // ua-profile with vendor, model and version
	Agent string // the User-Agent
}

// PnP errors.
var (
	ErrNoAnswer = errors.New("no answer to SUBSCRIBE")
	ErrNoURL    = errors.New("the answer to SUBSCRIBE names no URL")
)

// pnpRepeats is when a SUBSCRIBE is sent again, and pnpEnd when the phone gives up
// (YL-SRC-3).
var (
	pnpRepeats = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
	pnpEnd     = 5 * time.Second
)

// Subscribe asks a PnP server for a phone's URL: it sends a SUBSCRIBE, takes 200 and
// then a NOTIFY whose body is the URL, and answers 200. The first NOTIFY counts,
// from any sender. A status of 300 or more is an error with its number.
func Subscribe(ctx context.Context, conn net.PacketConn, server netip.AddrPort, s Subscription) (url string, err error) {
	begin := time.Now()
	callID, tag := rand.Text(), rand.Text()[:10]
	local := conn.LocalAddr().String()
	if udp, ok := conn.LocalAddr().(*net.UDPAddr); ok && udp.IP.IsUnspecified() {
		local = localFor(server, udp.Port)
	}
	to := "<sip:" + s.User + "@" + server.Addr().String() + ">"
	subscribe := strings.Join([]string{
		"SUBSCRIBE sip:" + s.User + "@" + server.Addr().String() + " SIP/2.0",
		"Via: SIP/2.0/UDP " + local + ";branch=z9hG4bK" + rand.Text()[:12] + ";rport", "Max-Forwards: 70",
		"From: " + to + ";tag=" + tag, "To: " + to, "Call-ID: " + callID, "CSeq: 1 SUBSCRIBE", "Contact: <sip:" + s.User + "@" + local + ">",
		"User-Agent: " + s.Agent, "Expires: 0", "Event: " + s.Event, "Accept: application/url", "Content-Length: 0", "", "",
	}, crlf)
	stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	to75 := net.UDPAddrFromAddrPort(server)
	sent, answered := 0, false
	buffer := make([]byte, 4096)
	for {
		now := time.Since(begin)
		if !answered && (sent == 0 || sent <= len(pnpRepeats) && now >= pnpRepeats[sent-1]) {
			if _, err := conn.WriteTo([]byte(subscribe), to75); err != nil {
				return "", err
			}
			sent++
		}
		wait := pnpEnd
		if !answered && sent <= len(pnpRepeats) {
			wait = pnpRepeats[sent-1]
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		conn.SetReadDeadline(begin.Add(wait))
		n, from, err := conn.ReadFrom(buffer)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil && time.Since(begin) >= pnpEnd && answered:
			return "", ErrNoURL
		case err != nil && time.Since(begin) >= pnpEnd:
			return "", ErrNoAnswer
		case err != nil:
			continue
		}
		text := string(buffer[:n])
		if status, mine := statusOf(text, callID); mine {
			if status >= 300 {
				return "", fmt.Errorf("SUBSCRIBE is answered %d", status)
			}
			answered = answered || status >= 200
			continue
		}
		m, wrong := parse(text)
		if wrong != "" || m.method != "NOTIFY" || m.callID != callID {
			continue
		}
		at := addrPort(from)
		if _, err := conn.WriteTo(m.answer("200 OK", nil, at, tag), net.UDPAddrFromAddrPort(m.via.replyTo(at))); err != nil {
			return "", err
		}
		if url = strings.TrimSpace(m.body); !strings.EqualFold(strings.TrimSpace(m.kind), "application/url") || url == "" || strings.ContainsFunc(url, isControl) || strings.ContainsAny(url, " \t\r\n") {
			return "", ErrNoURL
		}
		return url, nil
	}
}

// statusOf returns the status of a response, and whether it has a Call-ID.
func statusOf(text, callID string) (status int, mine bool) {
	rest, ok := strings.CutPrefix(text, version+" ")
	if !ok || len(rest) < 3 || !strings.Contains(rest, callID) {
		return 0, false
	}
	status, err := strconv.Atoi(rest[:3])
	return status, err == nil
}

// localFor returns the address from which this machine reaches a server.
func localFor(server netip.AddrPort, port int) string {
	conn, err := net.Dial("udp", server.String())
	if err != nil {
		return "0.0.0.0:" + strconv.Itoa(port)
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	return net.JoinHostPort(host, strconv.Itoa(port))
}

func addrPort(a net.Addr) netip.AddrPort {
	if udp, ok := a.(*net.UDPAddr); ok {
		p := udp.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// Asked is one question that a PnP server got.
type Asked struct {
	From   netip.AddrPort
	User   string // of the URI, such as MAC%3a00156574b150
	Vendor string
	Model  string
	URL    string // that was sent; "" for a phone that has none
	Taken  bool   // the phone has answered the NOTIFY; told once more then
}

// notifyRepeats is when a NOTIFY without an answer is sent again.
var notifyRepeats = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

// mostNotifies bounds how many NOTIFYs wait for an answer.
const mostNotifies = 10_000

// pending is a NOTIFY that has no answer yet.
type pending struct {
	packet []byte
	to     netip.AddrPort
	asked  Asked
	tries  int
	next   time.Time
}

// ServePnP answers SUBSCRIBE by 200 and a NOTIFY with the URL that urlFor gives, or by
// 404, until the context ends. Tell is called for each phone that asked, and again
// when it has taken the URL.
func ServePnP(ctx context.Context, conn net.PacketConn, urlFor func(Asked) (string, bool), tell func(Asked)) error {
	stop := context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	waiting := map[string]*pending{}
	buffer := make([]byte, 4096)
	for {
		if ctx.Err() != nil {
			return nil
		}
		conn.SetReadDeadline(resend(conn, waiting, time.Now()))
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			continue
		}
		text, at := string(buffer[:n]), addrPort(from)
		if strings.HasPrefix(text, version+" 2") {
			for id, p := range waiting {
				if strings.Contains(text, id) {
					p.asked.Taken = true
					tell(p.asked)
					delete(waiting, id)
				}
			}
			continue
		}
		m, wrong := parse(text)
		if wrong != "" || m.method != "SUBSCRIBE" {
			continue
		}
		subscribed(conn, m, at, waiting, urlFor, tell)
	}
}

// subscribed answers one SUBSCRIBE. One that comes again before its NOTIFY was
// answered is answered again and nothing else.
func subscribed(conn net.PacketConn, m *message, at netip.AddrPort, waiting map[string]*pending, urlFor func(Asked) (string, bool), tell func(Asked)) {
	event, _, _ := strings.Cut(m.event, ";")
	send := func(packet []byte, to netip.AddrPort) { conn.WriteTo(packet, net.UDPAddrFromAddrPort(to)) }
	reply := m.via.replyTo(at)
	if strings.TrimSpace(event) != "ua-profile" {
		send(m.answer("489 Bad Event", []string{"Allow-Events: ua-profile"}, at, "pnp"), reply)
		return
	}
	asked := Asked{From: at, User: userOf(m.to), Vendor: quoted(m.event, "vendor"), Model: quoted(m.event, "model")}
	url, ok := urlFor(asked)
	if !ok || len(waiting) >= mostNotifies {
		send(m.answer("404 Not Found", nil, at, "pnp"), reply)
		tell(asked)
		return
	}
	asked.URL = url
	send(m.answer("200 OK", []string{"Expires: 0"}, at, "pnp"), reply)
	if waiting[m.callID] != nil {
		return
	}
	to := m.from
	local := conn.LocalAddr().String()
	notify := strings.Join([]string{
		"NOTIFY sip:" + asked.User + "@" + at.String() + " SIP/2.0", "Via: SIP/2.0/UDP " + local + ";branch=z9hG4bK" + rand.Text()[:12],
		"Max-Forwards: 20", "From: " + m.to + ";tag=pnp", "To: " + to, "Call-ID: " + m.callID, "CSeq: 3 NOTIFY", "Contact: <sip:" + local + ">",
		"Subscription-State: terminated;reason=timeout", "Event: " + m.event, "Content-Type: application/url",
		"Content-Length: " + strconv.Itoa(len(url)), "", url,
	}, crlf)
	tell(asked)
	waiting[m.callID] = &pending{packet: []byte(notify), to: at, asked: asked}
}

// resend sends what is due and returns when to look again.
func resend(conn net.PacketConn, waiting map[string]*pending, now time.Time) time.Time {
	next := now.Add(time.Minute)
	for id, p := range waiting {
		if !now.Before(p.next) {
			if p.tries > len(notifyRepeats) {
				delete(waiting, id)
				continue
			}
			conn.WriteTo(p.packet, net.UDPAddrFromAddrPort(p.to))
			p.tries++
			p.next = now.Add(notifyRepeats[min(p.tries, len(notifyRepeats))-1])
		}
		if p.next.Before(next) {
			next = p.next
		}
	}
	return next
}

// userOf returns the user part of a URI, which may be in angle brackets.
func userOf(field string) string {
	_, rest, _ := strings.Cut(field, "sip:")
	user, _, _ := strings.Cut(rest, "@")
	return user
}

// quoted returns a parameter of an Event field without its quotation marks.
func quoted(event, name string) string {
	parts, _ := split(event, ';')
	value, _ := param(parts, name)
	return strings.Trim(value, `"`)
}
