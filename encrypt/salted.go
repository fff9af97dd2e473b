package encrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"slices"
)

// magicSize is the number of bytes in front of a container that tell its kind.
const magicSize = 8

const (
	saltedMagic      = "Salted__"
	saltedSaltSize   = 8
	saltedHeaderSize = magicSize + saltedSaltSize
)

// salted is the container of `openssl enc`: magic, salt, and AES-256-CBC with the
// padding of RFC 5652 section 6.3. It does not say how the key was derived.
type salted struct {
	derive     deriver
	iterations int // 0 where the derivation has none to set
}

func (salted) magic() string { return saltedMagic }

func (s salted) seal(dst, plain []byte, key string, entropy *Entropy) ([]byte, error) {
	salt := entropy[:saltedSaltSize]
	block, iv, err := s.keyed(key, salt)
	if err != nil {
		return nil, err
	}
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	dst = slices.Grow(dst, saltedHeaderSize+len(plain)+padding)
	dst = append(dst, saltedMagic...)
	dst = append(dst, salt...)
	start := len(dst)
	dst = append(dst, plain...)
	dst = append(dst, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(dst[start:], dst[start:])
	return dst, nil
}

func (s salted) open(dst, sealed []byte, key string) ([]byte, error) {
	if err := checkMagic(sealed, saltedMagic); err != nil {
		return nil, err
	}
	size := len(sealed) - saltedHeaderSize
	if size < aes.BlockSize || size%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes, want %d and then one or more blocks of %d; fetch the file again",
			ErrFormat, len(sealed), saltedHeaderSize, aes.BlockSize)
	}
	block, iv, err := s.keyed(key, sealed[magicSize:saltedHeaderSize])
	if err != nil {
		return nil, err
	}
	start := len(dst)
	dst = append(dst, sealed[saltedHeaderSize:]...)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(dst[start:], dst[start:])
	padding := int(dst[len(dst)-1])
	if padding < 1 || padding > aes.BlockSize {
		return nil, ErrKey
	}
	end := len(dst) - padding
	for _, b := range dst[end:] {
		if int(b) != padding {
			return nil, ErrKey
		}
	}
	return dst[:end], nil
}

// keyed returns the block cipher and the initialisation vector.
func (s salted) keyed(key string, salt []byte) (cipher.Block, []byte, error) {
	material, err := s.derive(key, salt, s.iterations)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(material[:aesKeySize])
	return block, material[aesKeySize:], err
}

// checkMagic shows the bytes that it found, because they are the name of a
// setting, the head of a web page or another container's magic: what one needs
// to see, and no secret.
func checkMagic(sealed []byte, magic string) error {
	if found := sealed[:min(len(sealed), magicSize)]; string(found) != magic {
		return fmt.Errorf("%w: want %q at the start, found %q; is the file sealed, and by this cipher?",
			ErrFormat, magic, found)
	}
	return nil
}
