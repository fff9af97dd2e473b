package encrypt

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzOpen gives any bytes to every cipher. What opens must be what Seal writes
// with the container's own salt: CBC padding has one form, and the authenticated
// container could not have been made otherwise.
func FuzzOpen(f *testing.F) {
	ciphers := quick(f)
	for i, c := range ciphers {
		for _, size := range []int{0, 1, 15, 16, 40} {
			sealed, err := c.Seal(nil, bytes.Repeat([]byte{'x'}, size), "key", Entropy{1, 2, 3})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), "key", sealed)
			f.Add(uint8(i), "other", sealed)
			f.Add(uint8(i+1), "key", sealed)
		}
	}
	f.Add(uint8(3), "key", []byte("provsim\x00\x01\xff\xff\xff"))
	f.Add(uint8(0), "", []byte(nil))

	f.Fuzz(func(t *testing.T, which uint8, key string, sealed []byte) {
		c := ciphers[int(which)%len(ciphers)]
		plain, err := c.Open(nil, sealed, key)
		if err != nil {
			if !errors.Is(err, ErrKey) && !errors.Is(err, ErrFormat) {
				t.Fatalf("%s: error %v, want ErrKey or ErrFormat", c.Name, err)
			}
			return
		}
		var entropy Entropy
		if c.Name == "provsim" {
			copy(entropy[:], sealed[atSalt:atBody])
			c.container = authenticated{cost: scryptCost{sealed[atCost], sealed[atCost+1], sealed[atCost+2]}}
		} else {
			copy(entropy[:], sealed[magicSize:saltedHeaderSize])
		}
		again, err := c.Seal(nil, plain, key, entropy)
		if err != nil || !bytes.Equal(again, sealed) {
			t.Fatalf("%s: %x opens, but sealing it again gives %x, %v", c.Name, sealed, again, err)
		}
	})
}
