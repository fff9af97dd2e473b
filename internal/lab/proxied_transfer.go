package lab

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// idle ends a transfer that both sides have left; the server gives its client up
// before.
const idle = 2 * retransmit * (retries + 1)

// A proxiedTransfer is one TFTP transfer on its way through the proxy.
type proxiedTransfer struct {
	proxy      *faultProxy
	client     netip.AddrPort
	fault      *fault
	outer      *net.UDPConn // what the client talks to
	inner      *net.UDPConn // what the server talks to
	packetSize int
	transfer   atomic.Pointer[netip.AddrPort] // the server's port for it, once it has answered
	aborted    atomic.Bool
	sending    sync.Mutex // keeps the ports open between a packet and its double
	once       sync.Once
	done       chan struct{} // closed with the transfer
}

// forwardToClient takes what the server sends until the transfer ends.
func (t *proxiedTransfer) forwardToClient() {
	defer t.close()
	buffer := make([]byte, t.packetSize)
	for {
		t.inner.SetReadDeadline(time.Now().Add(idle))
		n, from, err := t.inner.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		t.transfer.Store(&from)
		if t.aborted.Load() {
			t.abort()
			continue
		}
		t.pass(buffer[:n], true, t.toClient)
		if n > 1 && buffer[1] == opError {
			return // nothing comes after it (RFC 1350 section 7)
		}
	}
}

// forwardToServer takes what the client sends until the transfer ends.
func (t *proxiedTransfer) forwardToServer() {
	buffer := make([]byte, t.packetSize)
	for {
		n, from, err := t.outer.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		if transfer := t.transfer.Load(); from == t.client && transfer != nil {
			t.pass(buffer[:n], false, func(packet []byte) { t.inner.WriteToUDPAddrPort(packet, *transfer) })
		}
	}
}

// pass sends a packet on, or does what its fate is.
func (t *proxiedTransfer) pass(packet []byte, toClient bool, send func([]byte)) {
	fate := t.fault.next()
	if t.fault.Delay > 0 {
		timer := time.NewTimer(t.fault.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-t.done:
			return
		case <-t.proxy.lab.done:
			return
		}
	}
	if fate.stray && toClient {
		t.stray(packet)
	}
	if fate.drop {
		return
	}
	t.sending.Lock()
	defer t.sending.Unlock()
	send(packet)
	if fate.duplicate {
		send(packet)
	}
}

func (t *proxiedTransfer) toClient(packet []byte) { t.outer.WriteToUDPAddrPort(packet, t.client) }

// stray sends the client a packet like the given one from a port that has no
// part in the transfer, with other bytes where the file's would be.
func (t *proxiedTransfer) stray(packet []byte) {
	other, err := listenBeside(t.outer)
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
	other.WriteToUDPAddrPort(forged, t.client)
}

// abort tells the server that the client gives up, as soon as it has answered.
func (t *proxiedTransfer) abort() {
	t.aborted.Store(true)
	if transfer := t.transfer.Load(); transfer != nil {
		t.inner.WriteToUDPAddrPort(tftpError(0, "the lab ends"), *transfer)
	}
}

// close ends the transfer and frees its ports.
func (t *proxiedTransfer) close() {
	t.once.Do(func() {
		t.proxy.mu.Lock()
		delete(t.proxy.transfers, addrPort(t.inner.LocalAddr()))
		t.proxy.mu.Unlock()
		close(t.done)
		t.sending.Lock()
		defer t.sending.Unlock()
		t.outer.Close()
		t.inner.Close()
	})
}
