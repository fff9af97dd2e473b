// Package goodserver holds the files and certificates of a good provisioning setup. The
// tests of the checks serve them.
package goodserver

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"provsim/conform/check"
	"provsim/device"
	"provsim/device/vendors"
	"provsim/internal/lab"
)

// A Setup is what such a server has for two phones. Files are by path, which
// begins with "/"; a test changes them before the servers start.
type Setup struct {
	Files   map[string][]byte
	CA      *lab.Authority
	Phones  []check.Phone
	Expired check.Certificate
}

// The files of a setup beside the phones' own, which are /fv<MAC>.conf.
const (
	Empty    = "/empty.bin"
	Large    = "/large.bin" // more than 65,536 blocks of 8 bytes
	Text     = "/text.txt"
	Firmware = "/IP542N_v3.4.0.bin"
)

// Rule is the path of a Profile Rule for the phones' files.
const Rule = "/fv$(MAU).conf"

// New makes a setup.
func New(t testing.TB) *Setup {
	t.Helper()
	ca, err := lab.NewAuthority("provisioning CA", lab.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	s := &Setup{CA: ca, Files: map[string][]byte{
		Empty:    {},
		Large:    bytes.Repeat([]byte("firmware"), 1<<16+10),
		Text:     []byte("one line\nanother line\n"),
		Firmware: bytes.Repeat([]byte{0x7f, 'F', 'V', 0}, 1<<16),
	}}
	for i := range 2 {
		mac := device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, byte(0x19 + i)}
		s.Phones = append(s.Phones, check.Phone{MAC: mac, Certificate: s.issue(t, lab.Client(mac, "IP542N"))})
		s.Files[Path(mac)] = vendors.Default().Tree.Example(device.Identity{MAC: mac, Product: "IP542N"}, 1, "DBID_PRV_OPTION66_ENABLED=0")
	}
	expired := lab.Client(s.Phones[0].MAC, "IP542N")
	expired.Expires = time.Now().Add(-time.Hour)
	s.Expired = s.issue(t, expired)
	return s
}

// Path returns where a phone's configuration is.
func Path(mac device.MAC) string { return fmt.Sprintf("/fv%s.conf", mac.Upper()) }

func (s *Setup) issue(t testing.TB, leaf lab.Leaf) check.Certificate {
	t.Helper()
	cert, key, err := s.CA.Issue(leaf)
	if err != nil {
		t.Fatal(err)
	}
	return check.Certificate{Cert: cert, Key: key}
}

// Target describes the setup, before any server is known.
func (s *Setup) Target() check.Target {
	return check.Target{Phones: s.Phones, CA: s.CA.PEM(), Expired: s.Expired}
}
