package grandstream

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

var example = device.Identity{MAC: device.MAC{0x00, 0x0b, 0x82, 0x01, 0x02, 0x03}}

// newPhone returns a phone whose server is http://h:8080/p, with settings NAME=VALUE.
func newPhone(t testing.TB, quirks device.Quirks, settings ...string) *bench.Phone {
	return bench.New(t, &Personality, example, quirks, append([]string{"P212=1", "P237=h:8080/p"}, settings...)...)
}

// has puts files below http://h:8080/p/.
func has(p *bench.Phone, pairs ...string) *bench.Phone {
	for i := 0; i < len(pairs); i += 2 {
		p.Files["http://h:8080/p/"+pairs[i]] = pairs[i+1]
	}
	return p
}

// xml1 is a file of the first XML form with NAME=VALUE.
func xml1(settings ...string) string {
	var b strings.Builder
	b.WriteString(`<gs_provision version="1"><config version="1">`)
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		b.WriteString("<" + name + ">" + value + "</" + name + ">")
	}
	return b.String() + "</config></gs_provision>\n"
}

const (
	own      = "cfg000b82010203"
	wholeRun = "/p/cfg000b82010203 /p/cfg000b82010203.xml /p/cfggxp2170.xml /p/cfg.xml"
)

// Vector 3: GS-PLAN-1, GS-PLAN-2, GS-PLAN-5, GS-SRC-7; nothing else is sent (GS-OUT-1).
func TestPlan(t *testing.T) {
	p := newPhone(t, nil)
	if p.Boot(); p.Paths() != wholeRun || p.Outcome() != "not-found" {
		t.Errorf("nothing there: %q", p.Log)
	}
	for _, name := range []string{own, own + ".xml", "cfggxp2170.xml"} {
		if !p.Said("transfer not-found expected http://h:8080/p/" + name) {
			t.Errorf("the miss of %s is not expected: %q", name, p.Log)
		}
	}
	// After a failed run nothing happens until the next trigger (GS-TRG-4).
	if p.Wait(48 * time.Hour); p.Paths() != "" {
		t.Error("asked again without a trigger")
	}
	p = has(newPhone(t, nil), "cfggxp2170.xml", xml1("P271=1"))
	if p.Boot(); p.Paths() != strings.TrimSuffix(wholeRun, " /p/cfg.xml") || p.Outcome() != "applied" || p.Setting("P271") != "1" {
		t.Errorf("the third is there: %q", p.Log)
	}
	// GS-CHG-1: the same values again change nothing.
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.Outcome() != "unchanged" {
		t.Errorf("the same file again: %q", p.Log)
	}
	p = newPhone(t, nil, "P234=gs_", "P235=_1")
	if p.Boot(); !strings.HasPrefix(p.Paths(), "/p/gs_cfg000b82010203_1 /p/gs_cfg000b82010203.xml_1 ") {
		t.Errorf("prefix and postfix: %q", p.Log)
	}
}

