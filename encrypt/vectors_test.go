package encrypt

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// vector is a file of testdata/vectors; its README.md describes the form.
type vector struct {
	cipher    Cipher
	key       string
	plain     []byte
	salt      []byte
	expected  error
	encrypted []byte
}

// TestVectors covers FV-ENC-2 to FV-ENC-4.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			v := readVector(t, file)
			plain, err := v.cipher.Decrypt([]byte("kept"), v.encrypted, v.key)
			if !errors.Is(err, v.expected) {
				t.Fatalf("Decrypt: error %v, want %v", err, v.expected)
			}
			if err != nil && plain != nil {
				t.Errorf("Decrypt: an error and %q", plain)
			}
			if want := append([]byte("kept"), v.plain...); err == nil && !bytes.Equal(plain, want) {
				t.Errorf("Decrypt: %q, want %q", plain, want)
			}
			if v.salt == nil {
				return
			}
			var entropy Entropy
			copy(entropy[:], v.salt)
			encrypted, err := v.cipher.Encrypt([]byte("kept"), v.plain, v.key, entropy)
			if want := append([]byte("kept"), v.encrypted...); err != nil || !bytes.Equal(encrypted, want) {
				t.Errorf("Encrypt: %x, %v, want %x", encrypted, err, want)
			}
		})
	}
}

func readVector(t *testing.T, file string) (v vector) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	check := func(err error) {
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() && lines.Text() != "" {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "comment":
		case "cipher":
			v.cipher, err = Lookup(value)
			check(err)
		case "iterations":
			n, err := strconv.Atoi(value)
			check(err)
			v.cipher, err = v.cipher.WithIterations(n)
			check(err)
		case "key":
			v.key, err = strconv.Unquote(value)
			check(err)
		case "plain":
			plain, err := strconv.Unquote(value)
			check(err)
			v.plain = []byte(plain)
		case "salt":
			v.salt, err = hex.DecodeString(value)
			check(err)
		case "expect":
			known := false
			v.expected, known = map[string]error{"ok": nil, "wrong-key": ErrKey, "format": ErrFormat}[value]
			if !known {
				t.Fatalf("%s: expect %q, want ok, wrong-key or format", file, value)
			}
		default:
			t.Fatalf("%s: header %q is unknown", file, name)
		}
	}
	lines.Scan()
	v.encrypted, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(lines.Text())))
	check(err)
	return v
}
