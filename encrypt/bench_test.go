package encrypt

import "testing"

// benchmarkFiles runs do with a configuration file of a usual size and with the
// largest thing that one might seal.
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

func BenchmarkSeal(b *testing.B) {
	benchmarkFiles(b, func(b *testing.B, c Cipher, plain []byte) {
		var sealed []byte
		for b.Loop() {
			var err error
			if sealed, err = c.Seal(sealed[:0], plain, "123456", Entropy{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	benchmarkFiles(b, func(b *testing.B, c Cipher, plain []byte) {
		sealed, err := c.Seal(nil, plain, "123456", Entropy{})
		if err != nil {
			b.Fatal(err)
		}
		var opened []byte
		for b.Loop() {
			if opened, err = c.Open(opened[:0], sealed, "123456"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
