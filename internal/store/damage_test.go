package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"provsim/internal/store"
)

// stored returns an open directory, the path of a device's file in it, and the
// file's content.
func stored(t testing.TB, body string) (*store.Dir, string, []byte) {
	t.Helper()
	path := t.TempDir()
	d := open(t, path)
	save(t, d, phone, body)
	file := filepath.Join(path, phone+".state")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return d, file, content
}

func write(t testing.TB, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// expectDamaged wants Load and Save to refuse, and returns what Load said.
func expectDamaged(t testing.TB, d *store.Dir, what string) *store.DamagedError {
	t.Helper()
	var damaged *store.DamagedError
	if err := d.Save(phone, []byte("new")); !errors.As(err, &damaged) {
		t.Errorf("%s: Save: error %v, want a DamagedError", what, err)
	}
	body, err := d.Load(phone)
	if !errors.As(err, &damaged) {
		t.Fatalf("%s: Load: %q, error %v, want a DamagedError", what, body, err)
	}
	return damaged
}

func TestEveryByteCounts(t *testing.T) {
	d, file, content := stored(t, "DBID_DBASE_VERSION=1\n")
	for i := range content {
		for _, mask := range []byte{0x01, 0x20, 0x80, 0xff} {
			damaged := slices.Clone(content)
			damaged[i] ^= mask
			write(t, file, damaged)
			expectDamaged(t, d, string(damaged))
			if after, err := os.ReadFile(file); err != nil || !slices.Equal(after, damaged) {
				t.Fatalf("byte %d: the damaged file has changed to %q, %v", i, after, err)
			}
		}
	}
	write(t, file, content)
	expect(t, d, phone, "DBID_DBASE_VERSION=1\n")
}

func TestEveryLengthCounts(t *testing.T) {
	d, file, content := stored(t, "DBID_DBASE_VERSION=1\n")
	for i := range content {
		write(t, file, content[:i])
		expectDamaged(t, d, string(content[:i]))
	}
	write(t, file, append(content, '\n'))
	expectDamaged(t, d, "one byte more")
}

func TestDamageIsNamed(t *testing.T) {
	const digest = " 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n" // of "secret"
	tests := []struct {
		rule, content, found, expected string
	}{
		{"an empty file", "", "no header", "provsim-state 1 LENGTH SHA256"},
		{"another file", "DBID_DBASE_VERSION=1\n", "no header", "provsim-state 1 LENGTH SHA256"},
		{"a line without end", "provsim-state 1 6" + digest[:20], "no header", "provsim-state 1 LENGTH SHA256"},
		{"two blanks", "provsim-state 1  6" + digest + "secret", "no header", "provsim-state 1 LENGTH SHA256"},
		{"a later format", "provsim-state 2 6" + digest + "secret", `format version "2"`, "1"},
		{"a body cut short", "provsim-state 1 6" + digest + "secre", "5 bytes", `"6"`},
		{"bytes after the body", "provsim-state 1 6" + digest + "secrets", "7 bytes", `"6"`},
		{"a length with a sign", "provsim-state 1 +6" + digest + "secret", "6 bytes", `"+6"`},
		{"a huge length", "provsim-state 1 " + strings.Repeat("9", 1000) + digest, "0 bytes", `"99999999999999999999"`},
		{"another body", "provsim-state 1 6" + digest + "Secret", "another SHA-256", "header"},
		{"a digest in upper case", "provsim-state 1 6" + strings.ToUpper(digest) + "secret", "another SHA-256", "header"},
	}
	d, file, _ := stored(t, "secret")
	for _, tt := range tests {
		write(t, file, []byte(tt.content))
		err := expectDamaged(t, d, tt.rule)
		if err.Path != file || !strings.Contains(err.Found, tt.found) || !strings.Contains(err.Expected, tt.expected) {
			t.Errorf("%s: %+v, want found %s, expected %s", tt.rule, *err, tt.found, tt.expected)
		}
		if text := err.Error(); !strings.Contains(text, file) || !strings.Contains(text, "move it away") || strings.Contains(text, "ecret") {
			t.Errorf("%s: %q, want the path, what to do, and nothing of the body", tt.rule, text)
		}
	}
	write(t, file, []byte("provsim-state 1 6"+digest+"secret"))
	expect(t, d, phone, "secret")
}

func TestDamageIsMovedAway(t *testing.T) {
	d, file, _ := stored(t, "settings")
	write(t, file, []byte("junk"))
	expectDamaged(t, d, "junk")
	if err := os.Rename(file, file+".bak"); err != nil {
		t.Fatal(err)
	}
	save(t, d, phone, "afresh")
	expect(t, d, phone, "afresh")
}

func TestFileIsNoFile(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, []byte("not ours"))
	makers := map[string]func(file string) error{
		"a link to a file":    func(file string) error { return os.Symlink(outside, file) },
		"a link to nothing":   func(file string) error { return os.Symlink("nothing", file) },
		"a link to a device":  func(file string) error { return os.Symlink("/dev/zero", file) },
		"a directory":         func(file string) error { return os.Mkdir(file, 0o700) },
		"more than a MaxBody": func(file string) error { return errors.Join(os.WriteFile(file, nil, 0o600), os.Truncate(file, 1<<40)) },
	}
	for what, maker := range makers {
		t.Run(what, func(t *testing.T) {
			d, file, _ := stored(t, "settings")
			if err := errors.Join(os.Remove(file), maker(file)); err != nil {
				t.Fatal(err)
			}
			expectDamaged(t, d, what)
		})
	}
	if content, err := os.ReadFile(outside); err != nil || string(content) != "not ours" {
		t.Errorf("the file that the link names is %q, %v", content, err)
	}
}

// FuzzLoad: a file either is damaged or is what Save writes for its body.
func FuzzLoad(f *testing.F) {
	d, file, content := stored(f, "DBID_DBASE_VERSION=1\n")
	f.Add(content)
	f.Add([]byte("provsim-state 1 0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"))
	f.Add([]byte("provsim-state 2 99999999999999999999 \n"))
	f.Add([]byte("provsim-state 1 -1 x\nbody"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		write(t, file, content)
		body, err := d.Load(phone)
		if err != nil {
			expectDamaged(t, d, string(content))
			return
		}
		save(t, d, phone, string(body))
		if again, err := os.ReadFile(file); err != nil || !slices.Equal(again, content) {
			t.Fatalf("%q loads, but saving it again gives %q, %v", content, again, err)
		}
	})
}
