package encrypt

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// openssl runs the real program over input.
func openssl(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", append([]string{"enc", "-aes-256-cbc"}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl enc %q: %v: %s", args, err, stderr.String())
	}
	return out
}

// TestOpenSSL holds the ciphers against `openssl enc` in both directions (FV-ENC-2).
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("needs the openssl program, Debian package openssl")
	}
	ciphers := []struct {
		name       string
		iterations int
		args       []string
	}{
		{name: "openssl-md5", args: []string{"-md", "md5"}},
		{name: "openssl-sha256", args: []string{"-md", "sha256"}},
		{name: "openssl-pbkdf2", args: []string{"-md", "sha256", "-pbkdf2"}},
		{name: "openssl-pbkdf2", iterations: 777, args: []string{"-md", "sha256", "-pbkdf2", "-iter", "777"}},
	}
	files := []struct {
		key   string
		sizes []int
	}{
		{"123456", []int{0, 1, 15, 16, 17, 2048, 1 << 20}},
		{"Schlüssel 鍵 😀", []int{0, 17}},
		{" blank at both ends ", []int{1}},
		{"-k", []int{16}},
		{"--pass=\"x\"'$HOME`\\", []int{17}},
		{"k", []int{2048}},
		{"\xff\xfe not UTF-8", []int{15}},
		{strings.Repeat("0123456789", 100), []int{31}},
	}
	for _, tt := range ciphers {
		c, err := Lookup(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		if tt.iterations != 0 {
			if c, err = c.WithIterations(tt.iterations); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range files {
			for _, size := range file.sizes {
				t.Run(fmt.Sprintf("%s/%d/%.8q/%d", tt.name, tt.iterations, file.key, size), func(t *testing.T) {
					bothWays(t, c, file.key, sample(size), append(tt.args, "-k", file.key))
				})
			}
		}
	}
}

func bothWays(t *testing.T, c Cipher, key string, plain []byte, args []string) {
	theirs := openssl(t, plain, append([]string{"-e"}, args...)...)
	decrypted, err := c.Decrypt(nil, theirs, key)
	if err != nil || !bytes.Equal(decrypted, plain) {
		t.Errorf("their file opens as %d bytes, %v, want the plain %d bytes", len(decrypted), err, len(plain))
	}
	var salt Entropy
	copy(salt[:], theirs[magicSize:saltedHeaderSize])
	if ours, err := c.Encrypt(nil, plain, key, salt); err != nil || !bytes.Equal(ours, theirs) {
		t.Errorf("with their salt the file differs from theirs, %v", err)
	}
	ours, err := c.Encrypt(nil, plain, key, Entropy{0xff, 0, 3, 4, 5, 6, 7, 8})
	if err != nil {
		t.Fatal(err)
	}
	if decrypted := openssl(t, ours, append([]string{"-d"}, args...)...); !bytes.Equal(decrypted, plain) {
		t.Errorf("our file opens as %d other bytes, want the plain %d bytes", len(decrypted), len(plain))
	}
}

// sample returns size bytes of all values.
func sample(size int) []byte {
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return text
}

// YL-ENC-1, FA-ENC-1: the stand-in is what openssl makes.
func TestAES128IsOpenSSLs(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("needs openssl")
	}
	cmd := exec.Command(openssl, "enc", "-aes-128-cbc", "-md", "md5", "-k", "0123456789abcdef")
	cmd.Stdin = strings.NewReader("account.1.enable = 1\n")
	encrypted, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := AES128().Decrypt(nil, encrypted, "0123456789abcdef")
	if err != nil || string(plain) != "account.1.enable = 1\n" {
		t.Errorf("decrypted %q, %v", plain, err)
	}
	if _, err := AES128().Decrypt(nil, encrypted, "another key 1234"); err == nil {
		t.Error("another key opens it")
	}
}
