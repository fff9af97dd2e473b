package tunnel

import (
	"encoding/binary"
	"net/netip"
)

// Server is the address of OVOC in the overlay (WT-ADR-1).
var Server = netip.AddrFrom4([4]byte{169, 254, 0, 1})

// Addresses is how many devices can have: 169.254.1.0 to 169.254.254.255.
const Addresses = 254 << 8

// Derived is the address of a device by its serial number (WT-ADR-2).
func Derived(serial uint64) netip.Addr { return Address(int(serial % Addresses)) }

// Address is the device's address with a number from 0 to Addresses-1.
func Address(n int) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 169<<24|254<<16|1<<8+uint32(n))
	return netip.AddrFrom4(b)
}

// Number returns the number of a device's address. It is false for any other
// address.
func Number(a netip.Addr) (n int, ok bool) {
	if !a.Is4() {
		return 0, false
	}
	b := a.As4()
	n = int(b[2])<<8 + int(b[3]) - 1<<8
	return n, b[0] == 169 && b[1] == 254 && n >= 0 && n < Addresses
}

// MAC is the hardware address of a device in the codec eth: AudioCodes' block and
// the lower half of the serial number. [ServerMAC] is the server's (WT-COD-2).
func MAC(serial uint64) [6]byte {
	return [6]byte{0x00, 0x90, 0x8f, byte(serial >> 16), byte(serial >> 8), byte(serial)}
}

// ServerMAC is the server's hardware address in the codec eth.
var ServerMAC = [6]byte{0x02, 0x00, 0xa9, 0xfe, 0x00, 0x01}
