package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"provsim/encrypt"
	"provsim/internal/testing/peer"
)

// BenchmarkCipher encrypts and decrypts 8 MB and 256 MB by AES-256-CBC with MD5, which is
// what openssl enc -aes-256-cbc -md md5 does (FV-ENC-2).
func BenchmarkCipher(b *testing.B) {
	const key = "123456"
	c, err := encrypt.Lookup("openssl-md5")
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{8, 256} {
		b.Run(fmt.Sprintf("MB=%d", size), func(b *testing.B) { benchmarkCipher(b, c, key, noise(size<<20)) })
	}
}

func benchmarkCipher(b *testing.B, c encrypt.Cipher, key string, plain []byte) {
	encrypted, err := c.Encrypt(nil, plain, key, encrypt.Entropy{})
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	peer.Publish(b, dir, map[string][]byte{"encrypt": plain, "decrypt": encrypted})
	checks := map[string]func([]byte) error{
		"encrypt": func(result []byte) error {
			text, err := c.Decrypt(nil, result, key)
			return errors.Join(err, same(text, plain))
		},
		"decrypt": func(result []byte) error { return same(result, plain) },
	}
	for command, flag := range map[string]string{"encrypt": "-e", "decrypt": "-d"} {
		source, result := filepath.Join(dir, command), filepath.Join(dir, "result")
		run := func(b *testing.B, program string, args ...string) {
			measure(b, float64(len(plain)), "B/s",
				func(ctx context.Context) error { return execute(ctx, program, args...) },
				func() error { return checkFile(result, checks[command]) })
		}
		b.Run(command+"/tool=provsim", func(b *testing.B) { run(b, provsim(b), command, key, source, result) })
		b.Run(command+"/tool=openssl", func(b *testing.B) {
			run(b, peer.Find(b, "openssl", "openssl"), "enc", flag, "-aes-256-cbc", "-md", "md5", "-k", key, "-in", source, "-out", result)
		})
	}
}
