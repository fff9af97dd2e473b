package grandstream

import (
	"testing"

	"provsim/device"
	"provsim/internal/testing/bench"
)

// GS-SRC-6: the redirect server is the first configuration server. Its file leads to
// another one, which is asked for what follows (GS-PLAN-1).
func TestRedirect(t *testing.T) {
	settings, option, ok := Personality.Expand("redirect-server", "http://r:8000/gs")
	if !ok || option != 0 {
		t.Fatalf("option %d, %v", option, ok)
	}
	var list []string
	for _, s := range settings {
		p, _ := Personality.Parameters.Find(s.Name)
		list = append(list, p.Name+"="+s.Value)
	}
	p := bench.New(t, &Personality, example, nil, list...)
	p.Files["http://r:8000/gs/cfg000b82010203.xml"] = xml1("P212=1", "P237=b/own")
	p.Files["http://b/own/cfg000b82010203.xml"] = xml1("P271=1")
	if p.Boot(); p.Asked[0].Host != "r" || p.Setting("P237") != "b/own" {
		t.Errorf("asked %s first, P237 %s", p.Asked[0].URL(), p.Setting("P237"))
	}
	p.Paths()
	if p.Tell(device.Input{Kind: device.AskResync}); p.Asked[0].Host != "b" || p.Setting("P271") != "1" {
		t.Errorf("then %q", p.Log)
	}
	none := bench.New(t, &Personality, example, nil)
	if none.Boot(); none.Paths() != "" || none.Outcome() != "no-server" {
		t.Errorf("without a redirect server: %q", none.Log)
	}
}

// GS-UP-3: firmware.confirm.enable asks the user after a manual check, and not at boot.
func TestConfirm(t *testing.T) {
	p := has(newPhone(t, nil, "P192=f/fw", "P6767=1"), own+".xml", `<config version="2"><item name="firmware.confirm.enable">Yes</item></config>`)
	p.Files["http://f/fw/gxp2170fw.bin"] = string(Personality.Image("GXP2170", "1.0.11.90", []byte("code")))
	if p.Boot(); p.Setting("firmware.confirm.enable") != "Yes" || !p.Said("reboot") {
		t.Errorf("the journal is %q", p.Log)
	}
}

// GS-TRG-3: the sender of a NOTIFY shows the password of the first account, unless the
// setting says no.
func TestNotifyFrom(t *testing.T) {
	for _, c := range []struct {
		settings []string
		want     *device.Account
	}{
		{nil, nil},
		{[]string{"P35=100", "P34=secret"}, &device.Account{User: "100", Password: "secret"}},
		{[]string{"P35=100", "P36=auth", "P34=secret"}, &device.Account{User: "auth", Password: "secret"}},
		{[]string{"P35=100", "P34=secret", "sip.notify.challenge=No"}, nil},
	} {
		got, takes := Personality.NotifyFrom(newPhone(t, nil, c.settings...).Device, "100")
		if !takes || (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%q: %v, %v; want %v", c.settings, got, takes, c.want)
		}
	}
}
