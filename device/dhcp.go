package device

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/profile/rule"
	"provsim/resync"
)

// DHCPIdentity is what a device says about itself to DHCP servers, and which
// options it asks for (RFC 2132).
type DHCPIdentity struct {
	Class string // option 60, the vendor class; empty: not sent
	// Application is option 60 of a lease that the application asks for after the loader;
	// empty: it is Class.
	Application string
	UserClass   []byte // option 77; empty: not sent
	ClientID    []byte // option 61, type byte included; empty: not sent
	Host        string // option 12, the host's name; empty: not sent
	MaxSize     uint16 // option 57, the largest message; 0: not sent
	// Ask is the parameter request list, option 55. A server that is not asked for
	// an option may leave it out.
	Ask []uint8
	// Delay is the longest time between a boot and the first DISCOVER, of which each
	// boot takes a random part; 0: the DISCOVER goes out at once.
	Delay time.Duration
	// Unicast says that the broadcast flag is never set (RFC 2131 section 2): answers
	// may come by unicast before the device has an address.
	Unicast bool
}

// serverOptions are the options by which phones of any vendor are led to their
// configuration.
var serverOptions = []uint8{43, 66, 67, 150, 159, 160, 161, 176, 242}

// Unread names the options of a lease that would lead phones of other vendors to a
// configuration, and that a phone which reads only the given ones ignores. It is empty
// where the lease has no such option, and holds no value that may be a password.
func (o *Offer) Unread(reads ...uint8) string {
	var unread []string
	for _, number := range serverOptions {
		if slices.Contains(reads, number) || !o.Has(number) {
			continue
		}
		text := strconv.Itoa(int(number))
		if addrs := o.Addrs(number); number == 150 && len(addrs) > 0 {
			text += " with " + addrs[0].String()
		}
		unread = append(unread, text)
	}
	if unread == nil {
		return ""
	}
	return "the lease has option " + strings.Join(unread, ", option ") + ", which these phones do not read"
}

// NoServer is how a job ends where nothing names a server: why says so. The note also
// says which options the lease has that this vendor's phones do not read; reads are
// those that they read.
func (d *Device) NoServer(why string, reads ...uint8) Ending {
	if unread := d.lease.Offer.Unread(reads...); unread != "" {
		why += "; " + unread
	}
	return Ending{Outcome: resync.NoServer, Note: why}
}

// appendServer appends the first of some options that the lease has, which is the
// one that is used: an address, or a text without passwords and keys. Vendor
// options (43) are told by their length.
func (o *Offer) appendServer(note []byte, servers []uint8) []byte {
	for _, number := range servers {
		text := o.Text(number)
		if text == "" {
			continue
		}
		note = strconv.AppendUint(append(note, ", option "...), uint64(number), 10)
		switch number {
		case 43:
			return append(strconv.AppendInt(append(note, " of "...), int64(len(text)), 10), " bytes"...)
		case 150:
			if addrs := o.Addrs(number); len(addrs) > 0 {
				return addrs[0].AppendTo(append(note, ' '))
			}
		}
		return strconv.AppendQuote(append(note, ' '), rule.Redact(text))
	}
	return note
}
