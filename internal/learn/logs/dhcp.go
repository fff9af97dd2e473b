package logs

import "bytes"

// dnsmasqDHCP reads dnsmasq's lines about leases. With log-dhcp each begins with the
// number of the transaction, and one has the vendor class.
//
//	DHCPACK(eth0) 10.0.0.5 00:15:65:aa:bb:cc phone
//	2314517 vendor class: yealink
func (s *daemons) dnsmasqDHCP(text []byte, e *Entry) Reason {
	e.Kind = Lease
	id, rest, ok := bytes.Cut(text, []byte{' '})
	if _, isNumber := number(id); ok && isNumber {
		text = rest
	} else {
		id = nil
	}
	if class, ok := bytes.CutPrefix(text, []byte("vendor class: ")); ok && id != nil {
		if s.classes == nil || len(s.classes) >= mostAsked {
			s.classes = map[string]string{}
		}
		s.classes[string(id)] = string(class)
		return Other
	}
	rest, ok = bytes.CutPrefix(text, []byte("DHCPACK("))
	if !ok {
		return Other
	}
	if _, rest, ok = bytes.Cut(rest, []byte(") ")); !ok {
		return Other
	}
	fields := bytes.Fields(rest)
	if len(fields) < 2 {
		return Other
	}
	e.Address, e.MAC = fields[0], fields[1]
	if class, ok := s.classes[string(id)]; ok {
		e.Agent = []byte(class)
		delete(s.classes, string(id))
	}
	return Good
}

// iscDHCP reads ISC dhcpd's lines: DHCPACK on 10.0.0.5 to 00:15:65:aa:bb:cc (phone) via eth0.
func iscDHCP(text []byte, e *Entry) Reason {
	e.Kind = Lease
	rest, ok := bytes.CutPrefix(text, []byte("DHCPACK on "))
	if !ok {
		return Other
	}
	fields := bytes.Fields(rest)
	if len(fields) < 3 || string(fields[1]) != "to" {
		return Other
	}
	e.Address, e.MAC = fields[0], fields[2]
	return Good
}

// parseKea reads the lines of Kea's DHCPv4 server:
//
//	2026-11-30 08:36:57.123 INFO  [kea-dhcp4.leases/77.1] DHCP4_LEASE_ALLOC [hwtype=1 00:15:65:aa:bb:cc], cid=[…], tid=0x1: lease 10.0.0.5 has been allocated for 3600 seconds
func parseKea(c *clock, line []byte, e *Entry) Reason {
	*e = Entry{Kind: Lease, Size: -1, Took: -1}
	at, fine, rest, ok := c.iso(line)
	if !ok {
		return Foreign
	}
	e.At, e.Fine = at, fine
	if !bytes.Contains(rest, []byte("[kea-")) {
		return Foreign
	}
	_, lease, ok := bytes.Cut(rest, []byte(" DHCP4_LEASE_ALLOC "))
	if !ok {
		return Other
	}
	_, mac, ok := bytes.Cut(lease, []byte("hwtype="))
	if !ok {
		return Other
	}
	mac, lease, _ = bytes.Cut(mac, []byte{']'})
	_, mac, _ = bytes.Cut(mac, []byte{' '})
	_, address, ok := bytes.Cut(lease, []byte(": lease "))
	if !ok {
		return Other
	}
	address, _, _ = bytes.Cut(address, []byte{' '})
	e.MAC, e.Address = mac, address
	return Good
}
