package encrypt_test

import (
	"crypto/rand"
	"errors"
	"fmt"

	"provsim/encrypt"
)

func Example() {
	c, err := encrypt.Lookup(encrypt.Default)
	if err != nil {
		fmt.Println(err)
		return
	}
	var entropy encrypt.Entropy
	rand.Read(entropy[:])
	encrypted, err := c.Encrypt(nil, []byte("DBID_DBASE_VERSION=2208\n"), "123456", entropy)
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := c.Decrypt(nil, encrypted, "123456")
	fmt.Printf("%d bytes encrypted: %s%v\n", len(encrypted), plain, err)
	// Output: 48 bytes encrypted: DBID_DBASE_VERSION=2208
	// <nil>
}

// The error tells a file that is not encrypted from a wrong key (FV-ENC-4).
func ExampleCipher_Decrypt() {
	c, err := encrypt.Lookup("provsim")
	if err != nil {
		fmt.Println(err)
		return
	}
	encrypted, err := c.Encrypt(nil, []byte("DBID_DBASE_VERSION=2208\n"), "123456", encrypt.Entropy{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Decrypt(nil, encrypted, "654321")
	fmt.Println(errors.Is(err, encrypt.ErrKey), err)
	_, err = c.Decrypt(nil, []byte("DBID_DBASE_VERSION=2208\n"), "123456")
	fmt.Println(errors.Is(err, encrypt.ErrFormat), err)
	// Output:
	// true cipher provsim: wrong key or damaged file
	// true cipher provsim: not this cipher's container: want "provsim\x00" at the start, found "DBID_DBA"; is the file encrypted, and by this cipher?
}

func ExampleCipher_WithIterations() {
	c, err := encrypt.Lookup("openssl-pbkdf2")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err = c.WithIterations(250_000)
	fmt.Println(c.Name, err)
	_, err = c.WithIterations(0)
	fmt.Println(err)
	// Output:
	// openssl-pbkdf2 <nil>
	// cipher openssl-pbkdf2: 0 iterations, want 1 to 10000000
}

func ExampleDetect() {
	for _, body := range []string{"Salted__\x01\x02\x03\x04\x05\x06\x07\x08", "DBID_DBASE_VERSION=2208\n"} {
		name, ok := encrypt.Detect([]byte(body))
		fmt.Printf("%q %v\n", name, ok)
	}
	// Output:
	// "openssl-md5" true
	// "" false
}

func ExampleCiphers() {
	for _, c := range encrypt.Ciphers() {
		fmt.Println(c.Name)
	}
	// Output:
	// openssl-md5
	// openssl-sha256
	// openssl-pbkdf2
	// provsim
}
