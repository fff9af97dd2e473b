package lab

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// idle ends a flow that both sides have left; the server gives its client up
// before.
const idle = 2 * retransmit * (retries + 1)

// A flow is one TFTP transfer on its way through the wire.
type flow struct {
	wire       *wire
	client     netip.AddrPort
	fault      *fault
	outer      *net.UDPConn // what the client talks to
	inner      *net.UDPConn // what the server talks to
	packetSize int
	transfer   atomic.Pointer[netip.AddrPort] // the server's port for it, once it has answered
	aborted    atomic.Bool
	sending    sync.Mutex // keeps the ports open between a packet and its double
	once       sync.Once
	done       chan struct{} // closed with the flow
}

// forwardToClient takes what the server sends until the flow ends.
func (f *flow) forwardToClient() {
	defer f.close()
	buffer := make([]byte, f.packetSize)
	for {
		f.inner.SetReadDeadline(time.Now().Add(idle))
		n, from, err := f.inner.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		f.transfer.Store(&from)
		if f.aborted.Load() {
			f.abort()
			continue
		}
		f.pass(buffer[:n], true, f.toClient)
		if n > 1 && buffer[1] == opError {
			return // nothing comes after it (RFC 1350 section 7)
		}
	}
}

// forwardToServer takes what the client sends until the flow ends.
func (f *flow) forwardToServer() {
	buffer := make([]byte, f.packetSize)
	for {
		n, from, err := f.outer.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		if transfer := f.transfer.Load(); from == f.client && transfer != nil {
			f.pass(buffer[:n], false, func(packet []byte) { f.inner.WriteToUDPAddrPort(packet, *transfer) })
		}
	}
}

// pass sends a packet on, or does what its fate is.
func (f *flow) pass(packet []byte, toClient bool, send func([]byte)) {
	fate := f.fault.next()
	if f.fault.Delay > 0 {
		timer := time.NewTimer(f.fault.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-f.done:
			return
		case <-f.wire.lab.done:
			return
		}
	}
	if fate.stray && toClient {
		f.stray(packet)
	}
	if fate.drop {
		return
	}
	f.sending.Lock()
	defer f.sending.Unlock()
	send(packet)
	if fate.duplicate {
		send(packet)
	}
}

func (f *flow) toClient(packet []byte) { f.outer.WriteToUDPAddrPort(packet, f.client) }

// stray sends the client a packet like the given one from a port that has no
// part in the transfer, with other bytes where the file's would be.
func (f *flow) stray(packet []byte) {
	other, err := listenBeside(f.outer)
	if err != nil {
		return
	}
	defer other.Close()
	forged := make([]byte, len(packet))
	for i, b := range packet {
		if forged[i] = b; i >= 4 {
			forged[i] = ^b
		}
	}
	other.WriteToUDPAddrPort(forged, f.client)
}

// abort tells the server that the client gives up, as soon as it has answered.
func (f *flow) abort() {
	f.aborted.Store(true)
	if transfer := f.transfer.Load(); transfer != nil {
		f.inner.WriteToUDPAddrPort(tftpError(0, "the lab ends"), *transfer)
	}
}

// close ends the flow and frees its ports.
func (f *flow) close() {
	f.once.Do(func() {
		f.wire.mu.Lock()
		delete(f.wire.flows, addrPort(f.inner.LocalAddr()))
		f.wire.mu.Unlock()
		close(f.done)
		f.sending.Lock()
		defer f.sending.Unlock()
		f.outer.Close()
		f.inner.Close()
	})
}
