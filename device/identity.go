package device

// Identity is what makes a device itself (FV-ID-1). The address comes with the
// lease, and the software version changes with an upgrade (Stored.Software).
type Identity struct {
	MAC      MAC
	Product  string // PN, such as IP542N
	Serial   string // SN
	Hardware string // HWVER
	Software string // SWVER as shipped
}

// Generation is the products of a vendor that behave alike and are known by name.
type Generation struct {
	Name     string   `json:"name,omitempty"` // what sets it apart, in a few words; "" where there is one only
	Products []string `json:"products"`
}

// Product is what devices of one product have in common. Nothing changes it while
// devices use it.
type Product struct {
	Name     string           // PN
	Hardware string           // HWVER
	Software string           // SWVER as shipped
	Serial   func(MAC) string // SN; nil: the personality's
}
