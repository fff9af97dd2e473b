package gateway

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
)

// address returns the address of a client: its old one, or a free one; nil where
// all are taken.
func (m *Machine) address(now time.Time, mac device.MAC) *Lease {
	l := m.leases[mac]
	if l == nil {
		l = m.unused(now, mac)
	}
	if l != nil && l.Until.Before(now.Add(offerHold)) {
		l.Until = now.Add(offerHold)
	}
	return l
}

// unused binds a client to an address that was never bound, else to the one
// whose binding ended first.
func (m *Machine) unused(now time.Time, mac device.MAC) *Lease {
	for m.next.IsValid() {
		addr := m.next
		if m.next = m.next.Next(); m.config.Last.Less(m.next) {
			m.next = netip.Addr{}
		}
		if m.byAddr[addr] == nil && addr != m.config.Router && len(m.byAddr) < mostLeases {
			return m.bind(mac, addr)
		}
	}
	var oldest *Lease
	for _, l := range m.byAddr {
		if !now.Before(l.Until) && (oldest == nil || l.Until.Before(oldest.Until) || l.Until.Equal(oldest.Until) && l.Addr.Less(oldest.Addr)) {
			oldest = l
		}
	}
	if oldest == nil {
		return nil
	}
	m.forget(oldest)
	return m.bind(mac, oldest.Addr)
}

// free reports whether an address of the pool belongs to no client.
func (m *Machine) free(now time.Time, addr netip.Addr) bool {
	if !addr.IsValid() || addr.Less(m.config.First) || m.config.Last.Less(addr) || addr == m.config.Router {
		return false
	}
	l := m.byAddr[addr]
	if l != nil && !now.Before(l.Until) && l.Leased {
		m.forget(l)
		return true
	}
	return l == nil
}

func (m *Machine) bind(mac device.MAC, addr netip.Addr) *Lease {
	l := &Lease{MAC: mac, Addr: addr}
	m.leases[mac], m.byAddr[addr] = l, l
	return l
}

func (m *Machine) forget(l *Lease) {
	delete(m.byAddr, l.Addr)
	if m.leases[l.MAC] == l {
		delete(m.leases, l.MAC)
	}
	if !m.next.IsValid() || l.Addr.Less(m.next) {
		m.next = l.Addr
	}
}

// send answers a request. The options stand in the order of the gateway's own
// packets, which is not that of their numbers.
func (m *Machine) send(p *dhcpv4.DHCPv4, kind dhcpv4.MessageType, addr netip.Addr, option66 string, from netip.AddrPort) {
	r := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootReply, HWType: p.HWType, TransactionID: p.TransactionID, Flags: p.Flags,
		ClientIPAddr: net.IPv4zero, YourIPAddr: net.IPv4zero, ServerIPAddr: net.IPv4zero,
		GatewayIPAddr: p.GatewayIPAddr, ClientHWAddr: p.ClientHWAddr, Options: dhcpv4.Options{},
	}
	if addr.IsValid() {
		r.YourIPAddr = addr.AsSlice()
	}
	if kind == dhcpv4.MessageTypeAck {
		r.ClientIPAddr = p.ClientIPAddr
	}
	b := r.ToBytes()[:240] // the header and the cookie
	put := func(code dhcpv4.OptionCode, value []byte) {
		if len(value) > 0 {
			b = append(append(b, code.Code(), byte(len(value))), value...)
		}
	}
	put(dhcpv4.OptionDHCPMessageType, []byte{byte(kind)})
	put(dhcpv4.OptionServerIdentifier, m.config.Router.AsSlice())
	if kind != dhcpv4.MessageTypeNak {
		if addr.IsValid() {
			put(dhcpv4.OptionIPAddressLeaseTime, binary.BigEndian.AppendUint32(nil, uint32(m.config.LeaseOf/time.Second)))
		}
		put(dhcpv4.OptionSubnetMask, net.CIDRMask(m.config.Bits, 32))
		put(dhcpv4.OptionRouter, m.config.Router.AsSlice())
		put(dhcpv4.OptionDomainNameServer, m.config.Router.AsSlice())
		put(dhcpv4.OptionTFTPServerName, []byte(option66))
	}
	put(dhcpv4.OptionRelayAgentInformation, p.Options.Get(dhcpv4.OptionRelayAgentInformation))
	b = append(b, 255)
	m.acts = append(m.acts, Action{Do: Send, Packet: b, To: m.to(p, from)})
}

// to returns where an answer goes: to the relay agent, to a client that has an
// address, else to all (SMG-DHCP-1).
func (m *Machine) to(p *dhcpv4.DHCPv4, from netip.AddrPort) netip.AddrPort {
	if giaddr := addrOf(p.GatewayIPAddr); giaddr.IsValid() {
		return netip.AddrPortFrom(giaddr, from.Port())
	}
	if ciaddr := addrOf(p.ClientIPAddr); ciaddr.IsValid() && ciaddr == from.Addr().Unmap() {
		return netip.AddrPortFrom(ciaddr, from.Port())
	}
	return netip.AddrPort{}
}

func wanted(p *dhcpv4.DHCPv4) netip.Addr {
	return addrOf(p.Options.Get(dhcpv4.OptionRequestedIPAddress))
}

// addrOf returns an IPv4 address; it is not valid for 0.0.0.0 and for other lengths.
func addrOf(value []byte) netip.Addr {
	addr, ok := netip.AddrFromSlice(value)
	if addr = addr.Unmap(); !ok || !addr.Is4() || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}
