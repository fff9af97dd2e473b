package device_test

import (
	"fmt"
	"strings"
	"testing"

	"provsim/device"
)

// Secrets are read by name, and neither they nor errors about them show a value.
func TestSecrets(t *testing.T) {
	p := device.Personality{Vendor: "Ours", Secrets: []string{"value-key", "file"}}
	s, err := p.ReadSecrets("# mine\n\nvalue-key = hush\r\nfile=x=y\n")
	if err != nil || s["value-key"] != "hush" || s["file"] != "x=y" {
		t.Errorf("secrets are %d, error %v", len(s), err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, s); strings.Contains(text, "hush") {
			t.Errorf("%s shows a secret", form)
		}
	}
	for text, want := range map[string]string{
		"hush\n": "line 1: want NAME=VALUE", "file=\n": "want NAME=VALUE", "\nhush=1\n": "line 2: the name is unknown, want one of value-key, file",
		"file=hush\nfile=hush": "line 2: file is given twice",
	} {
		if _, err := p.ReadSecrets(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	if _, err := (&device.Personality{Vendor: "Ours"}).ReadSecrets("a=hush"); err == nil || !strings.Contains(err.Error(), "no secrets") {
		t.Errorf("a vendor without secrets: error %v", err)
	}
}
