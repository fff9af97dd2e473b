package ipoffice

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"provsim/internal/fetch/tftp"
	"provsim/internal/role"
	"provsim/internal/role/ipoffice/wire"
)

const (
	frameTime   = 10 * time.Second // of a frame, and of what is no frame (IPO-LNK-6, IPO-REC-2)
	mostPeers   = 16               // connections of a port (IPO-LNK-6)
	writeTime   = 10 * time.Second
	requestTime = 10 * time.Second
)

// Memory keeps a unit's flash; [store.File] is one.
type Memory interface {
	Load() ([]byte, error)
	Save(parts ...[]byte) error
	Close() error
}

// server is one unit that runs.
type server struct {
	g      *Group
	memory Memory // nil: nothing is kept

	mu   sync.Mutex
	unit *Unit
	due  *time.Timer

	ports     sync.Mutex // held while ports are opened and closed
	open      map[Port]io.Closer
	transfers chan struct{}

	peers sync.Mutex
	conns map[net.Conn]Port
}

// do tells the unit something and does what it asks for, in that order. What is for the
// peer goes to answer. Where memory cannot be saved the peer gets no answer.
func (s *server) do(tell func(now time.Time) []Action, answer func(Action)) {
	s.mu.Lock()
	var rest []Action
	for _, a := range tell(time.Now()) {
		switch a.Do {
		case Tell:
			s.g.o.Log.Add(a.Record)
		case Save:
			if s.memory == nil {
				continue
			}
			if err := s.memory.Save(a.Body); err != nil {
				s.log("memory.unsaved", err.Error())
				rest = []Action{{Do: Close}}
				continue
			}
		default:
			rest = append(rest, a)
		}
	}
	s.due.Reset(time.Until(s.unit.Deadline()))
	s.mu.Unlock()
	for _, a := range rest {
		switch a.Do {
		case Restart, Open:
			if err := s.sync(); err != nil {
				s.log("port.closed", err.Error())
			}
			if a.Do == Restart {
				s.hangUp()
			}
		default:
			answer(a)
		}
	}
}

// log writes what the unit itself knows nothing of.
func (s *server) log(event, note string) {
	s.g.o.Log.Add(role.Record{Wall: time.Now(), Event: event, Device: s.unit.c.MAC, Note: note})
}

// tick does what is due.
func (s *server) tick() {
	if s.g.ctx.Err() == nil {
		s.do(s.unit.Tick, func(Action) {})
	}
}

// sync has the ports open that the unit wants, and no others. It goes on after a port
// that cannot be opened.
func (s *server) sync() error {
	s.ports.Lock()
	defer s.ports.Unlock()
	s.mu.Lock()
	list, lan := s.unit.Ports(), s.unit.LAN("lan1")
	s.mu.Unlock()
	wanted := map[Port]bool{}
	var failed error
	for _, p := range list {
		wanted[p] = true
	}
	for p, c := range s.open {
		if !wanted[p] || s.g.ctx.Err() != nil {
			c.Close()
			delete(s.open, p)
		}
	}
	for _, p := range list {
		if s.open[p] != nil || s.g.ctx.Err() != nil {
			continue
		}
		c, err := s.listen(p)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.open[p] = c
	}
	return errors.Join(failed, s.g.hear(lan))
}

// at returns where a port is on this machine (IPO-PORT-4).
func (g *Group) at(p Port) netip.AddrPort {
	return netip.AddrPortFrom(p.Addr, p.Number+uint16(g.o.Shift))
}

func (s *server) listen(p Port) (io.Closer, error) {
	at := s.g.at(p)
	if p.Network == "udp" {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		if err != nil {
			return nil, err
		}
		s.g.work.Go(func() { s.datagrams(conn, p) })
		return conn, nil
	}
	listener, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	s.g.work.Go(func() { s.accept(listener, p) })
	return listener, nil
}

// datagrams serves a UDP port.
func (s *server) datagrams(conn *net.UDPConn, p Port) {
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil || p.Service == "silent":
		case p.Service == "stub":
			s.g.o.Recorder.datagram(s.unit.c.MAC, p.Number, from, buf[:n])
		default:
			s.tftp(from, append([]byte(nil), buf[:n]...), false)
		}
	}
}

