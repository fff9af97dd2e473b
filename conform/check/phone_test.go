package check

import (
	"testing"

	"provsim/device"
)

// The phones of a target may be of the guide's age (FV-TLS-3).
func TestQuirksAndVersionsOfTLS(t *testing.T) {
	mac := device.MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	target := &Target{
		ProfileRule: "https://h/f", Phones: []Phone{{MAC: mac}},
		Quirks: []string{"tls-rsa", "tls-cn"}, TLS: device.TLSRange{Min: 10, Max: 11},
	}
	p, err := NewProbe(target, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	req, err := p.Request(mac)
	if tls := req.TLS; err != nil || !tls.RSA || !tls.CommonName || tls.SHA1 || tls.Min != 10 || tls.Max != 11 {
		t.Errorf("%+v, %v", tls, err)
	}
	for _, wrong := range []Target{{Quirks: []string{"tls-x"}}, {TLS: device.TLSRange{Min: 13, Max: 10}}} {
		if _, err := NewProbe(&wrong, Settings{}); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
