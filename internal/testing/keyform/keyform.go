// Package keyform brings private keys into the encrypted and older PEM forms in
// which phones take them (FV-TLS-2), for tests.
package keyform

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// A Form is one of the forms in which a phone takes its key (FV-TLS-2).
type Form uint8

// The forms of [Encrypt]. AES-256-CBC is the cipher of those with a pass
// phrase.
const (
	Traditional          Form = iota // PKCS#1 or SEC 1, plain
	EncryptedTraditional             // the same with a DEK-Info header, as openssl rsa -aes256 -traditional writes it
	EncryptedPKCS8                   // PBES2 with PBKDF2 and SHA-256, as openssl pkcs8 -topk8 writes it
)

// Encrypt brings a plain PKCS#8 key into another form. The
// pass phrase counts for the encrypted ones.
func Encrypt(keyPEM []byte, form Form, pass string) ([]byte, error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("key: want a PEM block -----BEGIN PRIVATE KEY-----")
	}
	if form == EncryptedPKCS8 {
		der, err := sealPKCS8(block.Bytes, pass)
		return encode("ENCRYPTED PRIVATE KEY", der), err
	}
	kind, der, err := traditional(block.Bytes)
	if err != nil {
		return nil, err
	}
	if form == Traditional {
		return encode(kind, der), nil
	}
	return sealTraditional(kind, der, pass)
}

// traditional returns a PKCS#8 key in the form of its algorithm.
func traditional(pkcs8 []byte) (kind string, der []byte, err error) {
	key, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return "", nil, err
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key), nil
	case *ecdsa.PrivateKey:
		der, err = x509.MarshalECPrivateKey(key)
		return "EC PRIVATE KEY", der, err
	}
	return "", nil, fmt.Errorf("key of type %T has no traditional form", key)
}

// sealTraditional encrypts a key in the way of OpenSSL: key by MD5 from the pass
// phrase and the first eight bytes of the IV.
func sealTraditional(kind string, der []byte, pass string) ([]byte, error) {
	iv := random(aes.BlockSize)
	first := md5.Sum(append([]byte(pass), iv[:8]...))
	second := md5.Sum(append(append(first[:], pass...), iv[:8]...))
	headers := map[string]string{
		"Proc-Type": "4,ENCRYPTED",
		"DEK-Info":  "AES-256-CBC," + strings.ToUpper(hex.EncodeToString(iv)),
	}
	sealed, err := seal(append(first[:], second[:]...), iv, der)
	return pem.EncodeToMemory(&pem.Block{Type: kind, Headers: headers, Bytes: sealed}), err
}

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// sealPKCS8 encrypts a PKCS#8 key by PBES2 (RFC 8018 section 6.2).
func sealPKCS8(der []byte, pass string) ([]byte, error) {
	const iterations = 2048 // as OpenSSL
	salt, iv := random(8), random(aes.BlockSize)
	key, err := pbkdf2.Key(sha256.New, pass, salt, iterations, 32)
	if err != nil {
		return nil, err
	}
	derivation := struct {
		Salt       []byte
		Iterations int
		Hash       pkix.AlgorithmIdentifier
	}{salt, iterations, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256, Parameters: asn1.NullRawValue}}
	scheme := struct{ Derivation, Cipher any }{
		algorithm{oidPBKDF2, derivation},
		algorithm{oidAES256CBC, iv},
	}
	sealed, err := seal(key, iv, der)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Algorithm algorithm
		Data      []byte
	}{algorithm{oidPBES2, scheme}, sealed})
}

// An algorithm is an AlgorithmIdentifier with its parameters.
type algorithm struct {
	OID        asn1.ObjectIdentifier
	Parameters any
}

// seal encrypts by AES in CBC mode with the padding of RFC 8018 section 6.1.1.
func seal(key, iv, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	data := append([]byte(nil), plain...)
	for range pad {
		data = append(data, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return data, nil
}

// random returns n bytes of cryptographic randomness.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
