package encrypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

var leastCost = scryptCost{logN: 1, r: 1, p: 1}

// quick lists the ciphers with the least cost of key derivation: the same code,
// fast enough for thousands of files.
func quick(t testing.TB) []Cipher {
	ciphers := Ciphers()
	for i, c := range ciphers {
		switch kept := c.container.(type) {
		case authenticated:
			ciphers[i].container = authenticated{cost: leastCost}
		case salted:
			if kept.iterations == 0 {
				continue
			}
			var err error
			if ciphers[i], err = c.WithIterations(MinIterations); err != nil {
				t.Fatal(err)
			}
		}
	}
	return ciphers
}

func TestCiphersAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Ciphers() {
		if seen[c.Name] {
			t.Errorf("%s: two ciphers have this name", c.Name)
		}
		seen[c.Name] = true
		if c.Doc == "" || !strings.HasPrefix(c.Source, "FV-ENC-") {
			t.Errorf("%s: doc %q, source %q, want both", c.Name, c.Doc, c.Source)
		}
		if len(c.container.magic()) != magicSize {
			t.Errorf("%s: magic %q, want %d bytes", c.Name, c.container.magic(), magicSize)
		}
	}
	if first := Ciphers()[0].Name; first != Default {
		t.Errorf("the first cipher is %s, want the default %s", first, Default)
	}
	Ciphers()[0].Name = "changed"
	if Ciphers()[0].Name != Default {
		t.Error("a caller can change the table")
	}
}

func TestLookup(t *testing.T) {
	for _, want := range Ciphers() {
		if c, err := Lookup(want.Name); err != nil || c.Name != want.Name {
			t.Errorf("Lookup(%q): %s, %v", want.Name, c.Name, err)
		}
	}
	for _, name := range []string{"", "openssl", "OPENSSL-MD5", "rot13"} {
		_, err := Lookup(name)
		if !errors.Is(err, ErrUnknownCipher) {
			t.Errorf("Lookup(%q): error %v, want ErrUnknownCipher", name, err)
			continue
		}
		for _, c := range Ciphers() {
			if !strings.Contains(err.Error(), c.Name) {
				t.Errorf("Lookup(%q): %q does not name %s", name, err, c.Name)
			}
		}
	}
}

func TestDetect(t *testing.T) {
	tests := []struct {
		rule, body, name string
	}{
		{"a magic is enough", "Salted__", Default},
		{"whatever follows it", "Salted__\x00\x01", Default},
		{"the zero byte belongs to the magic", "provsim\x00\x01", "provsim"},
		{"text is no magic", "provsim = emulator", ""},
		{"part of a magic is none", "Salted_", ""},
		{"a magic counts at the start only", " Salted__", ""},
		{"a configuration file is not encrypted", "DBID_DBASE_VERSION=1\n", ""},
		{"nothing is not encrypted", "", ""},
	}
	for _, tt := range tests {
		name, ok := Detect([]byte(tt.body))
		if name != tt.name || ok != (tt.name != "") {
			t.Errorf("%s: Detect(%q) = %q, %v", tt.rule, tt.body, name, ok)
		}
	}
	for _, c := range quick(t) {
		encrypted, err := c.Encrypt(nil, []byte("x"), "k", Entropy{})
		if err != nil {
			t.Fatal(err)
		}
		if name, ok := Detect(encrypted); !ok || !strings.HasPrefix(c.Name, name[:7]) {
			t.Errorf("%s: detected as %q, %v", c.Name, name, ok)
		}
	}
}

func TestWithIterations(t *testing.T) {
	c, err := Lookup("openssl-pbkdf2")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, 0, MaxIterations + 1} {
		if _, err := c.WithIterations(n); err == nil {
			t.Errorf("%d iterations are accepted", n)
		}
	}
	for _, n := range []int{MinIterations, DefaultIterations, MaxIterations} {
		if _, err := c.WithIterations(n); err != nil {
			t.Errorf("%d iterations: %v", n, err)
		}
	}
	for _, other := range Ciphers() {
		if _, err := other.WithIterations(2); other.Name != c.Name && err == nil {
			t.Errorf("%s takes iterations", other.Name)
		}
	}
	two, err := c.WithIterations(2)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := c.Encrypt(nil, []byte("text"), "key", Entropy{})
	b, _ := two.Encrypt(nil, []byte("text"), "key", Entropy{})
	if bytes.Equal(a, b) {
		t.Error("the number of iterations changes nothing")
	}
}