// GS-PLAN-2, GS-PLAN-2a, GS-PLAN-3, GS-PLAN-4: the order of each generation.
func TestGenerations(t *testing.T) {
	const mac, macXML, model, common = "/p/cfg000b82010203", "/p/cfg000b82010203.xml", "/p/cfggxp2170.xml", "/p/cfg.xml"
	rings := "/p/ring1.bin /p/ring2.bin /p/ring3.bin"
	for _, c := range []struct {
		quirk    device.Quirks
		settings []string
		files    []string
		want     string
	}{
		{device.Quirks{"plan": "bt"}, nil, []string{"cfg.txt", xml1("P1=1")}, mac + " /p/cfg.txt " + rings},
		{device.Quirks{"plan": "bt"}, []string{"P330=1"}, []string{"cfg.txt", xml1("P1=1")}, mac + " /p/cfg.txt " + rings + " /p/000b82010203/phonebook"},
		{device.Quirks{"plan": "2012"}, nil, nil, mac + " " + macXML + " " + common},
		{device.Quirks{"plan": "xml-first"}, nil, nil, macXML + " " + mac + " " + common},
		{device.Quirks{"plan": "xml-first"}, nil, []string{own + ".xml", xml1("P1=1")}, macXML + " " + mac},
		{device.Quirks{"plan": "p8501"}, nil, nil, macXML + " " + mac + " " + model + " " + common},
		{device.Quirks{"plan": "p8501"}, nil, []string{own + ".xml", xml1("P1=1")}, macXML},
		{device.Quirks{"plan": "p8501"}, nil, []string{own, Binary(example.MAC, "P1=1")}, macXML + " " + mac + " " + model + " " + common},
		{device.Quirks{"plan": "bin"}, nil, nil, mac + ".bin " + macXML + " " + model + " " + common},
		{nil, []string{"P8501=a-$mac.xml; b-$product.xml"}, nil, "/p/a-000b82010203.xml /p/b-gxp2170.xml"},
		{nil, []string{"P8601=46"}, nil, macXML + " " + model + " " + common},
		{nil, []string{"P8467=1"}, []string{"cfg.xml", xml1("P1=common"), own + ".xml", xml1("P1=own")}, mac + " " + common + " " + model + " " + macXML},
		{device.Quirks{"dev-cfg": "on"}, nil, nil, mac + " " + macXML + " " + model + " " + common + " /p/dev000b82010203.cfg"},
	} {
		p := has(newPhone(t, c.quirk, c.settings...), c.files...)
		if p.Boot(); p.Paths() != c.want {
			t.Errorf("%v %q asked %q, want %s", c.quirk, c.settings, p.Log, c.want)
		}
		if len(c.files) == 4 && p.Setting("P1") != "own" {
			t.Errorf("%q: P1 is %s", c.settings, p.Setting("P1"))
		}
	}
	for _, c := range []struct{ product, software, want string }{
		{"GXP2130", "1.0.1.19", "xml-first"}, {"GXP2130", "1.0.11.3", "model"}, {"HT502", "1.0.7.3", "xml-first"}, {"HT502", "1.0.16.2", "2012"},
		{"HT801", "1.0.17.5", "2012"}, {"HT801V2", "1.0.1.2", "p8501"}, {"BT200", "1.2.5.3", "bt"}, {"GRP2614", "1.0.5.67", "model"},
	} {
		if got := generationOf(c.product, c.software); got != c.want {
			t.Errorf("%s %s is %s, want %s", c.product, c.software, got, c.want)
		}
	}
}

// Vector 4: the binary file is applied at once, and leads to another server without a
// reboot (GS-PLAN-1).
func TestBinaryLeadsElsewhere(t *testing.T) {
	p := has(newPhone(t, nil), own, Binary(example.MAC, "P237=b%2Fdir&P1359=s3cret&P8=1"))
	p.Files["http://b/dir/"+own+".xml"] = string(sealed(t, "-md", "md5"))
	p.Boot()
	if len(p.Asked) != 2 || p.Asked[1].URL() != "http://b/dir/cfg000b82010203.xml" || p.Outcome() != "applied" || p.Said("reboot") {
		t.Errorf("asked %q", p.Log)
	}
	if p.Setting("P2") != "a" || p.Setting("P237") != "b/dir" {
		t.Errorf("P2=%s P237=%s", p.Setting("P2"), p.Setting("P237"))
	}
}

