package server

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"provsim/device"
)

// How long an address is kept after an OFFER, and after a DECLINE.
const (
	offerHold   = 2 * time.Minute
	declineHold = time.Hour
)

// An allocator decides what each message is answered and who gets which address. It has no clock and no socket.
type allocator struct {
	config   Config
	bindings *bindings
}

// answer returns what a good server says, or nil for silence, and what is to be
// told about it.
func (a *allocator) answer(now time.Duration, p *dhcpv4.DHCPv4) (*dhcpv4.DHCPv4, Served) {
	served := Served{Client: device.MAC(p.ClientHWAddr), Message: p.MessageType().String()}
	old := a.bindings.of(clientOf(p))
	switch p.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		offered := a.bindings.offer(clientOf(p), now, offerHold)
		if offered == nil {
			served.Note = "no address is free"
			return nil, served
		}
		return a.give(p, dhcpv4.MessageTypeOffer, offered, &served), served
	case dhcpv4.MessageTypeRequest:
		return a.request(now, p, old, &served), served
	case dhcpv4.MessageTypeRelease:
		if old != nil && addrOf(p.ClientIPAddr) == old.addr {
			a.bindings.release(old, now)
			served.Addr = old.addr
		}
	case dhcpv4.MessageTypeDecline:
		if old != nil && requested(p) == old.addr {
			a.bindings.block(old, now+declineHold)
			served.Addr = old.addr
		}
	default:
		served.Note = "not a message that this server knows"
	}
	return nil, served
}

// request tells the four forms of REQUEST apart (RFC 2131 section 4.3.2) and
// answers each.
func (a *allocator) request(now time.Duration, p *dhcpv4.DHCPv4, old *binding, served *Served) *dhcpv4.DHCPv4 {
	server, wanted := addrFrom(p.Options.Get(dhcpv4.OptionServerIdentifier)), requested(p)
	selecting := server.IsValid()
	if !selecting && !wanted.IsValid() { // RENEWING or REBINDING
		wanted = addrOf(p.ClientIPAddr)
	}
	switch {
	case selecting && server != a.config.ID:
		served.Note = "the client has chosen " + server.String()
		if old != nil && !old.leased {
			a.bindings.release(old, now)
		}
		return nil
	case !selecting && old == nil && a.poolOf(wanted) != nil && a.bindings.byAddr[wanted] == nil:
		served.Note = "a client of another server, or of this one before it was started"
		return nil
	case old == nil || old.addr != wanted || old.until <= now && !old.leased:
		served.Answer, served.Addr = "NAK", wanted
		return a.nak(p)
	}
	old.leased, old.until = true, now+a.config.Duration
	return a.give(p, dhcpv4.MessageTypeAck, old, served)
}

// poolOf returns the pool that an address is from, or nil.
func (a *allocator) poolOf(addr netip.Addr) *Pool {
	for i, p := range a.config.Pools {
		if addr.IsValid() && !addr.Less(p.First) && !p.Last.Less(addr) {
			return &a.config.Pools[i]
		}
	}
	return nil
}

// give makes an OFFER or an ACK.
func (a *allocator) give(p *dhcpv4.DHCPv4, kind dhcpv4.MessageType, b *binding, served *Served) *dhcpv4.DHCPv4 {
	served.Answer, served.Addr = kind.String(), b.addr
	r := a.reply(p, kind, a.config.ID)
	r.YourIPAddr, r.ClientIPAddr = b.addr.AsSlice(), p.ClientIPAddr
	set := func(code dhcpv4.OptionCode, value []byte) {
		if len(value) > 0 {
			r.Options[code.Code()] = value
		}
	}
	set(dhcpv4.OptionIPAddressLeaseTime, seconds(a.config.Duration))
	set(dhcpv4.OptionRenewTimeValue, seconds(a.config.T1))
	set(dhcpv4.OptionRebindingTimeValue, seconds(a.config.T2))
	if b.pool.Bits > 0 {
		set(dhcpv4.OptionSubnetMask, net.CIDRMask(b.pool.Bits, 32))
	}
	if b.pool.Router.IsValid() {
		set(dhcpv4.OptionRouter, b.pool.Router.AsSlice())
	}
	set(dhcpv4.OptionDomainNameServer, join(b.pool.DNS))
	o, own := a.config.Hosts[device.MAC(p.ClientHWAddr)]
	if !own {
		o = b.pool.Options
	}
	set(dhcpv4.OptionTFTPServerName, []byte(o.Option66))
	set(dhcpv4.OptionBootfileName, []byte(o.BootFile))
	set(dhcpv4.OptionTFTPServerAddress, join(o.Option150))
	set(dhcpv4.OptionVendorSpecificInformation, o.Option43)
	return r
}

func (a *allocator) nak(p *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	return a.reply(p, dhcpv4.MessageTypeNak, a.config.ID)
}

// reply begins a reply: RFC 2131 table 3, the relay agent's option (RFC 3046
// section 2.2) and the client identifier (RFC 6842) as they came.
func (a *allocator) reply(p *dhcpv4.DHCPv4, kind dhcpv4.MessageType, server netip.Addr) *dhcpv4.DHCPv4 {
	r := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootReply, HWType: p.HWType, ClientHWAddr: p.ClientHWAddr, TransactionID: p.TransactionID,
		Flags: p.Flags, GatewayIPAddr: p.GatewayIPAddr,
		Options: dhcpv4.Options{
			dhcpv4.OptionDHCPMessageType.Code():  {byte(kind)},
			dhcpv4.OptionServerIdentifier.Code(): server.AsSlice(),
		},
	}
	for _, code := range []dhcpv4.OptionCode{dhcpv4.OptionClientIdentifier, dhcpv4.OptionRelayAgentInformation} {
		if p.Options.Has(code) {
			r.Options[code.Code()] = p.Options.Get(code)
		}
	}
	return r
}

// rogue returns what the rogue server says to a message.
func (a *allocator) rogue(p *dhcpv4.DHCPv4, id netip.Addr) *dhcpv4.DHCPv4 {
	switch p.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		r := a.reply(p, dhcpv4.MessageTypeOffer, id)
		r.YourIPAddr = id.AsSlice()
		r.Options[dhcpv4.OptionIPAddressLeaseTime.Code()] = seconds(a.config.Duration)
		return r
	case dhcpv4.MessageTypeRequest:
		return a.reply(p, dhcpv4.MessageTypeNak, id)
	}
	return nil
}

// clientOf returns by what a client is known.
func clientOf(p *dhcpv4.DHCPv4) string {
	if id := p.Options.Get(dhcpv4.OptionClientIdentifier); len(id) > 0 {
		return "identifier " + string(id)
	}
	return string(p.ClientHWAddr)
}

func requested(p *dhcpv4.DHCPv4) netip.Addr {
	return addrFrom(p.Options.Get(dhcpv4.OptionRequestedIPAddress))
}

// addrOf returns the address of a header field; 0.0.0.0 counts as no address.
func addrOf(ip net.IP) netip.Addr {
	addr := addrFrom(ip)
	if addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}

func addrFrom(value []byte) netip.Addr {
	if len(value) != 4 {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte(value))
}

func join(addrs []netip.Addr) []byte {
	var value []byte
	for _, a := range addrs {
		value = append(value, a.AsSlice()...)
	}
	return value
}

// seconds returns the value of an option with a time, and nothing for none.
func seconds(d time.Duration) []byte {
	if d <= 0 {
		return nil
	}
	return binary.BigEndian.AppendUint32(nil, uint32(min(d/time.Second, 1<<32-1)))
}
