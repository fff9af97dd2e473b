package egress

import (
	"fmt"
	"math"
	"math/bits"
	"net/netip"
	"strings"
)

// A Pool is the addresses that devices come from.
type Pool struct{ v4, v6 ranges }

// ranges are addresses in the order in which they were given.
type ranges []span

// A span is consecutive addresses.
type span struct {
	first netip.Addr
	size  uint64
}

// ParsePool reads addresses and networks in CIDR notation, separated by commas
// where a text has several. Of an IPv4 network below /31 the first and the last
// address are left out: no host has them.
func ParsePool(texts ...string) (*Pool, error) {
	p := &Pool{}
	for _, text := range texts {
		for part := range strings.SplitSeq(text, ",") {
			s, err := parseSpan(strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			if s.first.Is4() {
				p.v4 = append(p.v4, s)
			} else {
				p.v6 = append(p.v6, s)
			}
		}
	}
	if p.v4 == nil && p.v6 == nil {
		return nil, fmt.Errorf("no source addresses, want at least one address or network such as 127.1.0.0/16")
	}
	return p, nil
}

func parseSpan(text string) (span, error) {
	wrong := func(why string) (span, error) {
		return span{}, fmt.Errorf("source address %q: %s, want an address or a network such as 127.1.0.0/16", text, why)
	}
	net, err := netip.ParsePrefix(text)
	if addr, single := netip.ParseAddr(text); single == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		net, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return wrong("it does not parse")
	case net != net.Masked():
		return wrong("it has bits behind its prefix, " + net.Masked().String() + " has not")
	case net.Addr().IsMulticast() || net.Addr().IsUnspecified() || net.Addr().Is4In6():
		return wrong("no host has such an address")
	}
	s := span{net.Addr(), 1 << min(net.Addr().BitLen()-net.Bits(), 63)}
	if s.first.Is4() && s.size > 2 {
		s.first, s.size = s.first.Next(), s.size-2
	}
	return s, nil
}

// Len returns how many addresses there are, of both IP versions. What is more
// than an int holds is the largest int.
func (p *Pool) Len() int {
	sum, carry := bits.Add64(p.v4.size(), p.v6.size(), 0)
	if carry != 0 || sum > math.MaxInt {
		return math.MaxInt
	}
	return int(sum)
}

// For returns the address of a device, numbered from 0. It is the same each
// time; where there are more devices than addresses of the version, they share
// them evenly. It reports false where the device has no address.
func (p *Pool) For(device int, ipv6 bool) (netip.Addr, bool) {
	all := p.v4
	if ipv6 {
		all = p.v6
	}
	if all == nil {
		return netip.Addr{}, false
	}
	n := uint64(device) % all.size()
	for _, s := range all {
		if n < s.size {
			return add(s.first, n), true
		}
		n -= s.size
	}
	return netip.Addr{}, false
}

func (r ranges) size() (sum uint64) {
	for _, s := range r {
		if sum += s.size; sum < s.size {
			return math.MaxUint64
		}
	}
	return sum
}

// add returns the address n behind another.
func add(addr netip.Addr, n uint64) netip.Addr {
	b := addr.As16()
	for i := len(b) - 1; n > 0 && i >= 0; i-- {
		n += uint64(b[i])
		b[i] = byte(n)
		n >>= 8
	}
	return netip.AddrFrom16(b).Unmap()
}
