package snom

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

var example = device.Identity{MAC: device.MAC{0x00, 0x04, 0x13, 0x96, 0xd9, 0xb4}}

const (
	stored   = "setting_server=https://h/p/"
	general  = "/p/snomD785.htm"
	specific = "/p/snomD785-00041396D9B4.htm"
)

func newPhone(t testing.TB, settings ...string) *bench.Phone {
	return bench.New(t, &Personality, example, nil, settings...)
}

func again(p *bench.Phone) string {
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	return p.Outcome()
}

// Vector 1 (SN-PLAN-1), and §10: neither file's absence is fatal, both are not-found.
// SN-PLAN-6: one file that parses is a success, and all are asked for anew each time.
// SN-TRG-1: without a random delay. SN-OUT-1: nothing is uploaded.
func TestDirectory(t *testing.T) {
	p := newPhone(t, stored)
	if p.Boot(); p.Paths() != general+" "+specific || p.Outcome() != "not-found" {
		t.Errorf("the journal is %q", p.Log)
	}
	p.Files["https://h"+specific] = "language: Deutsch\n"
	if again(p) != "applied" || p.Setting("language") != "Deutsch" || p.Said("reboot") {
		t.Errorf("the journal is %q", p.Log)
	}
	p.Paths()
	if again(p) != "unchanged" || p.Paths() != general+" "+specific { // SN-CHG-1: values are compared
		t.Errorf("the same file again: %q", p.Log)
	}
	p.Files["https://h"+specific] = "# another comment\nlanguage: Deutsch\n"
	if again(p) != "unchanged" {
		t.Errorf("another comment: %q", p.Log)
	}
	p.Files["https://h"+general] = "vlan_id: 7\n"
	if again(p) != "applied" || !p.Said("reboot") { // SN-CHG-2
		t.Errorf("a network setting: %q", p.Log)
	}
	for _, r := range p.Asked {
		if r.Method != device.Read {
			t.Errorf("the phone sends a %v to %s", r.Method, r.URL())
		}
	}
}

// Vectors 2 and 4 (SN-SRC-1, SN-PLAN-2). SN-SRC-4: the URL of the lease is not stored.
// SN-SRC-6: the join of options 66 and 67, and tftp. SN-SRC-2: the stored server alone is not
// what redirection leads to, so the other sources come too; without one the source gives
// nothing.
func TestSources(t *testing.T) {
	p := newPhone(t).Offer("66=http://h", "67=snom/cfg.php?mac={mac}")
	if p.Boot(); p.Paths() != "/snom/cfg.php?mac=00041396D9B4" || p.Setting("setting_server") != "no setting_server" {
		t.Errorf("66 and 67: %q", p.Log)
	}
	p = newPhone(t).Offer("66=10.0.0.1")
	if p.Boot(); p.Asked[0].URL() != "tftp://10.0.0.1/snomD785.htm" {
		t.Errorf("a bare address: %q", p.Log)
	}
	p = newPhone(t).Offer("43=http://v/x.xml")
	if p.Boot(); p.Asked[0].URL() != "http://v/x.xml" {
		t.Errorf("option 43: %q", p.Log)
	}
	for order, want := range map[string]string{
		"redirection:stop dhcp:stop":    general + " " + specific + " /d.xml", // SN-SRC-2: a server that leads nowhere else is no redirection
		"redirection:proceed dhcp:stop": general + " " + specific + " /d.xml",
		"dhcp:stop redirection:stop":    "/d.xml",
		"pnp:stop tr69:stop":            "",
	} {
		p := newPhone(t, stored, "provisioning_order="+order).Offer("66=http://d/d.xml")
		p.Files["https://h"+general] = "a: 1\n"
		p.Files["http://d/d.xml"] = "<settings><phone-settings><b>2</b></phone-settings></settings>"
		if p.Boot(); p.Paths() != want {
			t.Errorf("%s: %q", order, p.Log)
		}
	}
	// A failure goes on to the next source.
	p = newPhone(t, stored).Offer("66=http://d/d.xml")
	if p.Boot(); p.Paths() != general+" "+specific+" /d.xml" {
		t.Errorf("after a failure: %q", p.Log)
	}
	moved := newPhone(t, stored).Offer("66=http://d/d.xml")
	moved.Files["https://h"+general] = "setting_server: http://new/s.xml\n"
	moved.Files["http://new/s.xml"] = "a: 1\n"
	if moved.Boot(); moved.Paths() != general+" "+specific+" /s.xml" {
		t.Errorf("a redirection: %q", moved.Log)
	}
	old := bench.New(t, &Personality, example, device.Quirks{discovery: "2011"}, stored, "provisioning_order=tr69:stop").Offer("66=http://d/d.xml")
	old.Files["https://h"+general] = "a: 1\n"
	if old.Boot(); old.Paths() != general+" "+specific { // SN-SRC-3
		t.Errorf("quirk discovery=2011: %q", old.Log)
	}
	none := newPhone(t)
	if none.Boot(); none.Outcome() != "no-server" {
		t.Errorf("no source: %q", none.Log)
	}
}