func TestRoundTrip(t *testing.T) {
	ciphers := quick(t)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(ciphers).Draw(t, "cipher")
		plain := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "plain")
		key := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9]{0,8}`)).Draw(t, "key")
		prefix := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "prefix")
		var entropy Entropy
		copy(entropy[:], rapid.SliceOfN(rapid.Byte(), len(entropy), len(entropy)).Draw(t, "entropy"))

		encrypted, err := c.Encrypt(slices.Clone(prefix), plain, key, entropy)
		if err != nil || !bytes.HasPrefix(encrypted, prefix) {
			t.Fatalf("Encrypt: %x, %v, want it after %x", encrypted, err, prefix)
		}
		encrypted = encrypted[len(prefix):]
		decrypted, err := c.Decrypt(slices.Clone(prefix), encrypted, key)
		if want := slices.Concat(prefix, plain); err != nil || !bytes.Equal(decrypted, want) {
			t.Fatalf("Decrypt: %x, %v, want %x", decrypted, err, want)
		}
		other := rapid.String().Filter(func(s string) bool {
			// HMAC, and with it PBKDF2 and scrypt, fills a short key up with zeros.
			return strings.TrimRight(s, "\x00") != strings.TrimRight(key, "\x00")
		}).Draw(t, "other key")
		if decrypted, err = c.Decrypt(nil, encrypted, other); err == nil && bytes.Equal(decrypted, plain) {
			t.Fatalf("key %q opens what %q encrypted", other, key)
		}
		if err != nil && !errors.Is(err, ErrKey) {
			t.Fatalf("key %q: error %v, want ErrKey", other, err)
		}
	})
}

// FV-ENC-3: every bit of the container is authenticated.
func TestEveryBitCounts(t *testing.T) {
	c := Cipher{Name: "provsim", container: authenticated{cost: leastCost}}
	encrypted, err := c.Encrypt(nil, []byte("DBID_DBASE_VERSION=1\n"), "key", Entropy{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(encrypted) * 8 {
		flipped := slices.Clone(encrypted)
		flipped[i/8] ^= 1 << (i % 8)
		if _, err := c.Decrypt(nil, flipped, "key"); !errors.Is(err, ErrKey) && !errors.Is(err, ErrFormat) {
			t.Errorf("bit %d of byte %d flipped: error %v, want ErrKey or ErrFormat", i%8, i/8, err)
		}
	}
	for i := range len(encrypted) {
		if _, err := c.Decrypt(nil, encrypted[:i], "key"); !errors.Is(err, ErrKey) && !errors.Is(err, ErrFormat) {
			t.Errorf("cut to %d bytes: error %v, want ErrKey or ErrFormat", i, err)
		}
	}
}

// Keys and plain texts are secrets.
func TestErrorsKeepSecrets(t *testing.T) {
	const key, plain = "k3y-s3cret", "plain-s3cret-text-of-some-length"
	for _, c := range quick(t) {
		encrypted, err := c.Encrypt(nil, []byte(plain), key, Entropy{})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range [][]byte{nil, encrypted[:20], encrypted[:len(encrypted)-1], append(encrypted, 0), []byte("other " + plain)} {
			_, err := c.Decrypt(nil, body, key)
			if err == nil {
				t.Fatalf("%s: %d bytes open", c.Name, len(body))
			}
			text := fmt.Sprintf("%+v", err)
			if strings.Contains(text, "s3cret") || !strings.Contains(text, c.Name) {
				t.Errorf("%s: %q, want the cipher's name and no secret", c.Name, text)
			}
		}
	}
}

// A stream gives what the whole file gives, with pieces of all lengths. A wrong key
// writes nothing, although its padding is at the end (FV-ENC-4).
func TestStreams(t *testing.T) {
	const key = "k3y"
	for _, c := range quick(t) {
		for _, size := range []int{0, 1, 15, 16, 17, pieceSize - 1, pieceSize, pieceSize + 1, 3*pieceSize - 16} {
			plain := sample(size)
			want, err := c.Encrypt(nil, plain, key, Entropy{1, 2, 3})
			if err != nil {
				t.Fatal(err)
			}
			var encrypted, decrypted, none bytes.Buffer
			if err := c.EncryptStream(&encrypted, iotest.HalfReader(bytes.NewReader(plain)), key, Entropy{1, 2, 3}); err != nil || !bytes.Equal(encrypted.Bytes(), want) {
				t.Errorf("%s: %d bytes are encrypted to %d others than by Encrypt, %v", c.Name, size, encrypted.Len(), err)
			}
			if err := c.DecryptStream(&decrypted, bytes.NewReader(want), key); err != nil || !bytes.Equal(decrypted.Bytes(), plain) {
				t.Errorf("%s: %d bytes are decrypted to %d others, %v", c.Name, size, decrypted.Len(), err)
			}
			if err := c.DecryptStream(&none, bytes.NewReader(want), "another key"); !errors.Is(err, ErrKey) || none.Len() > 0 {
				t.Errorf("%s: a wrong key writes %d of %d bytes, error %v, want none and ErrKey", c.Name, none.Len(), size, err)
			}
			for _, cut := range []int{0, magicSize, saltedHeaderSize, len(want) - 1} {
				if err := c.DecryptStream(&none, bytes.NewReader(want[:cut]), key); !errors.Is(err, ErrFormat) && !errors.Is(err, ErrKey) || none.Len() > 0 {
					t.Errorf("%s: cut to %d bytes: %d bytes and error %v, want none and ErrFormat or ErrKey", c.Name, cut, none.Len(), err)
				}
			}
		}
	}
}

// The errors of reader and writer come back, and a file that becomes shorter is an error.
func TestStreamErrors(t *testing.T) {
	c := Ciphers()[0]
	broken := errors.New("broken")
	if err := c.EncryptStream(io.Discard, iotest.ErrReader(broken), "k", Entropy{}); !errors.Is(err, broken) {
		t.Errorf("error %v, want the source's", err)
	}
	full, out := io.Pipe()
	full.CloseWithError(broken)
	if err := c.EncryptStream(out, strings.NewReader("A=1\n"), "k", Entropy{}); !errors.Is(err, broken) {
		t.Errorf("error %v, want the destination's", err)
	}
	encrypted, err := c.Encrypt(nil, sample(100), "k", Entropy{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DecryptStream(out, bytes.NewReader(encrypted), "k"); !errors.Is(err, broken) {
		t.Errorf("error %v, want the destination's", err)
	}
	if err := c.DecryptStream(io.Discard, longer{bytes.NewReader(encrypted)}, "k"); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want the end of a file that has become shorter", err)
	}
}

// longer says that it has more than it has.
type longer struct{ *bytes.Reader }

func (l longer) Size() int64 { return l.Reader.Size() + 1<<10 }
