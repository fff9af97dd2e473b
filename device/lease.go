package device

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Lease is what the network gave a device: an address, and what the DHCP server
// said beside it. The zero Lease is that of a device without an address.
type Lease struct {
	Addr  netip.Addr
	Offer *Offer // nil: the server said nothing else
}

// IsZero reports whether there is no lease.
func (l Lease) IsZero() bool { return !l.Addr.IsValid() && l.Offer == nil }

// Equal reports whether leases say the same.
func (l Lease) Equal(o Lease) bool { return l.Addr == o.Addr && l.Offer.Equal(o.Offer) }

// Offer is the options of a lease by their numbers (RFC 2132). Nothing changes it,
// so devices whose leases say the same may share one. A nil Offer has no options.
type Offer struct {
	// options are those of the lease in the order of their numbers: the number, the
	// length in two bytes, and the value of each.
	options string
}

// optionHead is the number and the length of an option.
const optionHead = 3

// NewOffer returns the offer of some options, or nil where options is empty. It cuts
// values after 65,535 bytes.
func NewOffer(options map[uint8][]byte) *Offer {
	if len(options) == 0 {
		return nil
	}
	var b []byte
	for _, number := range slices.Sorted(maps.Keys(options)) {
		value := options[number]
		value = value[:min(len(value), 1<<16-1)]
		b = binary.BigEndian.AppendUint16(append(b, number), uint16(len(value)))
		b = append(b, value...)
	}
	return &Offer{string(b)}
}

// TextOffer returns the offer of one option that is a text, or nil where the text
// is empty.
func TextOffer(number uint8, text string) *Offer {
	if text == "" {
		return nil
	}
	return NewOffer(map[uint8][]byte{number: []byte(text)})
}

// ReadOffer reads what [Offer.Encode] returned.
func ReadOffer(text string) (*Offer, error) {
	if text == "" {
		return nil, nil
	}
	last := -1
	for rest := text; rest != ""; {
		if len(rest) < optionHead {
			return nil, errors.New("options of a lease: found the end in the head of an option, want its number and length")
		}
		number, length := rest[0], int(rest[1])<<8|int(rest[2])
		switch {
		case int(number) <= last:
			return nil, fmt.Errorf("options of a lease: found option %d after option %d, want a larger number", number, last)
		case len(rest)-optionHead < length:
			return nil, fmt.Errorf("options of a lease: found %d bytes of option %d, want %d", len(rest)-optionHead, number, length)
		}
		last, rest = int(number), rest[optionHead+length:]
	}
	return &Offer{text}, nil
}

// Encode returns the options as one text, which [ReadOffer] reads.
func (o *Offer) Encode() string {
	if o == nil {
		return ""
	}
	return o.options
}

// Equal reports whether offers have equal options.
func (o *Offer) Equal(p *Offer) bool { return o == p || o.Encode() == p.Encode() }

// All returns the options in the order of their numbers.
func (o *Offer) All() iter.Seq2[uint8, string] {
	return func(yield func(uint8, string) bool) {
		for rest := o.Encode(); rest != ""; {
			end := optionHead + int(rest[1])<<8 + int(rest[2])
			if !yield(rest[0], rest[optionHead:end]) {
				return
			}
			rest = rest[end:]
		}
	}
}

// Has reports whether the lease has an option, with or without a value.
func (o *Offer) Has(number uint8) bool {
	_, ok := o.value(number)
	return ok
}

// Text returns an option that is a text, without the NULs that servers pad it with
// (RFC 2132 section 2); "" where the lease does not have it.
func (o *Offer) Text(number uint8) string {
	value, _ := o.value(number)
	return strings.TrimRight(value, "\x00")
}

// Bytes returns a copy of an option's value; nil where the lease does not have it.
func (o *Offer) Bytes(number uint8) []byte {
	value, ok := o.value(number)
	if !ok {
		return nil
	}
	return []byte(value)
}

// Addrs returns an option that is a list of IPv4 addresses, such as option 150
// (RFC 5859); nil where the lease does not have it or its length is not that of
// such a list.
func (o *Offer) Addrs(number uint8) []netip.Addr {
	value, _ := o.value(number)
	if len(value)%4 != 0 {
		return nil
	}
	var all []netip.Addr
	for ; value != ""; value = value[4:] {
		all = append(all, netip.AddrFrom4([4]byte([]byte(value[:4]))))
	}
	return all
}

func (o *Offer) value(number uint8) (string, bool) {
	for n, value := range o.All() {
		if n == number {
			return value, true
		}
	}
	return "", false
}
