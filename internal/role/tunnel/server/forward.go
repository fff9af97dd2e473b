package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"provsim/internal/role/tunnel"
)

// accept serves the connections of a listener, a bounded number at once.
func (v *services) accept(l net.Listener, serve func(net.Conn)) {
	v.closers = append(v.closers, l)
	v.work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if v.ctx.Err() != nil {
					return
				}
				time.Sleep(10 * time.Millisecond) // no descriptor is free, or a client has left at once
				continue
			}
			select {
			case v.room <- struct{}{}:
			default:
				c.Close()
				continue
			}
			v.work.Go(func() {
				defer func() { <-v.room }()
				stop := context.AfterFunc(v.ctx, func() { c.Close() })
				defer stop()
				defer c.Close()
				serve(c)
			})
		}
	})
}

// forward passes what comes to a port of the overlay to a server of the real
// network: this is the only way out, and the user's own choice.
func (v *services) forward(port Port, to string) error {
	dial := func(ctx context.Context, network string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, to)
	}
	name := fmt.Sprintf("forward %d", port.Number)
	if port.UDP {
		c, err := v.server.host.ListenUDP(port.Number)
		if err != nil {
			return err
		}
		v.relay(name, c, dial)
		return nil
	}
	l, err := v.server.host.ListenTCP(port.Number)
	if err != nil {
		return err
	}
	v.accept(l, func(c net.Conn) { v.pipe(name, c, dial) })
	return nil
}

// reach makes an address of this machine lead to a device, for programs that know
// nothing of the tunnel.
func (v *services) reach(at netip.AddrPort, to Target) error {
	dial := func(ctx context.Context, network string) (net.Conn, error) {
		t, err := v.server.find(to.Device)
		if err != nil {
			return nil, err
		}
		i := t.number.Load()
		if i < 0 {
			return nil, fmt.Errorf("the address of device %s is not known yet", to.Device)
		}
		return v.server.host.Dial(ctx, network, netip.AddrPortFrom(tunnel.Address(int(i)), to.Number).String())
	}
	name := "reach " + at.String()
	if to.UDP {
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
		if err != nil {
			return err
		}
		v.relay(name, c, dial)
		return nil
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return err
	}
	v.accept(l, func(c net.Conn) { v.pipe(name, c, dial) })
	return nil
}

// pipe joins a connection with one that it dials, until either ends.
func (v *services) pipe(name string, c net.Conn, dial func(context.Context, string) (net.Conn, error)) {
	ctx, cancel := context.WithTimeout(v.ctx, serviceTime)
	other, err := dial(ctx, "tcp")
	cancel()
	if err != nil {
		v.count(name, 0, err)
		return
	}
	stop := context.AfterFunc(v.ctx, func() { other.Close() })
	defer stop()
	var up, down int64
	var both sync.WaitGroup
	one := func(to, from net.Conn, n *int64) {
		*n, _ = io.Copy(to, from)
		if half, ok := to.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		} else {
			to.Close()
		}
	}
	both.Go(func() { one(other, c, &up) })
	one(c, other, &down)
	both.Wait()
	other.Close()
	v.count(name, int(up+down), nil)
}

// relay gives the datagrams of each source a socket of their own, and passes the
// answers back, until nothing has come for a time.
func (v *services) relay(name string, c net.PacketConn, dial func(context.Context, string) (net.Conn, error)) {
	v.closers = append(v.closers, c)
	var mu sync.Mutex
	flows := map[string]net.Conn{}
	v.work.Go(func() {
		b := make([]byte, tunnel.MaxMessage)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				if v.ctx.Err() != nil {
					return
				}
				continue
			}
			mu.Lock()
			to := flows[from.String()]
			mu.Unlock()
			if to == nil {
				if v.flows.Add(1) > mostFlows {
					v.flows.Add(-1)
					v.count(name, n, errFlows)
					continue
				}
				ctx, cancel := context.WithTimeout(v.ctx, 5*time.Second)
				to, err = dial(ctx, "udp")
				cancel()
				if err != nil {
					v.flows.Add(-1)
					v.count(name, n, err)
					continue
				}
				mu.Lock()
				flows[from.String()] = to
				mu.Unlock()
				v.work.Go(func() {
					v.back(c, from, to)
					mu.Lock()
					delete(flows, from.String())
					mu.Unlock()
					v.flows.Add(-1)
				})
			}
			to.SetReadDeadline(time.Now().Add(flowIdle))
			_, err = to.Write(b[:n])
			v.count(name, n, err)
		}
	})
}

var errFlows = fmt.Errorf("more than %d sources at once", mostFlows)

// back passes answers to a source.
func (v *services) back(c net.PacketConn, from net.Addr, to net.Conn) {
	defer to.Close()
	stop := context.AfterFunc(v.ctx, func() { to.Close() })
	defer stop()
	b := make([]byte, tunnel.MaxMessage)
	for {
		n, err := to.Read(b)
		if err != nil {
			return
		}
		if _, err := c.WriteTo(b[:n], from); err != nil {
			return
		}
	}
}