// GS-SRC-1, GS-SRC-2, GS-SRC-3.
func TestSources(t *testing.T) {
	const stored = "http://h:8080/p/" + own
	for _, c := range []struct {
		quirk           device.Quirks
		settings, offer []string
		want            string
	}{
		{nil, nil, nil, stored},
		{nil, []string{"P212=0"}, nil, "tftp://h:8080/p/" + own},
		{nil, []string{"P212=3"}, nil, "ftp://h:8080/p/" + own},
		{nil, []string{"P212=2", "P237=10.0.0.1/gs.d/"}, nil, "https://10.0.0.1/gs.d/" + own},
		{nil, nil, []string{"66=https://x/y"}, "https://x/y/" + own},
		{nil, nil, []string{"66=x/y"}, "http://x/y/" + own},
		{nil, nil, []string{"43=http://v/"}, "http://v/" + own},
		{nil, nil, []string{"43=http://v/", "66=http://w/", "160=http://x/", "150=http://y/"}, "http://w/" + own},
		{nil, []string{"P8337=2"}, []string{"66=http://w/", "160=http://x/"}, "http://x/" + own},
		{nil, []string{"P8337=1"}, []string{"150=0x0a000009"}, "http://10.0.0.9/" + own},
		{nil, []string{"P145=0"}, []string{"66=http://w/"}, stored},
		{nil, []string{"P145=2"}, []string{"66=http://w/"}, "http://w/" + own},
		{nil, []string{"P145=3"}, []string{"66=http://w/"}, stored},
		{device.Quirks{schemeInPath: "on"}, []string{"P237=https://q/r"}, nil, "https://q/r/" + own},
	} {
		p := newPhone(t, c.quirk, c.settings...).Offer(c.offer...)
		if p.Boot(); len(p.Asked) == 0 || p.Asked[0].URL() != c.want {
			t.Errorf("%v %q %q: %q, want %s first", c.quirk, c.settings, c.offer, p.Log, c.want)
		}
	}
	// Fallback: the lease counts after the stored server has failed.
	p := newPhone(t, nil, "P145=3").Offer("66=http://w/")
	p.Files["http://h:8080/p/"+own], p.Files["http://w/cfg.xml"] = "refused", xml1("P1=1")
	if p.Boot(); p.Paths() != "/p/cfg000b82010203 /cfg000b82010203 /cfg000b82010203.xml /cfggxp2170.xml /cfg.xml" || p.Outcome() != "applied" {
		t.Errorf("fallback: %q", p.Log)
	}
	p = newPhone(t, nil, "P237=https://q/r")
	if p.Boot(); p.Outcome() != "dns" || p.Paths() != "" {
		t.Errorf("a scheme in P237: %q", p.Log)
	}
	p = newPhone(t, nil, "P237=")
	p.Offer("160=http://h/")
	if p.Boot(); p.Outcome() != "no-server" || !strings.Contains(p.Log[len(p.Log)-1], "the lease has option 160, which these phones do not read") {
		t.Errorf("no server: %q", p.Log)
	}
	p = newPhone(t, nil, "P212=4")
	if p.Boot(); p.Outcome() != "bad-rule" {
		t.Errorf("FTPS: %q", p.Log)
	}
	p = newPhone(t, nil, "P1360=u", "P1361=secret") // GS-TRG-5
	if p.Boot(); p.Asked[0].User != "u" || p.Asked[0].Password != "secret" || strings.Contains(strings.Join(p.Log, ""), "secret") {
		t.Errorf("credentials: %q", p.Log)
	}
	set, _, _ := Personality.Expand("server", "https://192.0.2.1:8443/gs")
	if len(set) != 3 || set[0].Value != "2" || set[1].Value != "192.0.2.1:8443/gs" || set[2].Value != "0" {
		t.Errorf("--server stands for %v", set)
	}
}

// Vector 5: GS-SRC-4, GS-SRC-5, GS-ID-3. A phone in factory state asks by SIP PnP, and
// keeps the server that it is given.
func TestPnP(t *testing.T) {
	id := device.Identity{MAC: device.MAC{0xc0, 0x74, 0xad, 0x11, 0x22, 0x33}, Product: "GRP2612W", Software: "1.0.5.67"}
	p := bench.New(t, &Personality, id, nil)
	p.Model().PnP = "224.0.1.75:5060"
	p.Files["pnp://224.0.1.75/MAC%3AC074AD112233"] = "http://p:8080/dir/"
	p.Files["http://p:8080/dir/cfg.xml"] = xml1("P271=1")
	p.Boot()
	if r := p.Asked[0]; r.Scheme != "pnp" || r.Agent != "Grandstream GRP2612W 1.0.5.67" || r.Type != `ua-profile;profile-type="device";vendor="Grandstream";model="GRP2612W";version="1.0.5.67"` {
		t.Errorf("asked %s as %q for %s", r.URL(), r.Agent, r.Type)
	}
	if p.Outcome() != "applied" || p.Setting("P237") != "p:8080/dir/" || p.Setting("P212") != "1" || p.Said("reboot") {
		t.Errorf("P237 is %s: %q", p.Setting("P237"), p.Log)
	}
	p.Paths()
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); !strings.HasPrefix(p.Paths(), "/dir/cfgc074ad112233 ") {
		t.Errorf("once more: %q", p.Log)
	}
	for _, settings := range [][]string{{"P237=h"}, {"P1414=0"}} {
		p := bench.New(t, &Personality, id, nil, settings...)
		p.Model().PnP = "224.0.1.75:5060"
		if p.Boot(); len(p.Asked) > 0 && p.Asked[0].Scheme == "pnp" {
			t.Errorf("%q asks by SIP PnP", settings)
		}
	}
}

