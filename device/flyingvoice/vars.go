package flyingvoice

import (
	"encoding/hex"

	"provsim/device"
)

// vars are the macro variables of one device (FV-MAC-1).
type vars struct {
	id    device.Identity
	lease device.Lease
}

// Lookup returns the value of a variable.
func (v *vars) Lookup(name string) (string, bool) {
	switch name {
	case "MA":
		return v.id.MAC.String(), true
	case "MAU":
		return v.id.MAC.Upper(), true
	case "MAC":
		return v.id.MAC.Colons(), true
	case "PN":
		return v.id.Product, true
	case "SN":
		return v.id.Serial, true
	case "IP":
		if !v.lease.Addr.IsValid() {
			return "", true
		}
		return v.lease.Addr.String(), true
	case "SWVER":
		return v.id.Software, true
	case "HWVER":
		return v.id.Hardware, true
	}
	return "", false
}

// phoneVars are the same of a device that is there to be asked, and make no more
// of them than what a text has.
type phoneVars struct{ *device.Device }

// Lookup returns the value of a variable.
func (p phoneVars) Lookup(name string) (string, bool) {
	return (&vars{p.Identity(), p.Lease()}).Lookup(name)
}

// AppendValue appends the value of a variable that Lookup knows.
func (p phoneVars) AppendValue(dst []byte, name string) []byte {
	switch name {
	case "MA":
		mac := p.MAC()
		return hex.AppendEncode(dst, mac[:])
	case "MAU":
		return appendUpper(dst, p.MAC(), "")
	case "PN":
		return append(dst, p.Make().Product...)
	}
	value, _ := p.Lookup(name)
	return append(dst, value...)
}

// appendUpper appends upper-case digits in pairs with a text between them.
func appendUpper(dst []byte, mac device.MAC, between string) []byte {
	const digits = "0123456789ABCDEF"
	for i, b := range mac {
		if i > 0 {
			dst = append(dst, between...)
		}
		dst = append(dst, digits[b>>4], digits[b&15])
	}
	return dst
}

// userAgent is the form of the vendor's newer phones (FV-HTTP-1).
func userAgent(id device.Identity) string {
	return "Flyingvoice " + id.Product + " " + id.Software + " " + string(appendUpper(nil, id.MAC, ":"))
}
