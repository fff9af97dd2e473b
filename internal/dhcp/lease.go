package dhcp

import (
	"net/netip"
	"time"

	"provsim/device"
)

// Lease is what a server gives to a client.
type Lease struct {
	Addr   netip.Addr
	Prefix netip.Prefix // Addr and the mask of option 1; zero where there is none
	Router netip.Addr   // the first of option 3
	DNS    []netip.Addr // option 6
	Server netip.Addr   // option 54

	Option66  string       // option 66, or the field sname where the option is absent (FV-SRC-4)
	FromField bool         // Option66 is from the field sname
	BootFile  string       // option 67, or the field file where the option is absent
	Option150 []netip.Addr // TFTP servers by address (RFC 5859)
	Option43  []byte       // vendor-specific information, not interpreted

	Duration time.Duration // option 51, or Never
	T1, T2   time.Duration // options 58 and 59; 0 where they are absent
}

// Device returns the part of the lease that the firmware knows (FV-SRC-1).
func (l *Lease) Device() device.Lease {
	return device.Lease{Addr: l.Addr, Option66: l.Option66}
}

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