// GS-PLAN-6, GS-TRG-4: TFTP has options and three tries, and the oldest phones send
// names with "/".
func TestTFTP(t *testing.T) {
	p := newPhone(t, nil, "P212=0")
	p.Files["tftp://h:8080/p/"+own] = "timeout"
	p.Boot()
	if len(p.Asked) != 3 || p.Outcome() != "timeout" {
		t.Fatalf("asked %q", p.Log)
	}
	if r := p.Asked[0]; r.TFTP.BlockSize != 1024 || !r.TFTP.Size || r.TFTP.Timeout != 0 || r.Slash || r.Timeout != 30*time.Second {
		t.Errorf("options %+v, slash %v", r.TFTP, r.Slash)
	}
	p = newPhone(t, device.Quirks{"plan": "bt"}, "P212=0")
	if p.Boot(); p.Asked[0].TFTP.Timeout != 4*time.Second || !p.Asked[0].Slash {
		t.Errorf("an old phone's options %+v", p.Asked[0].TFTP)
	}
	old := example
	old.Product, old.Software = "BT200", "1.2.5.3"
	p = bench.New(t, &Personality, old, nil, "P237=h")
	if p.Boot(); p.Asked[0].Scheme != "http" { // GS-SRC-1: old firmware
		t.Errorf("an old phone's protocol is %s", p.Asked[0].Scheme)
	}
}

// Section 10: which replies end a run, and which mean that a file is missing.
func TestFailures(t *testing.T) {
	foreign := Binary(device.MAC{1, 2, 3, 4, 5, 6}, "P1=1")
	for _, c := range []struct {
		name, body, want string
		requests         int
	}{
		{own, "refused", "refused", 1},
		{own, "http-status", "http-status", 1},
		{own, "tls-untrusted", "tls-untrusted", 1},
		{own, "unauthorized", "unauthorized", 1},
		{own + ".xml", "dns", "dns", 2},
		{own, foreign, "corrupt", 4},
		{own, "noise", "corrupt", 4},
		{own + ".xml", "<config><P1>1</P2></config>", "corrupt", 4},
		{own + ".xml", `<gs_provision version="1"><mac>C0-74-AD-01-02-03</mac><config version="1"><P1>1</P1></config></gs_provision>`, "corrupt", 4},
		{own + ".xml", string(sealed(t, "-md", "md5")), "bad-key", 4},
	} {
		p := has(newPhone(t, nil), c.name, c.body)
		if p.Boot(); p.Outcome() != c.want || len(p.Asked) != c.requests {
			t.Errorf("%s as %.20q: %q, want %s after %d requests", c.name, c.body, p.Log, c.want, c.requests)
		}
	}
	p := has(newPhone(t, nil), own, foreign, "cfg.xml", xml1("P1=2"))
	if p.Boot(); p.Outcome() != "applied" || p.Setting("P1") != "2" {
		t.Errorf("a foreign file and a common one: %q", p.Log)
	}
	p = has(newPhone(t, nil, "P240=1"), own, Binary(example.MAC, "P1=1")) // GS-ENC-3
	if p.Boot(); p.Outcome() != "corrupt" {
		t.Errorf("P240: %q", p.Log)
	}
	if p = has(newPhone(t, nil), own, Binary(example.MAC, "P1=1")); true {
		p.Files["http://h:8080/p/"+own+".xml"] = "timeout"
		if p.Boot(); p.Outcome() != "timeout" || p.Setting("P1") != "1" {
			t.Errorf("what the binary file set does not stay: %q", p.Log)
		}
	}
}

