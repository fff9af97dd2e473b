package dhcp

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"time"

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

	Application string // option 60 of a lease that the application asks for after the loader; empty stands for Class

	UserClass []byte  // option 77; empty sends none
	MaxSize   uint16  // option 57; 0 sends none
	Ask       []uint8 // option 55, the options that are asked for; empty stands for [DefaultAsk]

	Delay   time.Duration // the longest random time before the first DISCOVER after a boot; 0: none
	Unicast bool          // the broadcast flag is never set

	hop   device.MAC // the neighbour that delivered the latest ACK, where the wire knows it
	again bool       // the application asks
}

// As makes the client that of a phone: its address, and what its vendor's firmware says
// where nothing else is set.
func (c *Client) As(p *device.Personality, id device.Identity) {
	c.MAC = id.MAC
	if p.DHCP == nil {
		return
	}
	says := p.DHCP(id)
	c.Ask, c.UserClass, c.MaxSize = says.Ask, says.UserClass, says.MaxSize
	c.Delay, c.Unicast = says.Delay, says.Unicast
	if c.HostName == "" {
		c.HostName = says.Host
	}
	if c.Class == "" {
		c.Class, c.Application = says.Class, says.Application
	}
	if len(c.ID) == 0 {
		c.ID = says.ClientID
	}
}

// check says what is wrong with a client's settings.
func (c *Client) check() error {
	const most = 255 // one option (RFC 2132 section 2); servers need not join what is split
	switch {
	case c.MAC == device.MAC{}:
		return fmt.Errorf("DHCP client without a hardware address")
	case max(len(c.HostName), len(c.Class), len(c.ID), len(c.UserClass), len(c.Ask)) > most:
		return fmt.Errorf("DHCP client %v: an option 12, 55, 60, 61 or 77 of more than %d bytes", c.MAC.Colons(), most)
	case len(c.ID) == 1:
		return fmt.Errorf("DHCP client %v: option 61 has 1 byte, want a type and an identifier (RFC 2132 section 9.14)", c.MAC.Colons())
	}
	return nil
}

// DefaultAsk is the parameter request list of a client that names none: mask,
// router, DNS, NTP, and the options by which phones are led to their configuration
// (RFC 2132 section 9.8). A server that is not asked for 66 and 67 may put them into
// the fields sname and file, and leave the others out.
var DefaultAsk = []uint8{1, 3, 6, 15, 42, 43, 66, 67, 150}

// Packet returns a message as it leaves the device: what UDP carries.
func (c *Client) Packet(m Message) []byte { return c.packet(m).ToBytes() }

func (c *Client) packet(m Message) *dhcpv4.DHCPv4 {
	p := &dhcpv4.DHCPv4{
		OpCode: dhcpv4.OpcodeBootRequest, HWType: iana.HWTypeEthernet, ClientHWAddr: c.MAC[:],
		TransactionID: dhcpv4.TransactionID{byte(m.XID >> 24), byte(m.XID >> 16), byte(m.XID >> 8), byte(m.XID)},
		NumSeconds:    m.Secs, ClientIPAddr: ipOf(m.Addr), Options: dhcpv4.Options{},
	}
	if m.Broadcast && !c.Unicast {
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
	if m.Type == Discover || m.Type == Request || m.Type == Informing { // RFC 2131 table 5
		set(dhcpv4.OptionHostName, []byte(c.HostName))
		class := c.Class
		if c.again && c.Application != "" {
			class = c.Application
		}
		set(dhcpv4.OptionClassIdentifier, []byte(class))
		set(dhcpv4.OptionUserClassInformation, c.UserClass)
		if c.MaxSize > 0 {
			set(dhcpv4.OptionMaximumDHCPMessageSize, binary.BigEndian.AppendUint16(nil, c.MaxSize))
		}
		if set(dhcpv4.OptionParameterRequestList, c.Ask); len(c.Ask) == 0 {
			set(dhcpv4.OptionParameterRequestList, DefaultAsk)
		}
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
