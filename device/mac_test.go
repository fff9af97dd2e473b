package device

import (
	"encoding/json"
	"testing"
)

// The forms of FV-ID-1, and what they refuse.
func TestParseMAC(t *testing.T) {
	for _, text := range []string{"0021f2011b19", "00:21:f2:01:1b:19", "00-21-F2-01-1B-19", "0021.f201.1b19", "0021F2011B19"} {
		m, err := ParseMAC(text)
		if err != nil || m.String() != "0021f2011b19" {
			t.Errorf("ParseMAC(%q) = %v, %v", text, m, err)
		}
	}
	for _, text := range []string{
		"", "0021f2011b1", "0021f2011b199", "0021f2011b1g", "00:21:f2:01:1b", "0:021:f2:01:1b:19", "00:21-f2:01-1b:19",
		"0021f.2011b.19", "000000000000", "01005e000001", "ff:ff:ff:ff:ff:ff", " 0021f2011b19",
	} {
		if m, err := ParseMAC(text); err == nil {
			t.Errorf("ParseMAC(%q) = %v, want an error", text, m)
		}
	}
}

func TestMACForms(t *testing.T) {
	m := MAC{0x00, 0x21, 0xf2, 0x01, 0x1b, 0x19}
	if m.String() != "0021f2011b19" || m.Upper() != "0021F2011B19" || m.Colons() != "00:21:f2:01:1b:19" {
		t.Errorf("forms %s %s %s", m, m.Upper(), m.Colons())
	}
	text, err := json.Marshal(m)
	var back MAC
	if err != nil || json.Unmarshal(text, &back) != nil || back != m {
		t.Errorf("JSON %s reads back as %v (%v)", text, back, err)
	}
}

func FuzzParseMAC(f *testing.F) {
	f.Add("00:21:f2:01:1b:19")
	f.Add("0021.f201.1b19")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMAC(text)
		if err != nil {
			return
		}
		if again, err := ParseMAC(m.Colons()); err != nil || again != m || m[0]&1 != 0 {
			t.Fatalf("%q gives %v, which reads as %v (%v)", text, m, again, err)
		}
	})
}
