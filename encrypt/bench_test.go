package encrypt

import "testing"

// benchmarkFiles runs do with a configuration file of a usual size and with the
// largest thing that one might encrypt.
func benchmarkFiles(b *testing.B, do func(b *testing.B, c Cipher, plain []byte)) {
	for _, c := range Ciphers() {
		for _, size := range []struct {
			name  string
			bytes int
		}{{"2KB", 2 << 10}, {"8MB", 8 << 20}} {
			b.Run(c.Name+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(size.bytes))
				b.ReportAllocs()
				do(b, c, sample(size.bytes))
			})
		}
	}
}

func BenchmarkEncrypt(b *testing.B) {
	benchmarkFiles(b, func(b *testing.B, c Cipher, plain []byte) {
		var encrypted []byte
		for b.Loop() {
			var err error
			if encrypted, err = c.Encrypt(encrypted[:0], plain, "123456", Entropy{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecrypt(b *testing.B) {
	benchmarkFiles(b, func(b *testing.B, c Cipher, plain []byte) {
		encrypted, err := c.Encrypt(nil, plain, "123456", Entropy{})
		if err != nil {
			b.Fatal(err)
		}
		var decrypted []byte
		for b.Loop() {
			if decrypted, err = c.Decrypt(decrypted[:0], encrypted, "123456"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
