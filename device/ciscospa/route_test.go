package ciscospa

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"provsim/device"
	"provsim/device/steps"
)

// The short way asks for what reading the whole rule leads to.
func TestRouteAsksForTheSame(t *testing.T) {
	part := rapid.SampledFrom([]string{"$MA", "$MAU", "$PSN", "$(PN:3)", "$A", "$SA", "$STRANGE", "a", "x/", "?q=", " ", "|", "(", "#", "$$", "$SWVER", "[--uid u]", "é"})
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"/", "http://h/", "tftp://h:6969/", "HTTP://h/", "h/", "https://$MA/", "", "http:///"}).Draw(t, "begin") +
			strings.Join(rapid.SliceOfN(part, 0, 4).Draw(t, "path"), "")
		p := newPhone(t, "GPP_A=1 | /2", "GPP_SA=hunter2")
		p.offer("66", rapid.SampledFrom([]string{"10.0.0.5", "10.0.0.5:69", "http://h/", "http://h/$PSN/", "http://u:p@h/", "http://h/?q=/", "tftp://$A/x", "http://h/$MA.cfg", "http://h/$SN/", "[--key k]http://h/", "http://h", "x"}).Draw(t, "option"))
		p.boot()
		p.tell(device.Input{Kind: device.GotLease, Lease: p.lease})
		rules := newReader(vendor.Boot(p.Model(), p.saved.Config).(*steps.Firmware), p.Device, p.saved.Config)
		if rapid.Bool().Draw(t, "first") {
			rules.name = profileRule
		}
		own := rules.Own.(*own)
		short := own.route(rules, text)
		if short == nil {
			return
		}
		taken++
		to, url := short.To(live{device.LiveVars{Device: p.Device}})
		a, target, err := rules.find(text)
		if err != nil || a == nil || len(a.Options)+len(a.Assignments) > 0 || target.URL() != url || to != target {
			t.Fatalf("%s: the short way asks for %s, the rule for %s: %v, %v", text, url, target.URL(), a, err)
		}
	})
	if taken == 0 {
		t.Error("no rule took the short way")
	}
}
