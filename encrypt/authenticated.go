package encrypt

import (
	"crypto/cipher"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

const (
	authenticatedMagic    = "provsim\x00"
	authenticatedVersion  = 1
	authenticatedSaltSize = 16
	nonceSize             = chacha20poly1305.NonceSizeX

	// The offsets of the header's parts; see the package documentation.
	atVersion = magicSize
	atCost    = atVersion + 1
	atSalt    = atCost + 3
	atNonce   = atSalt + authenticatedSaltSize
	atBody    = atNonce + nonceSize
)

// The cost of encrypting: 32 MiB and about a tenth of a second. RFC 7914 section 2
// recommends this r and p; N is twice what scrypt's author called interactive.
const encryptLogN, encryptR, encryptP = 15, 8, 1

// maxMemory bounds what a header can ask for, in bytes. It leaves twice the cost
// of encrypting, for files of a later release.
const maxMemory = 64 << 20

// scryptCost holds the cost parameters of RFC 7914 section 2.
type scryptCost struct{ logN, r, p uint8 }

// check refuses what scrypt does not define and what takes over maxMemory. It
// counts p as if it took memory: it takes time, which wants a bound as well.
func (c scryptCost) check() error {
	if c.logN == 0 || c.r == 0 || c.p == 0 {
		return fmt.Errorf("%w: scrypt parameter 0, want 1 or more; the file is damaged", ErrFormat)
	}
	memory := 128 * uint64(c.r) * uint64(c.p)
	if c.logN >= 32 || memory<<c.logN > maxMemory {
		return fmt.Errorf("%w: scrypt parameters log N %d, r %d, p %d take over %d MiB; encrypt the file with less",
			ErrFormat, c.logN, c.r, c.p, maxMemory>>20)
	}
	return nil
}

// authenticated is the container of FV-ENC-3.
type authenticated struct {
	cost scryptCost // of encrypting; decryption takes the header's
}

func (authenticated) magic() string { return authenticatedMagic }

func (a authenticated) encrypt(dst, plain []byte, key string, entropy *Entropy) ([]byte, error) {
	start := len(dst)
	dst = slices.Grow(dst, atBody+len(plain)+chacha20poly1305.Overhead)
	dst = append(dst, authenticatedMagic...)
	dst = append(dst, authenticatedVersion, a.cost.logN, a.cost.r, a.cost.p)
	dst = append(dst, entropy[:]...)
	header := dst[start:]
	aead, err := keyedAEAD(key, header[atSalt:atNonce], a.cost)
	if err != nil {
		return nil, err
	}
	return aead.Seal(dst, header[atNonce:], plain, header), nil
}

func (a authenticated) decrypt(dst, encrypted []byte, key string) ([]byte, error) {
	if err := checkMagic(encrypted, authenticatedMagic); err != nil {
		return nil, err
	}
	if least := atBody + chacha20poly1305.Overhead; len(encrypted) < least {
		return nil, fmt.Errorf("%w: %d bytes, want %d or more; fetch the file again", ErrFormat, len(encrypted), least)
	}
	if v := encrypted[atVersion]; v != authenticatedVersion {
		return nil, fmt.Errorf("%w: version %d, want %d; was it encrypted by a later release?",
			ErrFormat, v, authenticatedVersion)
	}
	cost := scryptCost{logN: encrypted[atCost], r: encrypted[atCost+1], p: encrypted[atCost+2]}
	if err := cost.check(); err != nil {
		return nil, err
	}
	aead, err := keyedAEAD(key, encrypted[atSalt:atNonce], cost)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(dst, encrypted[atNonce:atBody], encrypted[atBody:], encrypted[:atBody])
	if err != nil {
		return nil, ErrKey
	}
	return plain, nil
}

// keyedAEAD wants a cost that check has passed.
func keyedAEAD(key string, salt []byte, cost scryptCost) (cipher.AEAD, error) {
	derived, err := scrypt.Key([]byte(key), salt, 1<<cost.logN, int(cost.r), int(cost.p), chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.NewX(derived)
}