// SN-SRC-5: SIP PnP, with {mac} and {model} replaced in the URL that it brings (SN-SRC-7).
func TestPnP(t *testing.T) {
	const asks = "pnp://224.0.1.75/MAC%3a00041396D9B4"
	for quirk, event := range map[string]string{
		"off": `ua-profile;profile-type="device";vendor="snom";model="snomD785";version="10.1.169.16"`,
		"on":  `ua-profile;profile-type="device";vendor="OEM";model="OEM";version="10.1.169.16"`,
	} {
		p := bench.New(t, &Personality, example, device.Quirks{pnpOEM: quirk}).Offer("66=http://d/d.xml")
		p.Model().PnP = "224.0.1.75:5060"
		p.Files[asks], p.Files["http://p/snomD785/00041396D9B4.xml"] = "http://p/{model}/{mac}.xml", "a: 1\n"
		if p.Boot(); p.Asked[0].URL() != asks || p.Asked[0].Type != event || p.Paths() != "/MAC%3a00041396D9B4 /snomD785/00041396D9B4.xml" {
			t.Errorf("asked by %q: %q", p.Asked[0].Type, p.Log)
		}
	}
}

// SN-PLAN-5: the names of DECT bases.
func TestBases(t *testing.T) {
	for product, want := range map[string]string{"M900": "/p/snomM900.htm /p/snomM900-00041396D9B4.htm", "M3": "/p/Config/00041396D9B4.cfg"} {
		id := example
		id.Product = product
		p := bench.New(t, &Personality, id, nil, stored)
		if p.Boot(); p.Paths() != want {
			t.Errorf("%s: %q", product, p.Log)
		}
	}
}

// Vector 3 (SN-PLAN-3): named files in their order, nested at most five deep.
func TestSettingFiles(t *testing.T) {
	p := newPhone(t, stored)
	p.Files["https://h"+general] = `<setting-files><file url="http://h/a.xml"/><file url="b-{mac}.xml"/></setting-files>`
	p.Files["http://h/a.xml"] = "<settings><phone-settings><x>1</x></phone-settings></settings>"
	p.Files["https://h/p/b-00041396D9B4.xml"] = "<phone-settings><x perm=\"R\">2</x><line idx=\"3\">y</line></phone-settings>"
	if p.Boot(); p.Paths() != general+" /a.xml /p/b-00041396D9B4.xml "+specific || p.Setting("x") != "2" || p.Setting("line3") != "y" {
		t.Errorf("the journal is %q", p.Log)
	}
	loop := newPhone(t, stored)
	loop.Files["https://h"+general] = `<setting-files><file url="snomD785.htm"/></setting-files>`
	if loop.Boot(); strings.Count(loop.Paths(), general) != mostNested+1 {
		t.Errorf("a file that names itself: %q", loop.Log)
	}
}

// SN-CHG-2: a changed setting_server is fetched in the same run, at most five times.
func TestChangedServer(t *testing.T) {
	p := newPhone(t, stored)
	p.Files["https://h"+general] = "setting_server: http://new/s.xml\n"
	p.Files["http://new/s.xml"] = "<settings><phone-settings><x>1</x></phone-settings></settings>"
	if p.Boot(); p.Paths() != general+" "+specific+" /s.xml" || p.Setting("setting_server") != "http://new/s.xml" {
		t.Errorf("the journal is %q", p.Log)
	}
}

