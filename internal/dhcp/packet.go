package dhcp

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"provsim/device"
)

// Client is what a device says about itself in its messages.
type Client struct {
	MAC      device.MAC
	HostName string // option 12; empty sends none
	Class    string // option 60, the vendor class; empty sends none
	ID       []byte // option 61, type byte included; empty sends none

	hop device.MAC // the neighbour that delivered the latest ACK, where the wire knows it
}

// check says what is wrong with a client's settings.
func (c *Client) check() error {
	const most = 255 // one option (RFC 2132 section 2); servers need not join what is split
	switch {
	case c.MAC == device.MAC{}:
		return fmt.Errorf("DHCP client without a hardware address")
	case len(c.HostName) > most || len(c.Class) > most || len(c.ID) > most:
		return fmt.Errorf("DHCP client %v: an option 12, 60 or 61 of more than %d bytes", c.MAC.Colons(), most)
	case len(c.ID) == 1:
		return fmt.Errorf("DHCP client %v: option 61 has 1 byte, want a type and an identifier (RFC 2132 section 9.14)", c.MAC.Colons())
	}
	return nil
}

// asked is the parameter request list, which makes servers send the options
// (RFC 2132 section 9.8). A server that is not asked for 66 and 67 may put them
// into the fields sname and file, and leave the others out.
var asked = dhcpv4.OptionCodeList{
	dhcpv4.OptionSubnetMask, dhcpv4.OptionRouter, dhcpv4.OptionDomainNameServer, dhcpv4.OptionDomainName,
	dhcpv4.OptionNTPServers, dhcpv4.OptionVendorSpecificInformation, dhcpv4.OptionTFTPServerName,
	dhcpv4.OptionBootfileName, dhcpv4.OptionTFTPServerAddress,
}

// packet returns a message as it leaves the device.
func (c *Client) packet(m Message) *dhcpv4.DHCPv4 {
	p := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootRequest, HWType: iana.HWTypeEthernet, ClientHWAddr: c.MAC[:],
		TransactionID: dhcpv4.TransactionID{byte(m.XID >> 24), byte(m.XID >> 16), byte(m.XID >> 8), byte(m.XID)},
		NumSeconds:    m.Secs, ClientIPAddr: ipOf(m.Addr), Options: dhcpv4.Options{},
	}
	if m.Broadcast {
		p.SetBroadcast()
	}
	set := func(code dhcpv4.OptionCode, value []byte) {
		if len(value) > 0 {
			p.Options[code.Code()] = value
		}
	}
	set(dhcpv4.OptionDHCPMessageType, []byte{byte(m.Type)})
	set(dhcpv4.OptionRequestedIPAddress, ipOf(m.Requested))
	set(dhcpv4.OptionServerIdentifier, ipOf(m.Server))
	set(dhcpv4.OptionClientIdentifier, c.ID)
	if m.Type == Discover || m.Type == Request { // RFC 2131 table 5
		set(dhcpv4.OptionHostName, []byte(c.HostName))
		set(dhcpv4.OptionClassIdentifier, []byte(c.Class))
		set(dhcpv4.OptionParameterRequestList, asked.ToBytes())
	}
	return p
}

// ipOf returns an address as the packet library wants it, and nil for none.
func ipOf(addr netip.Addr) net.IP {
	if !addr.IsValid() {
		return nil
	}
	return addr.AsSlice()
}
