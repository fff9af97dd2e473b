package web_test

import (
	"testing"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/lab"
	"provsim/internal/testing/keyform"
	"provsim/profile"
	"provsim/resync"
)

// BenchmarkFetch is one configuration of 2 KB, server and connection included.
func BenchmarkFetch(b *testing.B) {
	l, err := lab.Start(lab.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	l.Files.Put("f", make([]byte, 2048))
	cert, key, err := l.CA.Issue(lab.Client(phone, "IP542N"))
	if err != nil {
		b.Fatal(err)
	}
	for _, scheme := range []string{"http", "https"} {
		b.Run(scheme, func(b *testing.B) {
			req := device.Request{
				Target: profile.Target{Scheme: scheme, Host: "127.0.0.1", Port: l.Addr(scheme).Port(), Path: "/f"}, Limit: 1 << 20,
				TLS: device.TLSOptions{Certificates: &device.Certificates{CA: l.CA.PEM(), Cert: cert, Key: key}},
			}
			b.ReportAllocs()
			for b.Loop() {
				if reply := new(web.Client).Fetch(b.Context(), req); reply.Outcome != resync.None {
					b.Fatal(reply.Outcome, reply.Note)
				}
			}
		})
	}
}

// BenchmarkParseCertificates is what a fetch over HTTPS pays again each time.
func BenchmarkParseCertificates(b *testing.B) {
	ca, err := lab.NewAuthority("lab CA", lab.ECDSA)
	if err != nil {
		b.Fatal(err)
	}
	cert, plain, err := ca.Issue(lab.Client(phone, "IP542N"))
	if err != nil {
		b.Fatal(err)
	}
	sealed, err := keyform.Encrypt(plain, keyform.EncryptedPKCS8, "whatever")
	if err != nil {
		b.Fatal(err)
	}
	for name, key := range map[string][]byte{"plain": plain, "PBKDF2": sealed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := web.ParseCertificates(&device.Certificates{CA: ca.PEM(), Cert: cert, Key: key}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
