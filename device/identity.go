package device

import "net/netip"

// Identity is what makes a device itself (FV-ID-1). The address comes with the
// lease, and the software version changes with an upgrade (Stored.Software).
type Identity struct {
	MAC      MAC
	Product  string // PN, such as IP542N
	Serial   string // SN
	Hardware string // HWVER
	Software string // SWVER as shipped
}

// Make is what devices of one product have in common. Nothing changes it while
// devices use it.
type Make struct {
	Product  string           // PN
	Hardware string           // HWVER
	Software string           // SWVER as shipped
	Serial   func(MAC) string // SN; nil: the personality's
}

// Lease is what the network gave a device: an address, and where to look for a
// configuration.
type Lease struct {
	Addr netip.Addr
	// Option66 is the value of DHCP option 66, or of the field sname where the
	// option is absent (FV-SRC-4). Empty: the lease names no server.
	Option66 string
}
