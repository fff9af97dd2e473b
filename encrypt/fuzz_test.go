package encrypt

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// FuzzOpen gives any bytes to every cipher. What opens must be what Encrypt writes
// with the container's own salt: CBC padding has one form, and the authenticated
// container could not have been made otherwise.
func FuzzOpen(f *testing.F) {
	ciphers := quick(f)
	for i, c := range ciphers {
		for _, size := range []int{0, 1, 15, 16, 40} {
			encrypted, err := c.Encrypt(nil, bytes.Repeat([]byte{'x'}, size), "key", Entropy{1, 2, 3})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), "key", encrypted)
			f.Add(uint8(i), "other", encrypted)
			f.Add(uint8(i+1), "key", encrypted)
		}
	}
	f.Add(uint8(3), "key", []byte("provsim\x00\x01\xff\xff\xff"))
	f.Add(uint8(0), "", []byte(nil))

	f.Fuzz(func(t *testing.T, which uint8, key string, encrypted []byte) {
		c := ciphers[int(which)%len(ciphers)]
		plain, err := c.Decrypt(nil, encrypted, key)
		var stream bytes.Buffer
		if other := c.DecryptStream(&stream, bytes.NewReader(encrypted), key); fmt.Sprint(other) != fmt.Sprint(err) || !bytes.Equal(stream.Bytes(), plain) {
			t.Fatalf("%s: as a stream %x, %v, and as a whole %x, %v", c.Name, stream.Bytes(), other, plain, err)
		}
		if err != nil {
			if !errors.Is(err, ErrKey) && !errors.Is(err, ErrFormat) {
				t.Fatalf("%s: error %v, want ErrKey or ErrFormat", c.Name, err)
			}
			return
		}
		var entropy Entropy
		if c.Name == "provsim" {
			copy(entropy[:], encrypted[atSalt:atBody])
			c.container = authenticated{cost: scryptCost{encrypted[atCost], encrypted[atCost+1], encrypted[atCost+2]}}
		} else {
			copy(entropy[:], encrypted[magicSize:saltedHeaderSize])
		}
		again, err := c.Encrypt(nil, plain, key, entropy)
		if err != nil || !bytes.Equal(again, encrypted) {
			t.Fatalf("%s: %x opens, but encrypting it again gives %x, %v", c.Name, encrypted, again, err)
		}
	})
}
