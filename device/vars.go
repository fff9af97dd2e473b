package device

import "encoding/hex"

// Vars are the macro variables that the family of the SPA phones gives a device
// (FV-MAC-1): MA, MAU, MAC, PN, SN, IP, SWVER and HWVER. An address that the lease
// does not have is the empty text.
type Vars struct {
	Identity Identity
	Lease    Lease
}

// Lookup returns the value of a variable.
func (v *Vars) Lookup(name string) (string, bool) {
	switch name {
	case "MA":
		return v.Identity.MAC.String(), true
	case "MAU":
		return v.Identity.MAC.Upper(), true
	case "MAC":
		return v.Identity.MAC.Colons(), true
	case "PN":
		return v.Identity.Product, true
	case "SN":
		return v.Identity.Serial, true
	case "IP":
		if !v.Lease.Addr.IsValid() {
			return "", true
		}
		return v.Lease.Addr.String(), true
	case "SWVER":
		return v.Identity.Software, true
	case "HWVER":
		return v.Identity.Hardware, true
	}
	return "", false
}

// LiveVars are the Vars of a device as it is now. They make no Identity where a text
// does not need one.
type LiveVars struct{ *Device }

// Lookup returns the value of a variable.
func (v LiveVars) Lookup(name string) (string, bool) {
	return (&Vars{v.Identity(), v.Lease()}).Lookup(name)
}

// AppendValue appends the value of a variable that Lookup knows.
func (v LiveVars) AppendValue(dst []byte, name string) []byte {
	const digits = "0123456789ABCDEF"
	switch name {
	case "MA":
		return hex.AppendEncode(dst, v.mac[:])
	case "MAU":
		for _, b := range v.mac {
			dst = append(dst, digits[b>>4], digits[b&15])
		}
		return dst
	case "PN":
		return append(dst, v.product.Name...)
	}
	value, _ := v.Lookup(name)
	return append(dst, value...)
}
