package clientcert

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/macro"
)

// authority makes one with a key of its own, from a template that a test may
// change.
func authority(t testing.TB, change func(*x509.Certificate)) (certPEM, keyPEM []byte) {
	t.Helper()
	return issue(t, nil, change)
}

func mac(i int) device.MAC { return device.MAC{0, 0x21, 0xf2, byte(i >> 16), byte(i >> 8), byte(i)} }

func vars(i int) macro.Vars { return macro.Map{"MAU": mac(i).Upper(), "PN": "IP542N"} }

func who(i int) (device.MAC, macro.Vars) { return mac(i), vars(i) }

func open(t testing.TB, dir, subject string) (*Issuer, *x509.CertPool) {
	t.Helper()
	cert, key := authority(t, nil)
	a, err := ReadAuthority(cert, key, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSubject(subject, macro.Sipura)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, a, Form{Subject: s})
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return m, pool
}

// leaf reads a pair as a phone does, and returns its certificate.
func leaf(t testing.TB, c *device.Certificates) *x509.Certificate {
	t.Helper()
	id, err := web.ParseCertificates(c)
	if err != nil {
		t.Fatal(err)
	}
	return id.Client.Leaf
}

func TestCertificateIsTheDevicesAndTheAuthoritys(t *testing.T) {
	m, pool := open(t, t.TempDir(), `CN=$MAU,OU=$PN,O=Example\, Ltd.`)
	pair, err := m.Pair(mac(7), vars(7))
	if err != nil {
		t.Fatal(err)
	}
	cert := leaf(t, pair)
	if got, want := cert.Subject.String(), `CN=0021F2000007,OU=IP542N,O=Example\, Ltd.`; got != want {
		t.Errorf("subject %s, want %s", got, want)
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if cert.NotBefore.After(time.Now()) || cert.NotAfter.Before(time.Now().Add(23*time.Hour)) {
		t.Errorf("valid from %v to %v", cert.NotBefore, cert.NotAfter)
	}
}

func TestCertificateStaysTheSame(t *testing.T) {
	dir := t.TempDir()
	m, _ := open(t, dir, "CN=$MAU")
	first, err := m.Pair(mac(1), vars(1))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir, m.authority, m.form)
	if err != nil {
		t.Fatal(err)
	}
	for name, issuer := range map[string]*Issuer{"the same issuer": m, "another run": again} {
		pair, err := issuer.Pair(mac(1), vars(1))
		if err != nil || string(pair.Cert) != string(first.Cert) {
			t.Errorf("%s: another certificate, or %v", name, err)
		}
	}
	other, err := m.Pair(mac(2), vars(2))
	if err != nil || string(other.Cert) == string(first.Cert) {
		t.Errorf("another device: the same certificate, or %v", err)
	}
}