// Vector 5 (SN-FMT-2): flags. SN-FMT-3: the same in both forms.
func TestFlags(t *testing.T) {
	p := newPhone(t, stored)
	p.Boot()
	english, err := p.Stored().Config.With("language", "English")
	if err != nil {
		t.Fatal(err)
	}
	p.Tell(device.Input{Kind: device.Configure, Config: english})
	p.Files["https://h"+specific] = "language!: Deutsch\nuser_name1&: x\n"
	if again(p); p.Setting("language") != "English" || p.Setting("user_name1") != "x" {
		t.Errorf("with !: language %s; %q", p.Setting("language"), p.Log)
	}
	for body, want := range map[string]string{
		"language$: %s\n": "a", "language&: %s\n": "b", "language: %s\n": "c",
		`<settings><phone-settings><language perm="RW">%s</language></phone-settings></settings>`: "d",
		`<settings><phone-settings><language perm="R">%s</language></phone-settings></settings>`:  "e",
		`<settings><phone-settings><language>%s</language></phone-settings></settings>`:           "f",
	} {
		p.Files["https://h"+specific] = fmt.Sprintf(body, want)
		if again(p); p.Setting("language") != want {
			t.Errorf("%s: language %s, want %s", body, p.Setting("language"), want)
		}
	}
	kept := p.Setting("language")
	p.Files["https://h"+specific] = `<settings><phone-settings><language perm="!">x</language><new perm="!">x</new></phone-settings></settings>`
	if again(p); p.Setting("language") != kept || p.Setting("new") != "x" {
		t.Errorf("with perm !: language %s, new %s", p.Setting("language"), p.Setting("new"))
	}
}

// SN-FMT-1, SN-FMT-4: what a file may be. SN-ENC-1: an encrypted one is refused.
func TestFormat(t *testing.T) {
	for body, want := range map[string]string{
		"<html>\n<pre>\nlanguage: Deutsch\n</pre>\n":                             "applied",
		"<html><body>404</body></html>":                                          "corrupt",
		"Salted__\x01\x02\x03\x04\x05\x06\x07\x08\x90\x91\x92":                   "corrupt",
		"<settings><phone-settings><a>1</a></phone-settings></settings>":         "applied",
		"<?xml version=\"1.0\"?>\n<settings><phone-settings><a>1</a></settings>": "corrupt",
		"<?xml version=\"1.0\"?>\n<other/>":                                      "corrupt",
	} {
		p := newPhone(t, stored)
		p.Files["https://h"+specific] = body
		if p.Boot(); p.Outcome() != want {
			t.Errorf("%q: %s, want %s", body, p.Outcome(), want)
		}
	}
	p := bench.New(t, &Personality, example, device.Quirks{htmlEmpty: "on"}, stored)
	p.Files["https://h"+specific] = "<html><body>404</body></html>"
	if p.Boot(); p.Outcome() != "unchanged" {
		t.Errorf("quirk html-empty: %s", p.Outcome())
	}
}

// Vector 6 (SN-TRG-3): each delay is a random time of twice the range before.
func TestBackOff(t *testing.T) {
	d := delays("3,6:20")
	for i, want := range [][2]time.Duration{{3, 6}, {6, 12}, {12, 20}, {20, 20}, {20, 20}} {
		low, _ := d.At(i, 0)
		high, _ := d.At(i, 1<<64-1)
		if low != want[0]*time.Second || high != want[1]*time.Second {
			t.Errorf("delay %d: %v to %v, want %d to %d s", i, low, high, want[0], want[1])
		}
	}
	if d := delays("120"); len(d) != 1 || d[0].Base != 120*time.Second {
		t.Errorf("120: %v", d)
	}
	if d := delays("3,6;10,20"); len(d) != 2 || d[1].Base != 10*time.Second || d[1].Spread != 10*time.Second {
		t.Errorf("pairs: %v", d)
	}
	p := newPhone(t, stored)
	p.Files["https://h"+general], p.Files["https://h"+specific] = "timeout", "timeout"
	p.Boot()
	p.Paths()
	if p.Wait(time.Hour); strings.Count(p.Paths(), general) < 9 || p.Outcome() != "timeout" {
		t.Errorf("in an hour of failures: %q", p.Log)
	}
}

// SN-TRG-2, SN-TRG-4.
func TestTriggers(t *testing.T) {
	count := func(settings ...string) int {
		p := newPhone(t, append([]string{stored}, settings...)...)
		p.Files["https://h"+general] = "a: 1\n"
		p.Boot()
		p.Paths()
		p.Wait(10 * 24 * time.Hour)
		return strings.Count(p.Paths(), general)
	}
	if got := count(); got != 0 {
		t.Errorf("as shipped: %d resyncs in ten days", got)
	}
	if got := count("settings_refresh_timer=86400"); got != 10 {
		t.Errorf("every day: %d", got)
	}
	if got := count("prov_polling_enabled=on", "prov_polling_time=03:00"); got != 10 {
		t.Errorf("at 03:00: %d", got)
	}
	if got := count("prov_polling_enabled=on", "prov_polling_mode=random", "prov_polling_period=172801"); got < 3 || got > 4 {
		t.Errorf("every third day: %d", got)
	}
	for event, want := range map[string]device.InputKind{"check-sync;reboot=true": device.AskReboot, "check-sync;reboot=false": device.AskResync, "check-sync": device.AskReboot} {
		if got, ok := Personality.Notify(profile.Config{}, event); !ok || got != want {
			t.Errorf("%s: %v", event, got)
		}
	}
}

