package encrypt

import (
	"crypto/aes"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// Default is the name of the cipher that a device uses where nothing else is
// set (FV-ENC-2).
const Default = "openssl-md5"

// The range and the default of [Cipher.WithIterations]. The default is that of
// `openssl enc -pbkdf2`; the largest number takes some seconds a file.
const (
	MinIterations     = 1
	DefaultIterations = 10_000
	MaxIterations     = 10_000_000
)

var (
	// ErrKey means that the key does not decrypt the file: its padding is wrong, or
	// its authentication. A damaged file looks the same.
	ErrKey = errors.New("wrong key or damaged file")

	// ErrFormat means that the file is not the cipher's container, or only a part of it.
	ErrFormat = errors.New("not this cipher's container")

	// ErrUnknownCipher means that no cipher has the name that Lookup was given.
	ErrUnknownCipher = errors.New("unknown cipher")
)

// Entropy is the randomness of one encrypted file, 40 bytes: the salt, and the nonce
// where the container has one. Fill it from crypto/rand, anew for every file.
type Entropy [authenticatedSaltSize + nonceSize]byte

// A Cipher encrypts files and decrypts them. [Lookup] returns one; the zero
// Cipher is of no use.
type Cipher struct {
	Name   string // what Lookup takes
	Doc    string // what it is, in one line
	Source string // the rule that asks for it

	container container
}

// A container is a way to store a encrypted file. Both methods append to dst.
type container interface {
	magic() string
	encrypt(dst, plain []byte, key string, entropy *Entropy) ([]byte, error)
	decrypt(dst, encrypted []byte, key string) ([]byte, error)
}

// Ciphers lists all ciphers, the [Default] first. The caller owns the slice.
func Ciphers() []Cipher {
	return []Cipher{{
		Name:      Default,
		Doc:       "openssl enc -aes-256-cbc -md md5; stands in for the vendor's cipher, which is not public",
		Source:    "FV-ENC-2",
		container: salted{derive: bytesToKey(md5.New)},
	}, {
		Name:      "openssl-sha256",
		Doc:       "openssl enc -aes-256-cbc -md sha256; the default of OpenSSL 1.1 and later",
		Source:    "FV-ENC-2",
		container: salted{derive: bytesToKey(sha256.New)},
	}, {
		Name:      "openssl-pbkdf2",
		Doc:       "openssl enc -aes-256-cbc -md sha256 -pbkdf2; the number of iterations can be set",
		Source:    "FV-ENC-2",
		container: salted{derive: pbkdf2SHA256, iterations: DefaultIterations},
	}, {
		Name:      "provsim",
		Doc:       "scrypt and XChaCha20-Poly1305, authenticated; for those who control both ends",
		Source:    "FV-ENC-3",
		container: authenticated{cost: scryptCost{logN: encryptLogN, r: encryptR, p: encryptP}},
	}}
}

// AES128 returns the container of `openssl enc -aes-128-cbc -md md5`. It stands in
// for the tools of vendors whose file format is not public (YL-ENC-1, FA-ENC-1), and
// is no cipher that [Lookup] finds.
func AES128() Cipher {
	return Cipher{
		Name: "openssl-aes128-md5", Doc: "openssl enc -aes-128-cbc -md md5; stands in for vendors' tools whose format is not public",
		Source: "YL-ENC-1", container: salted{derive: bytesToKey(md5.New), keySize: 16},
	}
}

// Lookup returns the cipher of that name. For an unknown name the error is
// [ErrUnknownCipher], and lists the names.
func Lookup(name string) (Cipher, error) {
	ciphers := Ciphers()
	names := make([]string, len(ciphers))
	for i, c := range ciphers {
		if c.Name == name {
			return c, nil
		}
		names[i] = c.Name
	}
	return Cipher{}, fmt.Errorf("%w %q, want one of %s", ErrUnknownCipher, name, strings.Join(names, ", "))
}

// Detect reports whether a file is encrypted, by its first bytes, and returns the
// name of the first cipher that writes such files. All openssl ciphers begin a file
// with the same bytes, so [Default] stands for all of them.
func Detect(body []byte) (name string, ok bool) {
	for _, c := range Ciphers() {
		if strings.HasPrefix(string(body[:min(len(body), magicSize)]), c.container.magic()) {
			return c.Name, true
		}
	}
	return "", false
}

// WithIterations returns the cipher with another number of PBKDF2 iterations,
// from [MinIterations] to [MaxIterations]. An encrypted file does not hold the number:
// a program that decrypts it must know. Only openssl-pbkdf2 has iterations, for all others it
// is an error.
func (c Cipher) WithIterations(n int) (Cipher, error) {
	s, ok := c.container.(salted)
	if !ok || s.iterations == 0 {
		return Cipher{}, fmt.Errorf("cipher %s has no iterations to set, openssl-pbkdf2 has", c.Name)
	}
	if n < MinIterations || n > MaxIterations {
		return Cipher{}, fmt.Errorf("cipher %s: %d iterations, want %d to %d", c.Name, n, MinIterations, MaxIterations)
	}
	s.iterations = n
	c.container = s
	return c, nil
}

// Encrypt appends the encrypted plain text to dst, which must not overlap it. Any key
// will do, the empty one included. The only error is the Go runtime's, where
// GODEBUG=fips140=only forbids the algorithm; it panics over MD5.
func (c Cipher) Encrypt(dst, plain []byte, key string, entropy Entropy) ([]byte, error) {
	out, err := c.container.encrypt(dst, plain, key, &entropy)
	if err != nil {
		return nil, fmt.Errorf("cipher %s: %w", c.Name, err)
	}
	return out, nil
}

// Decrypt appends the plain text to dst, which must not overlap encrypted. The error is
// [ErrFormat] or [ErrKey]; a wrong key can also give noise and no error, see the
// package's section on wrong keys.
func (c Cipher) Decrypt(dst, encrypted []byte, key string) ([]byte, error) {
	out, err := c.container.decrypt(dst, encrypted, key)
	if err != nil {
		return nil, fmt.Errorf("cipher %s: %w", c.Name, err)
	}
	return out, nil
}

// DecryptUnsalted decrypts what `openssl enc -nosalt` has encrypted: blocks without a head,
// with a key that follows from the password alone. It appends the plain text to dst.
// Only the openssl ciphers have this form; for all others the error is [ErrFormat].
func (c Cipher) DecryptUnsalted(dst, encrypted []byte, key string) ([]byte, error) {
	s, ok := c.container.(salted)
	if !ok || len(encrypted) == 0 || len(encrypted)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("cipher %s: %w: %d bytes, want one or more blocks of %d without a head", c.Name, ErrFormat, len(encrypted), aes.BlockSize)
	}
	out, err := s.decryptBlocks(dst, encrypted, key, nil)
	if err != nil {
		return nil, fmt.Errorf("cipher %s: %w", c.Name, err)
	}
	return out, nil
}
