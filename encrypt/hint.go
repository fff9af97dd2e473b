package encrypt

import "bytes"

// DecryptedBy returns the name of another cipher with which the key decrypts a file
// that c does not decrypt, or "". The name is for the administrator only: a device
// does not use the other cipher (FV-ENC-5).
func (c Cipher) DecryptedBy(encrypted []byte, key string) string {
	for _, other := range Ciphers() {
		if other.Name == c.Name {
			continue
		}
		if plain, err := other.Decrypt(nil, encrypted, key); err == nil && meant(plain) {
			return other.Name
		}
	}
	return ""
}

// meant reports whether a plain text looks like a configuration: a text, or one
// that is compressed by gzip. The padding of a wrong key is right by luck once in
// 256 times, and leaves neither.
func meant(plain []byte) bool {
	return bytes.HasPrefix(plain, []byte{0x1f, 0x8b, 8}) || !bytes.ContainsFunc(plain, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r'
	})
}
