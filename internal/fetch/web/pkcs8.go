package web

import (
	"crypto/aes"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// An encryptedKey is the EncryptedPrivateKeyInfo of RFC 5958 section 3.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// The parameters of PBES2 and PBKDF2 (RFC 8018 appendix A).
type (
	pbes2Params struct {
		Derivation pkix.AlgorithmIdentifier
		Cipher     pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeySize    int                      `asn1:"optional"`
		Hash       pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

// maxIterations keeps a hostile key file from holding up its reader; OpenSSL
// writes 2048, and a million takes about half a second.
const maxIterations = 1_000_000

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
)

var pkcs8Ciphers = map[string]cbc{
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
}

var pkcs8Hashes = map[string]func() hash.Hash{
	"":                    sha1.New, // the default
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// openPKCS8 decrypts a PKCS#8 key by PBES2 (RFC 8018 section 6.2).
func openPKCS8(der []byte, pass string) ([]byte, error) {
	var info encryptedKey
	var scheme pbes2Params
	var derivation pbkdf2Params
	if !unmarshal(der, &info) {
		return nil, errors.New("it is no PKCS#8 EncryptedPrivateKeyInfo")
	}
	if oid := info.Algorithm.Algorithm.String(); oid != oidPBES2 {
		return nil, fmt.Errorf("scheme %s is not known here, want PBES2 as openssl pkcs8 -topk8 -v2 aes256 writes it", oid)
	}
	if !unmarshal(info.Algorithm.Parameters.FullBytes, &scheme) {
		return nil, errors.New("its PBES2 parameters are damaged")
	}
	if oid := scheme.Derivation.Algorithm.String(); oid != oidPBKDF2 {
		return nil, fmt.Errorf("key derivation %s is not known here, want PBKDF2", oid)
	}
	if !unmarshal(scheme.Derivation.Parameters.FullBytes, &derivation) {
		return nil, errors.New("its PBKDF2 parameters are damaged")
	}
	return openPBES2(info.Data, scheme.Cipher, derivation, pass)
}

func openPBES2(data []byte, algorithm pkix.AlgorithmIdentifier, derivation pbkdf2Params, pass string) ([]byte, error) {
	c, ok := pkcs8Ciphers[algorithm.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("cipher %s is not known here, want AES or triple DES in CBC mode", algorithm.Algorithm)
	}
	newHash, ok := pkcs8Hashes[derivation.Hash.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("hash %s is not known here, want HMAC with SHA-1 or SHA-2", derivation.Hash.Algorithm)
	}
	if n := derivation.Iterations; n < 1 || n > maxIterations {
		return nil, fmt.Errorf("%d iterations of PBKDF2, want 1 to %d", n, maxIterations)
	}
	var iv []byte
	if !unmarshal(algorithm.Parameters.FullBytes, &iv) {
		return nil, errors.New("its IV is damaged")
	}
	key, err := pbkdf2.Key(newHash, pass, derivation.Salt, derivation.Iterations, c.keySize)
	if err != nil {
		return nil, err
	}
	return c.open(key, iv, data)
}

// unmarshal reads one DER value and reports whether it is of the wanted form.
func unmarshal(der []byte, value any) bool {
	rest, err := asn1.Unmarshal(der, value)
	return err == nil && len(rest) == 0
}
