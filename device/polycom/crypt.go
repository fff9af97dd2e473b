package polycom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// fields reads NAME=value pairs with semicolons between them.
func fields(line string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(line, ";") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			all[name] = value
		}
	}
	return all
}

// checkKey holds a text against the form of a key (PC-ENC-1).
func checkKey(text string) error {
	if text == "" {
		return nil
	}
	f := fields(text)
	if key, err := hex.DecodeString(f["Key"]); err != nil || len(key) != aes.BlockSize || f["Crypt"] != "1" || f["KeyDesc"] == "" {
		return errors.New("found another form, want Crypt=1;KeyDesc=TEXT;Key=32 hex digits;")
	}
	return nil
}

// seal encrypts a file for the key of a setting's text (PC-ENC-2), and returns it as it
// is where the phone has no key. The IV follows from key and file: equal files are equal
// when they are encrypted, so that the phone sends none twice.
func seal(plain []byte, key string) []byte {
	if key == "" || checkKey(key) != nil {
		return plain
	}
	f := fields(key)
	secret, _ := hex.DecodeString(f["Key"]) // checkKey has read it
	iv := sha1.Sum(append(secret, plain...))
	return sealWith(plain, f["KeyDesc"], secret, iv[:aes.BlockSize])
}

func sealWith(plain []byte, name string, secret, iv []byte) []byte {
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic("polycom: " + err.Error()) // checkKey has counted its bytes
	}
	out := fmt.Appendf(nil, "%s1;KeyDesc=%s;IV=%x;Digest=%x;\n", encryptMark, name, iv, sha1.Sum(plain))
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	body := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(body, body)
	return append(out, body...)
}

// open returns what an encrypted file holds, and any other file as it is (PC-ENC-1,
// PC-ENC-2). Key is the setting's text. The error shows nothing of key and file.
func open(body []byte, key string) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte(encryptMark)) {
		return body, nil
	}
	line, sealed, ok := bytes.Cut(body, []byte("\n"))
	head, mine := fields(string(line)), fields(key)
	iv, err := hex.DecodeString(head["IV"])
	digest, err2 := hex.DecodeString(head["Digest"])
	switch {
	case key == "" || checkKey(key) != nil:
		return nil, errors.New("the file is encrypted and the phone has no key")
	case head["KeyDesc"] != mine["KeyDesc"]:
		return nil, errors.New("the file's KeyDesc is not that of the phone's key")
	case !ok || err != nil || err2 != nil || len(iv) != aes.BlockSize || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0:
		return nil, errors.New("the encrypted file has no IV, or a length that is no multiple of 16")
	}
	secret, _ := hex.DecodeString(mine["Key"]) // checkKey has read it
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, sealed)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errors.New("the key does not open the file: bad padding")
	}
	plain = plain[:len(plain)-pad]
	if sum := sha1.Sum(plain); subtle.ConstantTimeCompare(sum[:], digest) != 1 {
		return nil, errors.New("the key does not open the file: another digest")
	}
	return plain, nil
}