// GS-CHG-2: which changes reboot.
func TestReboots(t *testing.T) {
	for _, c := range []struct {
		file, setting string
		want          bool
	}{
		{xml1("P271=1"), "P1=1", false}, {xml1("P8=1"), "P1=1", true}, {xml1("P8=0"), "P1=1", false}, {xml1("P271=1", "P22421=1"), "P1=1", true},
	} {
		p := has(newPhone(t, nil), "cfg.xml", c.file)
		if p.Boot(); p.Outcome() != "applied" && c.want || p.Said("reboot") != c.want {
			t.Errorf("%s: %q, want a reboot: %v", c.file, p.Log, c.want)
		}
	}
}

// GS-TRG-1, GS-TRG-2.
func TestTimers(t *testing.T) {
	for _, c := range []struct {
		settings []string
		first    time.Duration // after the boot at midnight of 1970-01-01, a Thursday; 0: never
		latest   time.Duration
	}{
		{nil, 0, 0},
		{[]string{"P194=1"}, 10080 * time.Minute, 0},
		{[]string{"P194=1", "P193=5"}, 60 * time.Minute, 0},
		{[]string{"P22296=1", "P193=5"}, 30 * time.Minute, 0},
		{[]string{"P194=2"}, time.Hour, 0},
		{[]string{"P194=2", "P285=4"}, 4 * time.Hour, 0},
		{[]string{"P194=2", "P285=4", "P8459=6", "randomTime=Yes"}, 4 * time.Hour, 6 * time.Hour},
		{[]string{"P194=3", "P286=5/6"}, 25 * time.Hour, 0},
	} {
		p := has(newPhone(t, nil, c.settings...), "cfg.xml", xml1())
		p.Boot()
		p.Paths()
		if c.first == 0 {
			if p.Wait(400 * time.Hour); p.Paths() != "" {
				t.Errorf("%q asks again", c.settings)
			}
			continue
		}
		p.Wait(c.first - time.Second)
		if p.Paths() != "" {
			t.Errorf("%q asks before %v", c.settings, c.first)
		}
		p.Wait(max(c.latest-c.first, 0) + 2*time.Second)
		if p.Paths() == "" {
			t.Errorf("%q has not asked after %v: %q", c.settings, p.Now, p.Log)
		}
	}
	p := newPhone(t, nil, "P238=2")
	if p.Boot(); p.Paths() != "" {
		t.Error("P238 2 asks at boot")
	}
}