// tftp answers a request in a goroutine of its own.
func (s *server) tftp(from netip.AddrPort, datagram []byte, broadcast bool) {
	name, write, ok := request(datagram)
	if !ok {
		s.g.o.Recorder.datagram(s.unit.c.MAC, 69, from, datagram)
		return
	}
	select {
	case s.transfers <- struct{}{}:
	default:
		return // further requests get no answer, and clients ask again
	}
	s.g.work.Go(func() {
		defer func() { <-s.transfers }()
		var acts []Action
		if body, ok := s.phoneFile(name); ok && !write && !broadcast {
			acts = []Action{{Do: Send, Body: body}}
		} else {
			s.do(func(now time.Time) []Action { return s.unit.Request(now, from, write, name, broadcast) }, func(a Action) { acts = append(acts, a) })
		}
		if len(acts) == 0 {
			return
		}
		t, err := openTransfer(s.lan1().Addr(), from)
		if err != nil {
			s.log("tftp.failed", err.Error())
			return
		}
		defer t.conn.Close()
		defer context.AfterFunc(s.g.ctx, func() { t.conn.Close() })()
		for _, a := range acts {
			s.answerTFTP(t, a, datagram)
		}
	})
}

// lan1 returns the unit's address and network.
func (s *server) lan1() netip.Prefix {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unit.LAN("lan1")
}

func (s *server) answerTFTP(t *transfer, a Action, datagram []byte) {
	switch a.Do {
	case Keep:
		s.g.o.Recorder.datagram(s.unit.c.MAC, 69, t.peer, datagram)
	case Refuse:
		t.refuse(a.Code, a.Note)
	case Send:
		if err := t.send(a.Body); err != nil && s.g.ctx.Err() == nil {
			s.log("tftp.ended", t.peer.String()+": "+err.Error())
		}
	case Receive:
		body, last, err := t.receive()
		if err != nil {
			return
		}
		s.do(func(now time.Time) []Action { return s.unit.Received(now, body) }, func(a Action) {
			switch a.Do {
			case Refuse:
				t.refuse(a.Code, a.Note)
			case Send:
				t.write(tftp.Packet{Op: tftp.OpAck, Block: last})
			}
		})
	}
}

// accept serves a TCP port.
func (s *server) accept(listener *net.TCPListener, p Port) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as no descriptor
			select {
			case <-s.g.ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		others, ok := s.join(conn, p)
		if !ok {
			conn.Close()
			continue
		}
		s.g.work.Go(func() {
			defer s.leave(conn)
			if p.Service == "http" {
				s.http(conn)
				return
			}
			s.frames(conn, p, others)
		})
	}
}

// join enters a connection, where the port has room for one more.
func (s *server) join(conn net.Conn, p Port) (others int, ok bool) {
	s.peers.Lock()
	defer s.peers.Unlock()
	for _, other := range s.conns {
		if other == p {
			others++
		}
	}
	if others >= mostPeers || s.g.ctx.Err() != nil {
		return others, false
	}
	s.conns[conn] = p
	return others, true
}

func (s *server) leave(conn net.Conn) {
	s.peers.Lock()
	defer s.peers.Unlock()
	delete(s.conns, conn)
	conn.Close()
}

// hangUp resets all connections.
func (s *server) hangUp() {
	s.peers.Lock()
	defer s.peers.Unlock()
	for conn := range s.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

// frames serves a connection. First bytes that are no frame of ours are recorded, and
// met with silence for 10 s, so that the peer shows its whole first message
// (IPO-REC-2).
func (s *server) frames(conn net.Conn, p Port, others int) {
	from := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	first := &recording{r: s.g.o.Recorder, unit: s.unit.c.MAC, port: p.Number, from: from, began: time.Now()}
	conn.SetReadDeadline(first.began.Add(frameTime))
	reader := bufio.NewReader(teeReader{conn, first})
	payload, err := wire.ReadFrame(reader)
	if err != nil || !Knows(payload) {
		io.Copy(io.Discard, io.LimitReader(reader, recordingSize))
		if len(first.bytes) > 0 {
			first.end()
		}
		return
	}
	reader = bufio.NewReader(io.MultiReader(io.LimitReader(reader, int64(reader.Buffered())), conn))
	session := s.unit.Connect(p, from, others)
	for closing := false; err == nil && !closing; payload, err = s.next(conn, reader, closing) {
		s.do(func(now time.Time) []Action { return s.unit.Frame(now, session, payload) }, func(a Action) {
			if a.Do == Send && !closing {
				frame, bad := wire.AppendFrame(nil, a.Body)
				conn.SetWriteDeadline(time.Now().Add(writeTime))
				if _, lost := conn.Write(frame); bad != nil || lost != nil {
					closing = true
				}
			}
			closing = closing || a.Do == Close
		})
	}
}

// next reads a frame: its first byte may take as long as the peer likes.
func (s *server) next(conn net.Conn, reader *bufio.Reader, closing bool) ([]byte, error) {
	if closing {
		return nil, io.EOF
	}
	conn.SetReadDeadline(time.Time{})
	if _, err := reader.Peek(1); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(frameTime))
	return wire.ReadFrame(reader)
}
