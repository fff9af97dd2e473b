package tftp

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"time"

	"provsim/device"
)

// A modelServer serves one file by the letter of RFC 1350, 2347 and 7440, in
// virtual time. Each request gets a session with a port of its own, repeated
// requests too.
type modelServer struct {
	file     []byte
	grants   func(Option) bool // whether an option is granted, as asked
	interval time.Duration     // between retransmissions, at most 5 without progress
	sessions []*session
}

type session struct {
	server    *modelServer
	port      uint16
	oack      []byte // to be acknowledged first; nil: done or none
	blockSize int
	window    int
	acked     int // blocks that the client has
	tries     int
	due       time.Duration // of a retransmission; forever: the session is over
}

const firstSessionPort = 1024

// request opens a session and returns what it sends.
func (s *modelServer) request(now time.Duration, p Packet) (*session, [][]byte) {
	n := &session{server: s, port: firstSessionPort + uint16(len(s.sessions)), blockSize: 512, window: 1}
	s.sessions = append(s.sessions, n)
	var granted []Option
	for _, o := range p.Options {
		if !s.grants(o) {
			continue
		}
		value, _ := strconv.Atoi(o.Value)
		switch o.Name {
		case optBlksize:
			n.blockSize = value
		case optWindowsize:
			n.window = value
		case optTsize:
			o.Value = strconv.Itoa(len(s.file))
		}
		granted = append(granted, o)
	}
	if granted != nil {
		n.oack = Packet{Op: OpOptionAck, Options: granted}.Append(nil)
	}
	return n, n.send(now)
}

// blocks is the number of the file's last block.
func (n *session) blocks() int { return len(n.server.file)/n.blockSize + 1 }

// send returns the OACK or the window behind the last acknowledged block.
func (n *session) send(now time.Duration) (packets [][]byte) {
	n.due = now + n.server.interval
	if n.oack != nil {
		return [][]byte{n.oack}
	}
	for block := n.acked + 1; block <= min(n.acked+n.window, n.blocks()); block++ {
		data := n.server.file[(block-1)*n.blockSize : min(block*n.blockSize, len(n.server.file))]
		packets = append(packets, Packet{Op: OpData, Block: uint16(block), Data: data}.Append(nil))
	}
	return packets
}

// receive takes an ACK; anything else is an ERROR and ends the session.
func (n *session) receive(now time.Duration, packet []byte) [][]byte {
	if n.due == forever || Op(packet[1]) != OpAck {
		n.due = forever
		return nil
	}
	news := int(binary.BigEndian.Uint16(packet[2:]) - uint16(n.acked))
	switch {
	case n.oack != nil && news == 0:
		n.oack = nil
	case n.oack != nil || news > n.window:
		return nil
	case news == 0 && n.window == 1:
		return nil // RFC 1123 section 4.2.3.1
	case news == 0: // RFC 7440 section 4: the first block of the window is missing
	default:
		n.acked += news
	}
	n.tries = 0
	if n.acked == n.blocks() {
		n.due = forever
		return nil
	}
	return n.send(now)
}

// tick repeats what is due.
func (n *session) tick(now time.Duration) [][]byte {
	if n.tries++; n.tries > 5 {
		n.due = forever
		return nil
	}
	return n.send(now)
}

// A simulation runs a transfer against a model server over a network that does
// to each packet what fate says: one delay for each copy that arrives.
type simulation struct {
	transfer *Transfer
	server   *modelServer
	fate     func() []time.Duration

	now      time.Duration
	flights  []inFlight // the next to arrive first
	sent     int        // packets that the transfer sent
	received int        // packets that reached it
	ticks    int        // calls of Tick that made it send
}

type inFlight struct {
	arrives  time.Duration
	port     uint16 // of the server
	toServer bool
	packet   []byte
}

// run returns the transfer's reply.
func (s *simulation) run() device.Reply {
	s.launch(requestPort.Port(), true, s.transfer.Start(0))
	for {
		if reply, ok := s.transfer.Done(); ok {
			return reply
		}
		s.now = s.transfer.Deadline()
		step := s.tick
		if len(s.flights) > 0 && s.flights[0].arrives < s.now {
			s.now, step = s.flights[0].arrives, s.arrive
		}
		for _, n := range s.server.sessions {
			if n.due < s.now {
				s.now, step = n.due, func() { s.launch(n.port, false, n.tick(s.now)...) }
			}
		}
		step()
	}
}

func (s *simulation) tick() {
	if packet := s.transfer.Tick(s.now); packet != nil {
		s.ticks++
		s.launch(s.transfer.Server().Port(), true, packet)
	}
}

// arrive takes the next flight out of the air.
func (s *simulation) arrive() {
	f := s.flights[0]
	s.flights = s.flights[1:]
	switch {
	case !f.toServer:
		s.received++
		from := netip.AddrPortFrom(requestPort.Addr(), f.port)
		if packet := s.transfer.Receive(s.now, from, f.packet); packet != nil {
			s.launch(f.port, true, packet)
		}
	case f.port == requestPort.Port():
		p, err := Parse(f.packet)
		if err != nil {
			panic(err)
		}
		n, packets := s.server.request(s.now, p)
		s.launch(n.port, false, packets...)
	default:
		n := s.server.sessions[f.port-firstSessionPort]
		s.launch(n.port, false, n.receive(s.now, f.packet)...)
	}
}

// launch puts packets into the air.
func (s *simulation) launch(port uint16, toServer bool, packets ...[]byte) {
	for _, packet := range packets {
		if toServer {
			s.sent++
		}
		for _, delay := range s.fate() {
			f := inFlight{s.now + delay, port, toServer, slices.Clone(packet)}
			i := sort.Search(len(s.flights), func(i int) bool { return s.flights[i].arrives > f.arrives })
			s.flights = slices.Insert(s.flights, i, f)
		}
	}
}
