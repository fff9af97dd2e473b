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

// TFTP's opcodes (RFC 1350 section 5, RFC 2347) as far as the proxy knows them.
const (
	opRead  = 1
	opWrite = 2
	opError = 5
)

// A faultProxy lies between TFTP clients and the server, which is where packets can
// be lost, doubled and delayed. Each read request opens a transfer with two ports:
// one is the server's transfer identifier for the client, the other the client's
// for the server.
type faultProxy struct {
	lab      *Lab
	front    *net.UDPConn  // where clients send their requests
	requests *requestQueue // where the server takes them

	mu        sync.Mutex
	transfers map[netip.AddrPort]*proxiedTransfer // by the address that the server sees
	over      bool                                // no more transfers
}

func newFaultProxy(l *Lab, front *net.UDPConn) *faultProxy {
	return &faultProxy{lab: l, front: front, requests: newRequestQueue(l.done), transfers: make(map[netip.AddrPort]*proxiedTransfer)}
}

// accept takes requests until the proxy is hung up.
func (p *faultProxy) accept() {
	packet := make([]byte, 64<<10)
	for {
		n, client, err := p.front.ReadFromUDPAddrPort(packet)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			p.request(bytes.Clone(packet[:n]), client)
		}
	}
}

// request answers or forwards a client's first packet; what is no request is
// ignored, as a server does.
func (p *faultProxy) request(packet []byte, client netip.AddrPort) {
	r, ok := parseFirstPacket(packet)
	if !ok {
		return
	}
	fault := p.lab.Faults.find(r.name)
	if fault.next().drop || fault.Stall {
		return
	}
	f, err := p.open(client, fault, r.blockSize)
	if err != nil {
		p.lab.served(Served{Server: "tftp", Client: client, Method: r.method, Path: clean(r.name), Err: err})
		return
	}
	if code, text, refused := p.refusal(r, fault); refused {
		f.toClient(tftpError(code, text))
		f.close()
		p.lab.served(Served{Server: "tftp", Client: f.client, Method: r.method, Path: clean(r.name), Err: errors.New(text)})
		return
	}
	p.requests.post(packet, f.inner.LocalAddr())
}

// refusal returns the error for requests that the server behind would answer
// with another code than RFC 1350 means, or would not refuse at all.
func (p *faultProxy) refusal(r firstPacket, f *fault) (code byte, text string, refused bool) {
	_, err := p.lab.Files.Get(r.name)
	switch {
	case r.method == "WRQ" && !p.lab.takesUploads(r.name):
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

// open makes the two ports of a transfer and starts to forward.
func (p *faultProxy) open(client netip.AddrPort, fault *fault, blockSize int) (*proxiedTransfer, error) {
	outer, err := listenBeside(p.front)
	if err != nil {
		return nil, err
	}
	inner, err := listenUDP(orLoopback(""))
	if err != nil {
		outer.Close()
		return nil, err
	}
	f := &proxiedTransfer{
		proxy: p, client: client, fault: fault, outer: outer, inner: inner,
		packetSize: blockSize + 1024, done: make(chan struct{}),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		outer.Close()
		inner.Close()
		return nil, errEnded
	}
	p.transfers[addrPort(inner.LocalAddr())] = f
	p.lab.work.Go(f.forwardToClient)
	p.lab.work.Go(f.forwardToServer)
	return f, nil
}

// listenBeside opens a free port of the address that another one is of.
func listenBeside(other *net.UDPConn) (*net.UDPConn, error) {
	at := addrPort(other.LocalAddr())
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at.Addr(), 0)))
}

// find returns the transfer that the server knows by an address, or nil.
func (p *faultProxy) find(address netip.AddrPort) *proxiedTransfer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.transfers[address]
}

// hangUp takes no more requests and has the server give up all transfers.
func (p *faultProxy) hangUp() {
	p.front.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	for _, f := range p.transfers {
		f.abort()
	}
}

// close ends all transfers.
func (p *faultProxy) close() {
	p.mu.Lock()
	left := slices.Collect(maps.Values(p.transfers))
	p.mu.Unlock()
	for _, f := range left {
		f.close()
	}
}

// A firstPacket is what a client asks for.
type firstPacket struct {
	method    string // "RRQ" or "WRQ"
	name      string
	blockSize int // what a client asks for (RFC 2348), or 512
}

func parseFirstPacket(packet []byte) (r firstPacket, ok bool) {
	if len(packet) < 4 || packet[0] != 0 || packet[1] != opRead && packet[1] != opWrite {
		return r, false
	}
	fields := strings.Split(string(packet[2:]), "\x00")
	r = firstPacket{method: "RRQ", name: fields[0], blockSize: 512}
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
