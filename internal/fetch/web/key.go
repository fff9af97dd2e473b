package web

import (
	"cmp"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// defaultPass is tried where no pass phrase is set (FV-TLS-2).
const defaultPass = "whatever"

// ErrNoPass says that a key needs a pass phrase and that none is given.
var ErrNoPass = errors.New("it is encrypted and no pass phrase is given (\"" + defaultPass + "\" was tried)")

var errPass = errors.New("the pass phrase does not open it")

// ParseKey reads the first private key of a PEM file: PKCS#1, SEC 1 or PKCS#8,
// plain or encrypted. Without a pass phrase the document's is tried (FV-TLS-2). An
// error tells neither the key nor the pass phrase.
func ParseKey(file []byte, pass string) (crypto.Signer, error) {
	for block := range pemBlocks(file) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		key, err := openKey(block, cmp.Or(pass, defaultPass))
		if errors.Is(err, errPass) && pass == "" {
			err = ErrNoPass
		}
		return key, err
	}
	return nil, errors.New("the file has no PEM block -----BEGIN PRIVATE KEY-----" + otherForm(file))
}

func openKey(block *pem.Block, pass string) (crypto.Signer, error) {
	der, err := block.Bytes, error(nil)
	encrypted := true
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY":
		der, err = openPKCS8(der, pass)
	case block.Headers["DEK-Info"] != "":
		der, err = openLegacy(block, pass)
	default:
		encrypted = false
	}
	if err != nil {
		return nil, err
	}
	key, err := parseDER(block.Type, der)
	if err != nil && encrypted {
		// By luck one wrong pass phrase in 256 leaves a padding that looks right.
		return nil, errPass
	}
	return key, err
}

func parseDER(kind string, der []byte) (crypto.Signer, error) {
	var key any
	var err error
	switch kind {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(der)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(der)
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(der)
	default:
		return nil, fmt.Errorf("a %q is no key for TLS, want RSA, EC or PKCS#8", kind)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T does not sign", key)
	}
	return signer, nil
}

// A cbc is a block cipher in CBC mode, as both encrypted forms use it.
type cbc struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
}

var legacyCiphers = map[string]cbc{
	"DES-CBC":      {8, des.NewCipher},
	"DES-EDE3-CBC": {24, des.NewTripleDESCipher},
	"AES-128-CBC":  {16, aes.NewCipher},
	"AES-192-CBC":  {24, aes.NewCipher},
	"AES-256-CBC":  {32, aes.NewCipher},
}

// openLegacy decrypts a key whose DEK-Info header names cipher and IV (RFC 1421
// section 4.6.1.3). OpenSSL makes the key from the pass phrase by MD5, with the
// IV's first eight bytes as salt. The functions of crypto/x509 for this form
// are deprecated.
func openLegacy(block *pem.Block, pass string) ([]byte, error) {
	name, text, _ := strings.Cut(block.Headers["DEK-Info"], ",")
	c, ok := legacyCiphers[name]
	if !ok {
		return nil, fmt.Errorf("cipher %.20q of its DEK-Info is not known here", name)
	}
	iv, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(iv) < 8 {
		return nil, errors.New("the IV of its DEK-Info is not 16 or more hex digits")
	}
	var key, sum []byte
	for len(key) < c.keySize {
		h := md5.New()
		h.Write(sum)
		h.Write([]byte(pass))
		h.Write(iv[:8])
		sum = h.Sum(nil)
		key = append(key, sum...)
	}
	return c.open(key[:c.keySize], iv, block.Bytes)
}

// open decrypts data and cuts its padding (RFC 8018 section 6.1.1).
func (c cbc) open(key, iv, data []byte) ([]byte, error) {
	block, err := c.block(key)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, fmt.Errorf("it is damaged: IV of %d and data of %d bytes, want %d and a multiple of it", len(iv), len(data), size)
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > size {
		return nil, errPass
	}
	return plain[:len(plain)-pad], nil
}
