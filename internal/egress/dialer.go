package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// A Dialer opens the sockets of many devices. The zero Dialer lets the system
// choose the source and refuses public targets. It may be used from many
// goroutines.
type Dialer struct {
	Pool   *Pool  // of source addresses; nil: the system chooses
	Names  *Names // of targets; nil: each is looked up each time
	Public bool   // targets need not be private: the user owns the server
}

// DialContext opens a TCP connection to "host:port" from the address of the
// context's device (see [WithDevice]). It is for the web fetcher, and so sees
// every redirect. A host's first address of a family that the device can come
// from is taken, and no other is tried.
func (d *Dialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	server, err := d.server(ctx, address)
	if err != nil {
		return nil, err
	}
	from, err := d.from(ctx, server.Addr())
	if err != nil {
		return nil, err
	}
	return connect(ctx, from, server)
}

// Listen opens a UDP socket for transfers with a server, bound to the address of
// the context's device. It is for the TFTP fetcher.
func (d *Dialer) Listen(ctx context.Context, server netip.AddrPort) (net.PacketConn, error) {
	if !d.Public && !Private(server.Addr()) {
		return nil, refuse(server.Addr().String(), server.Addr())
	}
	from, err := d.from(ctx, server.Addr())
	if err != nil {
		return nil, err
	}
	network := "udp4"
	if server.Addr().Is6() {
		network = "udp6"
	}
	return net.ListenUDP(network, &net.UDPAddr{IP: from.AsSlice(), Zone: from.Zone()})
}

// Allowed looks a target up and reports whether devices may ask it; an error
// that is ErrPublic says that they may not. It is for the look at a scenario
// before anything is sent. DialContext and Listen look for themselves.
func (d *Dialer) Allowed(ctx context.Context, host string) error {
	_, err := d.target(ctx, host)
	return err
}

// Here reports whether a target is this machine, as far as its name can be
// looked up.
func (d *Dialer) Here(ctx context.Context, host string) bool {
	target, err := d.target(ctx, host)
	if err != nil || target.IsLoopback() {
		return err == nil
	}
	own, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(own, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		return ok && network.IP.Equal(target.AsSlice())
	})
}

// server returns where "host:port" is.
func (d *Dialer) server(ctx context.Context, address string) (netip.AddrPort, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: want a port from 0 to 65535 at its end", address)
	}
	addr, err := d.target(ctx, host)
	return netip.AddrPortFrom(addr, uint16(port)), err
}

// target returns the address of a host that devices may ask. All of its
// addresses count for that: which of them is taken depends on the device.
func (d *Dialer) target(ctx context.Context, host string) (netip.Addr, error) {
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, addr := range addrs {
		if !d.Public && !Private(addr) {
			return netip.Addr{}, refuse(host, addr)
		}
	}
	for _, addr := range addrs {
		if _, err := d.from(ctx, addr); err == nil {
			return addr, nil
		}
	}
	return addrs[0], nil
}

func (d *Dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr.Unmap()}, nil
	}
	var addrs []netip.Addr
	var err error
	if d.Names != nil {
		addrs, err = d.Names.LookupNetIP(ctx, "ip", host)
	} else {
		addrs, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, err
}

// from returns the address that the context's device comes from to meet another,
// or none where the system is to choose.
func (d *Dialer) from(ctx context.Context, to netip.Addr) (netip.Addr, error) {
	if d.Pool == nil {
		return netip.Addr{}, nil
	}
	from, ok := d.Pool.For(DeviceOf(ctx), to.Is6())
	if !ok {
		return netip.Addr{}, fmt.Errorf("no source address can reach %v: the source addresses are all of the other IP version, add one of its own", to)
	}
	return from, nil
}
