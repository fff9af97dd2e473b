package encrypt

import "testing"

// DecryptedBy tells a key that opens a file by another cipher of the table from a wrong
// key (FV-ENC-5).
func TestDecryptedBy(t *testing.T) {
	const key = "k3y"
	plain := []byte("DBID_DBASE_VERSION=7\n# gr\xfcn\n")
	for _, encrypting := range Ciphers() {
		encrypted, err := encrypting.Encrypt(nil, plain, key, Entropy{1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Ciphers() {
			want := encrypting.Name
			if c.Name == encrypting.Name {
				want = ""
			}
			if got := c.DecryptedBy(encrypted, key); got != want {
				t.Errorf("%s: a file of %s is decrypted by %q, want %q", c.Name, encrypting.Name, got, want)
			}
			if got := c.DecryptedBy(encrypted, "other"); got != "" {
				t.Errorf("%s: a wrong key opens a file of %s by %q", c.Name, encrypting.Name, got)
			}
		}
	}
	for _, body := range []string{"", "plain text", "Salted__", "Salted__12345678"} {
		if got := Ciphers()[0].DecryptedBy([]byte(body), key); got != "" {
			t.Errorf("%q is decrypted by %q", body, got)
		}
	}
	// By luck the padding of a wrong key is right once in 256 times.
	for plain, want := range map[string]bool{"": true, "A=1\r\n\tB=\xff": true, "\x1f\x8b\x08\x00": true, "A\x00": false, "\x1f\x8b": false} {
		if got := meant([]byte(plain)); got != want {
			t.Errorf("%q looks like a configuration: %v, want %v", plain, got, want)
		}
	}
}
