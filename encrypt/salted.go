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
	keySize    int // bytes; 0: 32
}

func (salted) magic() string { return saltedMagic }

func (s salted) encrypt(dst, plain []byte, key string, entropy *Entropy) ([]byte, error) {
	salt := entropy[:saltedSaltSize]
	block, iv, err := s.keyed(key, salt)
	if err != nil {
		return nil, err
	}
	dst = slices.Grow(dst, saltedHeaderSize+len(plain)+aes.BlockSize)
	dst = append(dst, saltedMagic...)
	dst = append(dst, salt...)
	start := len(dst)
	dst = append(dst, plain...)
	dst = append(dst, padding(len(plain))...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(dst[start:], dst[start:])
	return dst, nil
}

func (s salted) decrypt(dst, encrypted []byte, key string) ([]byte, error) {
	if err := checkSalted(encrypted, int64(len(encrypted))); err != nil {
		return nil, err
	}
	return s.decryptBlocks(dst, encrypted[saltedHeaderSize:], key, encrypted[magicSize:saltedHeaderSize])
}

// decryptBlocks decrypts whole blocks.
func (s salted) decryptBlocks(dst, blocks []byte, key string, salt []byte) ([]byte, error) {
	block, iv, err := s.keyed(key, salt)
	if err != nil {
		return nil, err
	}
	start := len(dst)
	dst = append(dst, blocks...)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(dst[start:], dst[start:])
	return unpad(dst)
}

// padding returns what follows a plain text of n bytes.
func padding(n int) []byte {
	size := aes.BlockSize - n%aes.BlockSize
	return bytes.Repeat([]byte{byte(size)}, size)
}

// unpad returns a text that ends with a decrypted block without its padding.
func unpad(text []byte) ([]byte, error) {
	size := int(text[len(text)-1])
	if size < 1 || size > aes.BlockSize {
		return nil, ErrKey
	}
	end := len(text) - size
	for _, b := range text[end:] {
		if int(b) != size {
			return nil, ErrKey
		}
	}
	return text[:end], nil
}

// checkSalted checks the head and the size in bytes of an encrypted file.
func checkSalted(head []byte, size int64) error {
	if err := checkMagic(head, saltedMagic); err != nil {
		return err
	}
	if size < saltedHeaderSize+aes.BlockSize || size%aes.BlockSize != 0 {
		return fmt.Errorf("%w: %d bytes, want %d and then one or more blocks of %d; fetch the file again",
			ErrFormat, size, saltedHeaderSize, aes.BlockSize)
	}
	return nil
}

// keyed returns the block cipher and the initialisation vector.
func (s salted) keyed(key string, salt []byte) (cipher.Block, []byte, error) {
	material, err := s.derive(key, salt, s.iterations)
	if err != nil {
		return nil, nil, err
	}
	size := s.keySize
	if size == 0 {
		size = aesKeySize
	}
	block, err := aes.NewCipher(material[:size])
	return block, material[size : size+aes.BlockSize], err
}

// checkMagic shows the bytes that it found, because they are the name of a
// setting, the head of a web page or another container's magic: what one needs
// to see, and no secret.
func checkMagic(encrypted []byte, magic string) error {
	if found := encrypted[:min(len(encrypted), magicSize)]; string(found) != magic {
		return fmt.Errorf("%w: want %q at the start, found %q; is the file encrypted, and by this cipher?",
			ErrFormat, magic, found)
	}
	return nil
}
