package dhcp

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"provsim/device"
)

// Where a packet has its fields (RFC 2131 figure 1).
const (
	giaddrAt = 24
	snameAt  = 44
	fileAt   = 108
	cookieAt = 236
)

// Decode reads what a server has sent. It joins options that are split over
// several (RFC 3396), and reads options from the fields file and sname where
// option 52 puts them there. What else is wrong with a packet than its form is
// left to the machine.
func Decode(packet []byte) (*Reply, error) {
	p, err := dhcpv4.FromBytes(packet)
	if err != nil {
		return nil, fmt.Errorf("DHCP packet of %d bytes: %w", len(packet), err)
	}
	if p.OpCode != dhcpv4.OpcodeBootReply || p.HWType != iana.HWTypeEthernet || len(p.ClientHWAddr) != len(device.MAC{}) {
		return nil, fmt.Errorf("DHCP packet: op %v for a %v address of %d bytes, want a reply for Ethernet", p.OpCode, p.HWType, len(p.ClientHWAddr))
	}
	if err := unfold(p, packet); err != nil {
		return nil, err
	}
	r := &Reply{
		Type: Type(p.MessageType()), XID: binary.BigEndian.Uint32(p.TransactionID[:]), MAC: device.MAC(p.ClientHWAddr),
		Server: addrFrom(p.Options.Get(dhcpv4.OptionServerIdentifier)), Text: text(string(p.Options.Get(dhcpv4.OptionMessage))),
	}
	switch r.Type {
	case Offer, Ack:
		r.Lease = lease(p)
	case Nak:
	default:
		return nil, fmt.Errorf("DHCP packet: message %v, want OFFER, ACK or NAK", p.MessageType())
	}
	return r, nil
}

// unfold takes options out of the fields file and sname, in this order (RFC
// 3396 section 5), and leaves in the two fields what is no options. The library
// reads the options field alone.
func unfold(p *dhcpv4.DHCPv4, packet []byte) error {
	const inFile, inSname = 1, 2
	overload := p.Options.Get(dhcpv4.OptionOptionOverload)
	if len(overload) == 0 {
		return nil
	}
	if overload[0]&inFile != 0 {
		if err := p.Options.FromBytes(packet[fileAt:cookieAt]); err != nil {
			return fmt.Errorf("DHCP packet: options in the field file (option 52): %w", err)
		}
		p.BootFileName = ""
	}
	if overload[0]&inSname != 0 {
		if err := p.Options.FromBytes(packet[snameAt:fileAt]); err != nil {
			return fmt.Errorf("DHCP packet: options in the field sname (option 52): %w", err)
		}
		p.ServerHostName = ""
	}
	return nil
}

// lease reads what a server gives. An option whose value has another length
// than its type counts as absent.
func lease(p *dhcpv4.DHCPv4) Lease {
	get := p.Options.Get
	l := Lease{
		Addr:     addrFrom(p.YourIPAddr),
		DNS:      addrsFrom(get(dhcpv4.OptionDomainNameServer)),
		Server:   addrFrom(get(dhcpv4.OptionServerIdentifier)),
		Option66: text(string(get(dhcpv4.OptionTFTPServerName))),
		Duration: seconds(get(dhcpv4.OptionIPAddressLeaseTime)),
		T1:       seconds(get(dhcpv4.OptionRenewTimeValue)),
		T2:       seconds(get(dhcpv4.OptionRebindingTimeValue)),
	}
	if routers := addrsFrom(get(dhcpv4.OptionRouter)); len(routers) > 0 {
		l.Router = routers[0]
	}
	if ones, bits := net.IPMask(get(dhcpv4.OptionSubnetMask)).Size(); bits == 32 && l.Addr.IsValid() {
		l.Prefix = netip.PrefixFrom(l.Addr, ones)
	}
	if l.Option66 == "" {
		l.Option66 = text(p.ServerHostName)
		l.FromField = l.Option66 != ""
	}
	l.Offer = offer(p, &l)
	return l
}

// ofProtocol are the options that manage a lease and say nothing to the device: a
// renewed lease with other times is not another lease.
var ofProtocol = []dhcpv4.OptionCode{
	dhcpv4.OptionRequestedIPAddress, dhcpv4.OptionIPAddressLeaseTime, dhcpv4.OptionOptionOverload,
	dhcpv4.OptionDHCPMessageType, dhcpv4.OptionServerIdentifier, dhcpv4.OptionParameterRequestList, dhcpv4.OptionMessage,
	dhcpv4.OptionMaximumDHCPMessageSize, dhcpv4.OptionRenewTimeValue, dhcpv4.OptionRebindingTimeValue,
	dhcpv4.OptionClientIdentifier, dhcpv4.OptionRelayAgentInformation,
}

// offer returns the options of a lease.
func offer(p *dhcpv4.DHCPv4, l *Lease) *device.Offer {
	options := map[uint8][]byte{}
	for number, value := range p.Options {
		if number != 0 && number != 255 {
			options[number] = value
		}
	}
	for _, code := range ofProtocol {
		delete(options, code.Code())
	}
	const server, bootFile = 66, 67
	if l.FromField {
		options[server] = []byte(l.Option66)
	}
	if name := text(p.BootFileName); name != "" && text(string(options[bootFile])) == "" {
		options[bootFile] = []byte(name)
	}
	return device.NewOffer(options)
}

// text cuts the NULs and blanks with which servers end a text (FV-SRC-4).
func text(value string) string { return strings.TrimRight(value, "\x00 \t\r\n") }

// seconds reads a time; all ones are infinity (RFC 2131 section 3.3).
func seconds(value []byte) time.Duration {
	if len(value) != 4 {
		return 0
	}
	n := binary.BigEndian.Uint32(value)
	if n == 1<<32-1 {
		return Never
	}
	return time.Duration(n) * time.Second
}

// addrFrom reads the address of a host, and returns the zero Addr for all else.
func addrFrom(value []byte) netip.Addr {
	if len(value) != 4 {
		return netip.Addr{}
	}
	addr := netip.AddrFrom4([4]byte(value))
	if addr.IsUnspecified() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return netip.Addr{}
	}
	return addr
}

// addrsFrom reads a list of addresses of hosts, and leaves out all else.
func addrsFrom(value []byte) []netip.Addr {
	if len(value)%4 != 0 {
		return nil
	}
	var addrs []netip.Addr
	for ; len(value) > 0; value = value[4:] {
		if addr := addrFrom(value[:4]); addr.IsValid() {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}
