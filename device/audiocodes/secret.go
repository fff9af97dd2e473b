package audiocodes

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"provsim/device"
)

// The names of the secrets that users give (AC-ENC-1, AC-ENC-2).
const (
	valueKey   = "value-key"  // 24 bytes in hex
	valueIV    = "value-iv"   // 8 bytes in hex
	fileSecret = "cfx-secret" // of .cfx files
)

// openValue returns what an encrypted value says. One that is not encrypted, or of
// which no key is known, says what is written (AC-ENC-1).
func openValue(value string, secrets device.Secrets) string {
	data, ok := sealed(value)
	key, err1 := hex.DecodeString(secrets[valueKey])
	iv, err2 := hex.DecodeString(secrets[valueIV])
	if !ok || err1 != nil || err2 != nil || len(iv) != des.BlockSize {
		return value
	}
	block, err := des.NewTripleDESCipher(key)
	if err != nil {
		return value
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	return string(bytes.TrimRight(data, "\x00"))
}

// openings returns what a .cfx file may say: by openssl enc -des-ede3-cbc -nosalt
// with the digest SHA-256, and with MD5 (AC-ENC-2).
func openings(body []byte, secret string) (plain [][]byte) {
	if secret == "" || len(body) == 0 || len(body)%des.BlockSize != 0 {
		return nil
	}
	for _, digest := range []func() hash.Hash{sha256.New, md5.New} {
		material := bytesToKey(digest(), secret)
		block, err := des.NewTripleDESCipher(material[:24])
		if err != nil {
			return nil
		}
		text := make([]byte, len(body))
		cipher.NewCBCDecrypter(block, material[24:]).CryptBlocks(text, body)
		padding := int(text[len(text)-1])
		if padding >= 1 && padding <= des.BlockSize && bytes.Count(text[len(text)-padding:], text[len(text)-1:]) == padding {
			plain = append(plain, text[:len(text)-padding])
		}
	}
	return plain
}

// bytesToKey is OpenSSL's EVP_BytesToKey without salt: 24 bytes of key and 8 of IV.
func bytesToKey(h hash.Hash, secret string) []byte {
	var material, sum []byte
	for len(material) < 32 {
		h.Reset()
		h.Write(sum)
		h.Write([]byte(secret))
		sum = h.Sum(nil)
		material = append(material, sum...)
	}
	return material[:32]
}
