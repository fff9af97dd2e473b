package device

import (
	"maps"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	o, err := ParseOptions([]string{"150=0x7f0000010a000001", "160=http://h/x=y", "43=", "66=old", "150=0x7f000001"})
	offer := o.Offer("new")
	want := map[uint8]string{150: "\x7f\x00\x00\x01", 160: "http://h/x=y", 43: "", 66: "new"}
	if got := maps.Collect(offer.All()); err != nil || !maps.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	for _, text := range []string{"", "150", "=x", "0=x", "255=x", "256=x", "-1=x", "66=0x1", "66=0xzz", "a=b"} {
		if _, err := ParseOptions([]string{text}); err == nil {
			t.Errorf("%q is taken", text)
		} else if strings.Contains(err.Error(), "zz") {
			t.Errorf("%q: the error %v shows the value", text, err)
		}
	}
	if got := maps.Collect(o.Offer("").All()); got[66] != "old" {
		t.Errorf("%q, want option 66 as given", got)
	}
}

// Unread tells a lease that leads phones of other vendors from one that leads no phone.
func TestUnread(t *testing.T) {
	for text, c := range map[string]struct {
		options []string
		reads   []uint8
	}{
		"": {[]string{"66=h", "3=0x0a000001"}, []uint8{66}},
		"the lease has option 150 with 127.0.0.1, which these phones do not read":           {[]string{"150=0x7f000001"}, []uint8{66}},
		"the lease has option 66, option 160, which these phones do not read":               {[]string{"160=http://u:secret@h/", "66=h"}, nil},
		"the lease has option 150, which these phones do not read":                          {[]string{"150=bad"}, []uint8{66}},
		"the lease has option 43, option 150 with 10.0.0.1, which these phones do not read": {[]string{"150=0x0a000001", "43=x", "160=y"}, []uint8{160}},
	} {
		options, err := ParseOptions(c.options)
		if got := options.Offer("").Unread(c.reads...); err != nil || got != text {
			t.Errorf("%v: %q, %v; want %q", c.options, got, err, text)
		}
	}
	if got := (*Offer)(nil).Unread(); got != "" {
		t.Errorf("no lease: %q", got)
	}
}

// The journal names the option that is used, and no password.
func TestTheOptionThatIsUsed(t *testing.T) {
	for want, c := range map[string]struct {
		options []string
		servers []uint8
	}{
		"":                                  {[]string{"160=http://h/"}, []uint8{66}},
		`, option 66 "h"`:                   {[]string{"66=h", "160=http://h/"}, []uint8{66, 160}},
		`, option 160 "http://u:******@h/"`: {[]string{"66=h", "160=http://u:secret@h/"}, []uint8{160, 66}},
		", option 150 127.0.0.1":            {[]string{"150=0x7f0000010a000001"}, []uint8{150}},
		`, option 150 "x"`:                  {[]string{"150=x"}, []uint8{150}},
		", option 43 of 3 bytes":            {[]string{"43=0x010203", "66=h"}, []uint8{43, 66}},
	} {
		options, err := ParseOptions(c.options)
		if got := string(options.Offer("").appendServer(nil, c.servers)); err != nil || got != want {
			t.Errorf("%v by %v: %q, %v; want %q", c.options, c.servers, got, err, want)
		}
	}
}