// GS-UP-1, GS-TRG-2, and quirk fw-first.
func TestFirmware(t *testing.T) {
	server := []string{"P192=f/fw", "P6767=1"}
	image := string(Personality.Image("GXP2170", "1.0.11.90", []byte("code")))
	p := has(newPhone(t, nil, server...), own+".xml", xml1("P271=1"))
	p.Files["http://f/fw/gxp2170fw.bin"] = image
	p.Boot()
	if got := p.Paths(); got != "/p/cfg000b82010203 /p/cfg000b82010203.xml /fw/gxp2170fw.bin" || p.Outcome() != "applied" || !p.Said("reboot") {
		t.Errorf("asked %s: %q", got, p.Log)
	}
	if p.Wait(time.Hour); p.Software() != "1.0.11.90" || p.Setting("P271") != "1" || p.Outcome() != "unchanged" {
		t.Errorf("after the upgrade: %s %q", p.Software(), p.Log)
	}
	p = newPhone(t, device.Quirks{firmwareFirst: "on"}, server...)
	if p.Boot(); p.Paths() != "/fw/gxp2170fw.bin "+wholeRun || p.Outcome() != "not-found" {
		t.Errorf("fw-first: %q", p.Log)
	}
	for _, c := range []struct{ rule, file, want string }{
		{"P238=1", xml1("P271=1"), ""},
		{"P238=1", xml1("P232=new_"), " /fw/new_gxp2170fw.bin"},
		{"P238=0", xml1("P233=.x"), " /fw/gxp2170fw.bin.x"},
	} {
		p := has(newPhone(t, nil, append(server, c.rule)...), own+".xml", c.file)
		if p.Boot(); p.Paths() != "/p/cfg000b82010203 /p/cfg000b82010203.xml"+c.want {
			t.Errorf("%s %s: %q", c.rule, c.file, p.Log)
		}
	}
	p = newPhone(t, nil, server...)
	p.Files["http://f/fw/gxp2170fw.bin"] = string(Personality.Image("GXP2130", "9", nil))
	if p.Boot(); p.Said("reboot") || p.Outcome() != "not-found" || !strings.HasSuffix(p.Paths(), "/fw/gxp2170fw.bin") {
		t.Errorf("another model's image: %q", p.Log)
	}
	old := example
	old.Product, old.Software = "GXP2000", "1.2.5.3" // GS-UP-2
	p = bench.New(t, &Personality, old, nil, "P237=h", "P192=f")
	if p.Boot(); !strings.Contains(p.Paths(), "/boot55e.bin /gxp2000e.bin") {
		t.Errorf("an old phone's firmware: %q", p.Log)
	}
}

// GS-ID-1, GS-ID-2, GS-ID-4, GS-TRG-3.
func TestIdentity(t *testing.T) {
	mac := device.MAC{0x00, 0x0b, 0x82, 0x86, 0x5e, 0x6a}
	for _, c := range []struct {
		id   device.Identity
		want string
	}{
		{device.Identity{Product: "GXP2170", Software: "1.0.11.85", MAC: mac}, "Grandstream Model HW GXP2170 SW 1.0.11.85 DevId 000b82865e6a"},
		{device.Identity{Product: "HT801", Hardware: "V1.1A", Software: "1.0.17.5", MAC: mac}, "Grandstream Model HW HT801 V1.1A SW 1.0.17.5 DevId 000b82865e6a"},
		{device.Identity{Product: "GXV3350", Hardware: "V1.3A", Software: "1.0.1.8", MAC: mac}, "Grandstream Model HW GXV3350  V1.3A SW 1.0.1.8 DevId 000b82865e6a"},
		{device.Identity{Product: "GXP2000", Hardware: "1.1.6.9", Software: "1.2.5.3", MAC: mac}, "Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b82865e6a"},
		{device.Identity{Product: "HT287", Software: "1.1.0.31", MAC: mac}, "Grandstream HT287 1.1.0.31"},
	} {
		if got := Personality.Agent(c.id); got != c.want {
			t.Errorf("User-Agent %q, want %q", got, c.want)
		}
	}
	if got := Personality.DHCP(device.Identity{Product: "HT801"}).Class; got != "HT8XX dslforum.org" {
		t.Errorf("option 60 of an HT801 is %q", got)
	}
	for event, want := range map[string]device.InputKind{"check-sync": device.AskResync, "resync": device.AskResync, "check-sync;reboot=true": device.AskReboot} {
		if got, ok := Personality.Notify(profile.Config{}, event); !ok || got != want {
			t.Errorf("NOTIFY %s asks for %v, %v", event, got, ok)
		}
	}
	if _, ok := Personality.Notify(profile.Config{}, "talk"); ok {
		t.Error("NOTIFY talk is known")
	}
	p := newPhone(t, nil) // GS-ID-5
	if p.Boot(); !p.Asked[0].TLS.AnyName || p.Asked[0].TLS.AnyChain {
		t.Errorf("TLS %+v", p.Asked[0].TLS)
	}
	p = newPhone(t, nil, checkName+"=Yes")
	if p.Boot(); p.Asked[0].TLS.AnyName {
		t.Error("the name is not checked")
	}
}
