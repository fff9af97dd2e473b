package encrypt

import (
	"crypto/aes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"hash"
)

const aesKeySize = 32

// keyMaterial is an AES-256 key and, after it, the initialisation vector of CBC.
type keyMaterial [aesKeySize + aes.BlockSize]byte

// A deriver makes key material of what a person typed.
type deriver func(key string, salt []byte, iterations int) (keyMaterial, error)

// bytesToKey is OpenSSL's EVP_BytesToKey with one round: the digests of
// key and salt, of the first digest, key and salt, and so on, are strung
// together until they suffice. The iterations are not used.
func bytesToKey(newHash func() hash.Hash) deriver {
	return func(key string, salt []byte, _ int) (m keyMaterial, err error) {
		h := newHash()
		secret := append([]byte(key), salt...)
		var digest []byte
		for n := 0; n < len(m); n += copy(m[n:], digest) {
			h.Reset()
			h.Write(digest)
			h.Write(secret)
			digest = h.Sum(digest[:0])
		}
		return m, nil
	}
}

// pbkdf2SHA256 is PBKDF2 of RFC 8018 section 5.2 with HMAC-SHA-256, which
// `openssl enc -pbkdf2` draws the vector from as well as the key.
func pbkdf2SHA256(key string, salt []byte, iterations int) (m keyMaterial, err error) {
	derived, err := pbkdf2.Key(sha256.New, key, salt, iterations, len(m))
	copy(m[:], derived)
	return m, err
}
