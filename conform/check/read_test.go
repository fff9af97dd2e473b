package check_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"provsim/conform/check"
	"provsim/device"
)

func TestReadTarget(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("ca.pem", "-----BEGIN CERTIFICATE-----\n")
	got, err := check.ReadTarget(write("target.yaml", `
profile-rule: https://pbx.example/fv$(MAU).conf
ca: ca.pem
phones:
  - mac: 00:21:f2:01:1b:19
    key-pass: whatever
  - mac: 0021f2011b1a
dhcp: {private: true, lease: 2h}
policy:
  access: certificate
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &check.Target{
		ProfileRule: "https://pbx.example/fv$(MAU).conf",
		CA:          check.PEM("-----BEGIN CERTIFICATE-----\n"),
		Phones: []check.Phone{
			{MAC: device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}, Certificate: check.Certificate{Pass: "whatever"}},
			{MAC: device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x1a}},
		},
		DHCP:   check.DHCP{Private: true, Lease: 2 * time.Hour},
		Policy: check.Policy{Access: check.ByCertificate},
		Source: check.Source{File: filepath.Join(dir, "target.yaml"), Lines: map[string]int{"profile-rule": 2, "ca": 3, "phones": 4, "dhcp": 8, "policy": 9}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParseTargetSaysWhere(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an unknown key", "phones:\n  - mac: 0021f2011b19\n    sertial: x\n", `3:5: phones[0].sertial: is unknown, did you mean "serial"?`},
		{"a key twice", "fleet: 1\nfleet: 2\n", `2:1: fleet: found a second time`},
		{"a word for a number", "fleet: many\n", `1:8: fleet: found "many", want a whole number`},
		{"a map for a value", "ca: {file: x}\n", "1:5: ca: found a mapping, want a value"},
		{"a value for a list", "phones: 1\n", `1:9: phones: found "1", want a list`},
		{"a list for a map", "policy: [open]\n", "1:9: policy: found a list, want keys and values"},
		{"an unknown word", "policy:\n  access: opne\n", `2:11: policy.access: unknown access "opne", did you mean "open"?`},
		{"a multicast address", "phones:\n- mac: 01:21:f2:01:1b:19\n", "2:8: phones[0].mac: MAC address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := check.ParseTarget([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