func TestAnotherAuthorityOrSubjectMakesNewOnes(t *testing.T) {
	dir := t.TempDir()
	m, _ := open(t, dir, "CN=$MAU")
	subject, err := ParseSubject("CN=$MAU,O=new", macro.Sipura)
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := Open(dir, m.authority, Form{Subject: subject})
	if err != nil {
		t.Fatal(err)
	}
	numbered, err := Open(dir, m.authority, Form{Subject: m.form.Subject, SerialStart: []byte{2}})
	if err != nil {
		t.Fatal(err)
	}
	other, pool := open(t, dir, "CN=$MAU")
	if _, err := m.Pair(mac(1), vars(1)); err != nil {
		t.Fatal(err)
	}
	if pair, err := renamed.Pair(mac(1), vars(1)); err != nil || leaf(t, pair).Subject.Organization == nil {
		t.Errorf("another subject: the old certificate, or %v", err)
	}
	if pair, err := numbered.Pair(mac(1), vars(1)); err != nil || leaf(t, pair).SerialNumber.Text(16) != "20021f2000001" {
		t.Errorf("another serial number: the old certificate, or %v", err)
	}
	pair, err := other.Pair(mac(1), vars(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf(t, pair).Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("another authority: %v", err)
	}
}

func TestDamagedFileIsMadeAnew(t *testing.T) {
	for _, kept := range []int{0, 1, 300} {
		m, _ := open(t, t.TempDir(), "CN=$MAU")
		if _, err := m.Pair(mac(1), vars(1)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(m.path(mac(1)), int64(kept)); err != nil {
			t.Fatal(err)
		}
		pair, err := m.Pair(mac(1), vars(1))
		if err != nil {
			t.Fatal(err)
		}
		leaf(t, pair)
		if file, err := os.ReadFile(m.path(mac(1))); err != nil || string(file) != string(pair.Cert) {
			t.Errorf("cut to %d bytes: the new one is not kept (%v)", kept, err)
		}
	}
}

// What lies where a device's file belongs is not read without a bound.
func TestAHugeFileIsRefused(t *testing.T) {
	m, _ := open(t, t.TempDir(), "CN=$MAU")
	if _, err := m.Pair(mac(1), vars(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(m.path(mac(1)), 1<<40); err != nil { // a file with a hole
		t.Skip(err)
	}
	if _, err := m.Pair(mac(1), vars(1)); err == nil || !strings.Contains(err.Error(), "want at most 1048576 bytes") {
		t.Errorf("%v, want it refused", err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	m, _ := open(t, filepath.Join(t.TempDir(), "new"), "CN=$MAU")
	if _, err := m.Pair(mac(1), vars(1)); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.Walk(m.dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			files++
		}
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files != 1 {
		t.Errorf("%d files (%v), want one and no draft", files, err)
	}
}

// Of two who make one at the same time, the second takes the first's.
func TestFirstFileStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "00", "x.pem")
	for _, file := range []string{"first", "second"} {
		got, err := keep(path, append([]byte(file), end...))
		if err != nil || !strings.HasPrefix(string(got), "first") {
			t.Errorf("%s: %q, %v, want the first", file, got, err)
		}
	}
}

// However many ask for the same device at once, all get the same certificate.
func TestOneCertificateForAllWhoAsk(t *testing.T) {
	m, _ := open(t, t.TempDir(), "CN=$MAU")
	var all sync.WaitGroup
	got := make([]string, 20)
	for i := range got {
		all.Go(func() {
			pair, err := m.Pair(mac(1), vars(1))
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = string(pair.Cert)
		})
	}
	all.Wait()
	for i := range got {
		if got[i] != got[0] {
			t.Fatalf("asker %d has another certificate than asker 0", i)
		}
	}
}

func TestAhead(t *testing.T) {
	m, _ := open(t, t.TempDir(), "CN=$MAU")
	var told []int
	if err := m.Ahead(t.Context(), 250, who, func(ready int) { told = append(told, ready) }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(told) != "[100 200 250]" {
		t.Errorf("told %v, want 100, 200, 250", told)
	}
	for i := range 250 {
		if _, err := os.Stat(m.path(mac(i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAheadEnds(t *testing.T) {
	m, _ := open(t, t.TempDir(), "CN=$MAU")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Ahead(ctx, 10, who, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	err := m.Ahead(t.Context(), 10, func(i int) (device.MAC, macro.Vars) {
		return mac(i), macro.Map{"MAU": strings.Repeat("x", 65)}
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "at most 64") {
		t.Errorf("a name that is too long: %v", err)
	}
}

func BenchmarkPair(b *testing.B) {
	m, _ := open(b, b.TempDir(), "CN=$MAU")
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if _, err := m.Pair(mac(n), vars(n)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("kept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Pair(mac(0), vars(0)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ahead", func(b *testing.B) {
		const devices = 1000
		for b.Loop() {
			m.dir = b.TempDir()
			if err := m.Ahead(b.Context(), devices, who, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*devices)/b.Elapsed().Seconds(), "certificates/s")
	})
}