// SN-PLAN-4, SN-UP-1.
func TestFirmware(t *testing.T) {
	p := newPhone(t, stored, "firmware_status=http://h/fw.xml")
	p.Files["https://h"+general] = "a: 1\n"
	p.Files["http://h/fw.xml"] = "<firmware-settings><firmware>http://h/snomD785-10.1.170.1-SIP-r.bin</firmware></firmware-settings>"
	p.Files["http://h/snomD785-10.1.170.1-SIP-r.bin"] = "image"
	p.Boot()
	if got := p.Paths(); got != general+" "+specific+" /fw.xml /snomD785-10.1.170.1-SIP-r.bin" || !p.Said("reboot") {
		t.Errorf("asked %s; %q", got, p.Log)
	}
	for policy, loads := range map[string]bool{"auto_update": true, "settings_only": false, "never_update_firm": false, "never_update_boot": true} { // SN-TRG-1
		p := newPhone(t, "firmware_status=http://h/fw.xml", "update_policy="+policy, stored)
		p.Files["http://h/fw.xml"] = "<firmware-settings><firmware>http://h/snomD785-10.1.170.1-SIP-r.bin</firmware></firmware-settings>"
		p.Files["https://h"+general] = "a: 1\n"
		if p.Boot(); strings.Contains(p.Paths(), ".bin") != loads || p.Setting("a") != "1" {
			t.Errorf("update_policy %s: %q", policy, p.Log)
		}
	}
	if p.Wait(time.Minute); p.Software() != "10.1.170.1" || strings.Contains(p.Paths(), ".bin") {
		t.Errorf("after the reboot: %s, %q", p.Software(), p.Log)
	}
}

// SN-ID-1, SN-ID-2, SN-ID-3, SN-SRC-8.
func TestIdentity(t *testing.T) {
	for version, want := range map[string]string{
		"10.1.169.16": "Mozilla/4.0 (compatible; snomD785-SIP 10.1.169.16 2010.12-00001-gd311851f1 (Feb 25 2019 - 14:19:43) 00041396D9B4 SXM:0 UXM:0 UXMC:0)",
		"8.7.5.35":    "Mozilla/4.0 (compatible; snomD785-SIP 8.7.5.35 1.1.5-IFX-05.01.12 00041396D9B4)",
		"8.4.18":      "Mozilla/4.0 (compatible; snomD785-SIP 8.4.18 1.1.3-s)",
	} {
		if got := userAgent(device.Identity{MAC: example.MAC, Product: "D785", Software: version}); got != want {
			t.Errorf("%s: %q", version, got)
		}
	}
	for product, class := range map[string]string{"D785": "snomD785", "370": "snom370", "M900": "snomM900"} {
		said := dhcp(device.Identity{Product: product})
		if said.Class != class || !slices.Equal(said.Ask, []uint8{1, 3, 4, 6, 12, 15, 42, 43, 51, 66, 67, 120, 125, 133}) {
			t.Errorf("%s: options 60 and 55 are %q and %v", product, said.Class, said.Ask)
		}
	}
	if !Personality.Owns(device.MAC{0x00, 0x04, 0x13}) || !Personality.Owns(device.MAC{0x1c, 0x71, 0x26}) || Personality.Owns(device.MAC{0x00, 0x15, 0x65}) {
		t.Error("the address blocks")
	}
	p := newPhone(t, stored, "http_user=u", "http_pass=p")
	if p.Boot(); p.Asked[0].User != "u" || p.Asked[0].Password != "p" {
		t.Errorf("credentials %q", p.Asked[0].User)
	}
}

func FuzzFiles(f *testing.F) {
	f.Add("language!: x\n<html>\n")
	f.Add("<settings><phone-settings><a idx=\"1\" perm=\"!\">1</a></phone-settings></settings>")
	f.Add("<setting-files><file url=\"snomD785.htm\"/><file url=\"%zz\"/></setting-files>")
	f.Add("<firmware-settings><firmware>http://h/x-1.2.3.4-r.bin</firmware></firmware-settings>")
	f.Fuzz(func(t *testing.T, body string) {
		p := newPhone(t, stored, "firmware_status=https://h/p/fw")
		p.Files["https://h"+general], p.Files["https://h"+specific], p.Files["https://h/p/fw"] = body, body, body
		p.Boot()
		if p.Outcome() == "" && !p.Said("reboot") && !p.Said("upgrade") {
			t.Errorf("the run did not end: %q", p.Log)
		}
		lint("x", []byte(body), Personality.Parameters)
		delays(body)
	})
}
