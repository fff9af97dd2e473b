package lab

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pin/tftp/v3"
)

// A lab's TFTP server retransmits after this time, and gives a client up after
// retries of it.
const (
	retransmit = time.Second
	retries    = 5
)

// startTFTP starts the TFTP server and the proxy that leads clients to it.
func (l *Lab) startTFTP() error {
	front, err := listenUDP(orLoopback(l.config.TFTP))
	if err != nil {
		return fmt.Errorf("tftp server: %w", err)
	}
	p := newFaultProxy(l, front)
	server := tftp.NewServer(p.read, p.write)
	server.SetTimeout(retransmit)
	server.SetRetries(retries)
	server.SetBackoff(func(int) time.Duration { return 0 })
	server.SetBlockSizeNegotiation(false) // the queue is on no interface that has an MTU

	l.addrs["tftp"] = addrPort(front.LocalAddr())
	l.work.Go(func() { server.Serve(p.requests) })
	l.work.Go(p.accept)
	l.ends = append(l.ends, func() {
		p.hangUp()
		<-p.requests.idle
		server.Shutdown()
		p.close()
	})
	return nil
}

func listenUDP(address string) (*net.UDPConn, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	return net.ListenUDP("udp", at)
}

// read answers one read request that came through the proxy.
func (p *faultProxy) read(name string, to io.ReaderFrom) error {
	transfer, ok := to.(tftp.OutgoingTransfer)
	if !ok {
		return fmt.Errorf("a transfer of type %T tells no client", to)
	}
	from := transfer.RemoteAddr()
	f := p.find(addrPort(&from))
	if f == nil {
		return errEnded
	}
	var n int64
	body, err := f.body(name)
	if err == nil {
		n, err = to.ReadFrom(body)
	}
	p.lab.served(Served{Server: "tftp", Client: f.client, Method: "RRQ", Path: clean(name), Bytes: n, Err: err})
	if err == nil {
		f.close() // the last block is acknowledged
	}
	return err
}

// body returns what the transfer's client gets.
func (t *proxiedTransfer) body(name string) (io.Reader, error) {
	if t.fault.Endless {
		return endless{}, nil
	}
	body, err := t.proxy.lab.Files.Get(name)
	if n := t.fault.Truncate; err == nil && n > 0 && n < len(body) {
		return io.MultiReader(bytes.NewReader(body[:n]), silence{t}), nil
	}
	return bytes.NewReader(body), err
}

// A silence is the rest of a body that never comes.
type silence struct{ transfer *proxiedTransfer }

func (s silence) Read([]byte) (int, error) {
	select {
	case <-s.transfer.done:
	case <-s.transfer.proxy.lab.done:
	}
	return 0, errEnded
}
