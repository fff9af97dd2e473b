package dhcp

import (
	"net/netip"
	"time"

	"provsim/device"
)

// Lease is what a server gives to a client.
type Lease struct {
	Addr   netip.Addr
	Prefix netip.Prefix // Addr and the mask of option 1; zero without that option
	Router netip.Addr   // the first of option 3
	DNS    []netip.Addr // option 6
	Server netip.Addr   // option 54

	// Offer has all options but those of the protocol itself. Options 66 and 67 are
	// those of the fields sname and file where the options are absent (FV-SRC-4).
	Offer     *device.Offer
	Option66  string // option 66 without the NULs and blanks at its end
	FromField bool   // Option66 is from the field sname

	Duration time.Duration // option 51, or Never
	T1, T2   time.Duration // options 58 and 59; 0 where they are absent
}

// Device returns the part of the lease that the firmware knows (FV-SRC-1).
func (l *Lease) Device() device.Lease { return device.Lease{Addr: l.Addr, Offer: l.Offer} }

// times returns when the client begins to renew, to rebind, and when the
// address is lost, for a lease that was asked for at one instant and is taken
// at another (RFC 2131 section 4.4.5). Values of T1 and T2 that are not in the
// order T1 < T2 < duration give way to the defaults. What would lie in the past,
// because the answer came late, is put off to half of the time that is left.
func (l *Lease) times(asked, taken time.Duration) (renew, rebind, expiry time.Duration) {
	if l.Duration == Never {
		return Never, Never, Never
	}
	t1, t2 := l.T1, l.T2
	if t2 <= 0 || t2 >= l.Duration {
		t2 = l.Duration / 8 * 7
	}
	if t1 <= 0 || t1 >= t2 {
		t1 = l.Duration / 2
	}
	if t1 >= t2 {
		t1 = t2 / 2
	}
	renew, rebind, expiry = asked+t1, asked+t2, asked+l.Duration
	if rebind <= taken {
		rebind = taken + (expiry-taken)/2
	}
	if renew <= taken {
		renew = taken + (rebind-taken)/2
	}
	return renew, rebind, expiry
}
