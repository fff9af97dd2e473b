package lab

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// TFTP's opcodes (RFC 1350 section 5, RFC 2347) as far as the wire knows them.
const (
	opRead  = 1
	opWrite = 2
	opError = 5
)

// A wire lies between TFTP clients and the server, which is where packets can
// be lost, doubled and delayed. Each read request opens a flow with two ports:
// one is the server's transfer identifier for the client, the other the client's
// for the server.
type wire struct {
	lab     *Lab
	front   *net.UDPConn // where clients send their requests
	mailbox *mailbox     // where the server takes them

	mu    sync.Mutex
	flows map[netip.AddrPort]*flow // by the address that the server sees
	over  bool                     // no more flows
}

func newWire(l *Lab, front *net.UDPConn) *wire {
	return &wire{lab: l, front: front, mailbox: newMailbox(l.done), flows: make(map[netip.AddrPort]*flow)}
}

// accept takes requests until the wire is hung up.
func (w *wire) accept() {
	packet := make([]byte, 64<<10)
	for {
		n, client, err := w.front.ReadFromUDPAddrPort(packet)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			w.request(bytes.Clone(packet[:n]), client)
		}
	}
}

// request answers or forwards a client's first packet; what is no request is
// ignored, as a server does.
func (w *wire) request(packet []byte, client netip.AddrPort) {
	r, ok := parseRequest(packet)
	if !ok {
		return
	}
	fault := w.lab.Faults.find(r.name)
	if fault.next().drop || fault.Stall {
		return
	}
	f, err := w.open(client, fault, r.blockSize)
	if err != nil {
		w.lab.served(Served{Server: "tftp", Client: client, Method: r.method, Path: clean(r.name), Err: err})
		return
	}
	if code, text, refused := w.refusal(r, fault); refused {
		f.toClient(tftpError(code, text))
		f.close()
		w.lab.served(Served{Server: "tftp", Client: f.client, Method: r.method, Path: clean(r.name), Err: errors.New(text)})
		return
	}
	w.mailbox.post(packet, f.inner.LocalAddr())
}

// refusal returns the error for requests that the server behind would answer
// with another code than RFC 1350 means, or would not refuse at all.
func (w *wire) refusal(r request, f *fault) (code byte, text string, refused bool) {
	_, err := w.lab.Files.Get(r.name)
	switch {
	case r.method == "WRQ":
		return 2, "these files are only read", true
	case f.Status == http.StatusNotFound:
		return 1, "File not found", true
	case f.Status == http.StatusForbidden || errors.Is(err, fs.ErrPermission):
		return 2, "Access violation", true
	case f.Status != 0:
		return 0, http.StatusText(f.Status), true
	}
	return 0, "", false
}

// open makes the two ports of a flow and starts to forward.
func (w *wire) open(client netip.AddrPort, fault *fault, blockSize int) (*flow, error) {
	outer, err := listenBeside(w.front)
	if err != nil {
		return nil, err
	}
	inner, err := listenUDP(orLoopback(""))
	if err != nil {
		outer.Close()
		return nil, err
	}
	f := &flow{
		wire: w, client: client, fault: fault, outer: outer, inner: inner,
		packetSize: blockSize + 1024, done: make(chan struct{}),
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		outer.Close()
		inner.Close()
		return nil, errEnded
	}
	w.flows[addrPort(inner.LocalAddr())] = f
	w.lab.work.Go(f.forwardToClient)
	w.lab.work.Go(f.forwardToServer)
	return f, nil
}

// listenBeside opens a free port of the address that another one is of.
func listenBeside(other *net.UDPConn) (*net.UDPConn, error) {
	at := addrPort(other.LocalAddr())
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at.Addr(), 0)))
}

// find returns the flow that the server knows by an address, or nil.
func (w *wire) find(address netip.AddrPort) *flow {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flows[address]
}

// hangUp takes no more requests and has the server give up all transfers.
func (w *wire) hangUp() {
	w.front.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, f := range w.flows {
		f.abort()
	}
}

// close ends all flows.
func (w *wire) close() {
	w.mu.Lock()
	left := slices.Collect(maps.Values(w.flows))
	w.mu.Unlock()
	for _, f := range left {
		f.close()
	}
}

// A request is what a client's first packet says.
type request struct {
	method    string // "RRQ" or "WRQ"
	name      string
	blockSize int // what a client asks for (RFC 2348), or 512
}

func parseRequest(packet []byte) (r request, ok bool) {
	if len(packet) < 4 || packet[0] != 0 || packet[1] != opRead && packet[1] != opWrite {
		return r, false
	}
	fields := strings.Split(string(packet[2:]), "\x00")
	r = request{method: "RRQ", name: fields[0], blockSize: 512}
	if packet[1] == opWrite {
		r.method = "WRQ"
	}
	for i := 2; i+1 < len(fields); i += 2 {
		if size, err := strconv.Atoi(fields[i+1]); err == nil && strings.EqualFold(fields[i], "blksize") {
			r.blockSize = min(max(size, r.blockSize), 65464)
		}
	}
	return r, true
}

func tftpError(code byte, text string) []byte {
	return append([]byte{0, opError, 0, code}, text+"\x00"...)
}
