package flyingvoicefip

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/bootfile"
	"provsim/internal/testing/bench"
	"provsim/resync"
)

var example = device.Identity{MAC: device.MAC{0x00, 0x21, 0xf2, 0x22, 0xae, 0xf1}}

const (
	server  = "static.auto_provision.server.url=https://h/app/provision"
	ownBoot = "/app/provision/0021f222aef1.boot"
	boot    = "/app/provision/y000000000000.boot"
	common  = "/app/provision/y000000000000.cfg"
	own     = "/app/provision/0021f222aef1.cfg"
	head    = bootfile.First + "\n"
)

// Vectors 1 and 2 (FIP-PLAN-1, FIP-SRC-4, FIP-ID-2). FIP-ID-1: a phone of the older block,
// which others share, is one of theirs where the vendor is named. FIP-PLAN-4: the common
// file may be missing, and all missing is not-found.
func TestPlan(t *testing.T) {
	p := bench.New(t, &Personality, example, nil, server)
	p.Boot()
	agent := p.Asked[0].UserAgent()
	if got := p.Paths(); got != strings.Join([]string{ownBoot, boot, common, own}, " ") || p.Outcome() != "not-found" || agent != "Flyingvoice FIP13G V0.6.24 00:21:F2:22:AE:F1" {
		t.Errorf("asked %s as %q, %s", got, agent, p.Outcome())
	}
	p.Files["https://h"+common], p.Files["https://h"+own] = head+"account.1.enable = 1\n", head+"account.1.password = x\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := p.Paths(); got != strings.Join([]string{ownBoot, boot, common, own}, " ") || p.Outcome() != "applied" || p.Said("reboot") {
		t.Errorf("asked %s, %s", got, p.Outcome())
	}
	for product, family := range map[string]string{"FIP10": "y000000000000.cfg", "FIP16Plus": "y000000000000.cfg", "P24": "y000000000000.cfg"} { // FIP-PLAN-2
		if got := commonFile(product); got != family {
			t.Errorf("%s: the common file is %s", product, got)
		}
	}
	if !Personality.Owns(device.MAC{0x78, 0x99, 0x12}) {
		t.Error("the address block")
	}
	// FIP-FMT-3: these phones refuse a file of the classic firmware; FIP-CHG-1: equal digests.
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.Outcome() != "unchanged" {
		t.Errorf("the same files: %s", p.Outcome())
	}
	p.Files["https://h"+own] = "DBID_DBASE_VERSION=1\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if !p.Said("resync.done unchanged") && !strings.Contains(strings.Join(p.Log, "\n"), "corrupt") {
		t.Errorf("a DBID file: %q", p.Log)
	}
}

// FIP-PLAN-3, FIP-FMT-2: the boot file of FusionPBX.
func TestBootFile(t *testing.T) {
	p := bench.New(t, &Personality, example, nil, server)
	p.Files["https://h"+boot] = head + "include:config \"y000000000000.cfg\"\ninclude:config \"0021f222aef1.cfg\"\n"
	if p.Boot(); p.Paths() != strings.Join([]string{ownBoot, boot, common, own}, " ") {
		t.Errorf("the journal is %q", p.Log)
	}
}

// Vector 3, and FIP-SRC-2: 66 and 67 make a URL; FIP-SRC-5: tftp without a scheme.
func TestSources(t *testing.T) {
	for want, offer := range map[string][]string{
		"tftp://h/0021f222aef1.cfg":         {"66=tftp://h/0021f222aef1.cfg"},
		"tftp://10.0.0.1/dir/x.cfg":         {"66=10.0.0.1", "67=dir/x.cfg"},
		"http://h/dir/0021f222aef1.boot":    {"66=http://h/", "67=/dir/"},
		"tftp://10.0.0.1/0021f222aef1.boot": {"66=10.0.0.1"},
	} {
		p := bench.New(t, &Personality, example, nil).Offer(offer...)
		if p.Boot(); len(p.Asked) == 0 || p.Asked[0].URL() != want {
			t.Errorf("%q: %q, want %s first", offer, p.Log, want)
		}
	}
}

// asked returns the URLs of the requests.
func asked(p *bench.Phone) string {
	var urls []string
	for _, r := range p.Asked {
		urls = append(urls, r.URL())
	}
	return strings.Join(urls, " ")
}

// FIP-SRC-1: SIP PnP, a custom option, 66, 43, and what is stored; the first that gives a
// server is asked. FIP-SRC-3: the URL may name a directory or a file, and PnP can be off.
func TestOrderOfSources(t *testing.T) {
	const asks = "pnp://224.0.1.75/MAC%3a0021f222aef1"
	for _, c := range []struct {
		pnp      string
		quirks   device.Quirks
		settings []string
		offer    []string
		first    string
	}{
		{"http://p/d/", nil, []string{server}, []string{"66=http://o66/"}, asks + " http://p/d/0021f222aef1.boot"},
		{"tftp://p/0021f222aef1.cfg", nil, []string{server}, nil, asks + " tftp://p/0021f222aef1.cfg"},
		{"http://p/d/", device.Quirks{bootfile.PnP: "off"}, nil, []string{"66=http://o66/"}, "http://o66/0021f222aef1.boot"},
		{"http://p/d/", nil, []string{"static.auto_provision.pnp_enable=0"}, []string{"66=http://o66/"}, "http://o66/0021f222aef1.boot"},
		{"", nil, []string{server, "static.auto_provision.dhcp_option.list_user_options=160"}, []string{"66=http://o66/", "160=http://o160/"}, asks + " http://o160/0021f222aef1.boot"},
		{"", nil, []string{server}, []string{"66=http://o66/", "43=http://o43/"}, asks + " http://o66/0021f222aef1.boot"},
		{"", nil, []string{server}, []string{"43=http://o43/"}, asks + " http://o43/0021f222aef1.boot"},
		{"", nil, []string{server}, nil, asks + " https://h" + ownBoot},
	} {
		p := bench.New(t, &Personality, example, c.quirks, c.settings...).Offer(c.offer...)
		p.Model().PnP = "224.0.1.75:5060"
		if c.pnp != "" {
			p.Files[asks] = c.pnp
		}
		if p.Boot(); !strings.HasPrefix(asked(p)+" ", c.first+" ") {
			t.Errorf("%q %q: asked %s, want first %s", c.settings, c.offer, asked(p), c.first)
		}
		if r := p.Asked[0]; r.Scheme == "pnp" && r.Type != `ua-profile;profile-type="device";vendor="Flyingvoice";model="FIP13G";version="V0.6.24"` {
			t.Errorf("the event is %s", r.Type)
		}
	}
}

// FIP-FMT-1: a file without the first line is corrupt. FIP-ENC-1: so is an encrypted one.
// FIP-CHG-2: a change of the network reboots the phone, another does not.
func TestFiles(t *testing.T) {
	for body, want := range map[string]string{
		"account.1.enable = 1\n":                             "corrupt",
		"Salted__\x01\x02\x03\x04\x05\x06\x07\x08":           "corrupt",
		head + "account.1.enable = 1\n":                      "applied",
		head + "static.network.vlan.internet_port_vid = 7\n": "applied reboot",
	} {
		p := bench.New(t, &Personality, example, nil, server)
		p.Files["https://h"+own] = body
		p.Boot()
		got := p.Outcome()
		if p.Said("reboot") {
			got += " reboot"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

// FIP-TRG-1: at power on and, where that is on, every 1440 minutes. FIP-TRG-2: without a
// random delay, and three tries of 5 s where there is no answer, 5 s apart.
func TestTriggers(t *testing.T) {
	for settings, want := range map[string]int{
		server: 1, server + " static.auto_provision.repeat.enable=1": 4, server + " static.auto_provision.power_on=0": 0,
		server + " static.auto_provision.repeat.enable=1 static.auto_provision.repeat.minutes=720": 7,
	} {
		p := bench.New(t, &Personality, example, nil, strings.Fields(settings)...)
		p.Boot()
		at := len(p.Asked)
		if p.Wait(3*24*time.Hour + time.Minute); strings.Count(asked(p), ownBoot) != want || want > 0 && at == 0 {
			t.Errorf("%s: %d resyncs in three days, %d requests at once, want %d", settings, strings.Count(asked(p), ownBoot), at, want)
		}
	}
	p := bench.New(t, &Personality, example, nil, server)
	p.Files["https://h"+ownBoot] = "timeout"
	p.Boot()
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {4 * time.Second, 1}, {time.Second, 2}, {5 * time.Second, 3}, {time.Hour, 3}} {
		if p.Wait(step.wait); strings.Count(asked(p), ownBoot) != step.want || p.Asked[0].Timeout != 5*time.Second {
			t.Errorf("after %v: %d tries, want %d; a transfer has %v", step.wait, strings.Count(asked(p), ownBoot), step.want, p.Asked[0].Timeout)
		}
	}
}

// FIP-ID-4: what is checked of a server's certificate.
func TestTLS(t *testing.T) {
	for settings, want := range map[string][2]bool{ // any chain, any name
		server: {false, true},
		server + " static.security.cn_validation=1":      {false, false},
		server + " static.security.trust_certificates=0": {true, true},
	} {
		p := bench.New(t, &Personality, example, nil, strings.Fields(settings)...)
		if p.Boot(); p.Asked[0].TLS.AnyChain != want[0] || p.Asked[0].TLS.AnyName != want[1] {
			t.Errorf("%s: %+v", settings, p.Asked[0].TLS)
		}
	}
	for method, want := range map[string]device.TLSRange{"0": {Min: 10, Max: 10}, "3": {}, "4": {Min: 11, Max: 11}, "5": {Min: 12, Max: 12}} {
		p := bench.New(t, &Personality, example, nil, server, "static.security.default_ssl_method="+method)
		if p.Boot(); p.Asked[0].TLS.TLSRange != want {
			t.Errorf("method %s: %+v", method, p.Asked[0].TLS.TLSRange)
		}
	}
}

// FIP-UP-1, FIP-PLAN-4: the firmware comes when the file that names it was applied; the version is the V… part of the name.
func TestImage(t *testing.T) {
	if got := version("/fw/FIP10-FVUI_V0.5.32.3_202105111814_RC.bin"); got != "V0.5.32.3" {
		t.Errorf("version %q", got)
	}
	p := bench.New(t, &Personality, example, nil, server)
	p.Files["https://h"+common] = head + "static.firmware.url = https://h/F_V0.7.0.bin\n"
	p.Files["https://h/F_V0.7.0.bin"] = "image"
	p.Boot()
	if !p.Said("reboot") || strings.Contains(p.Paths(), own) {
		t.Errorf("another version comes before the phone's own file: %q", p.Log)
	}
	if class := Personality.DHCP(shipped).Class; class != "Flyingvoice FIP13G" {
		t.Errorf("option 60 %q (FIP-ID-3)", class)
	}
}

// FIP-TRG-4: the address of the phone's own web server resyncs without a reboot, or reboots.
func TestOwnServer(t *testing.T) {
	for key, reboots := range map[string]bool{"AutoP": false, "Reboot": true} {
		bench.New(t, &Personality, example, nil, server).PressKey(key, reboots)
	}
}

// FIP-TRG-3: reboot=true restarts the phone. Without it notify_reboot_enable decides.
func TestNotify(t *testing.T) {
	for setting, want := range map[string]device.InputKind{"": device.AskReboot, "1": device.AskReboot, "0": device.AskResync, "2": device.Tick} {
		p := bench.New(t, &Personality, example, nil, "sip.notify_reboot_enable="+setting)
		for event, want := range map[string]device.InputKind{"check-sync": want, "check-sync;reboot=true": device.AskReboot} {
			if got, ok := Personality.Notify(p.Stored().Config, event); !ok || got != want {
				t.Errorf("%q, %s: %v %v, want %v", setting, event, got, ok, want)
			}
		}
		if _, ok := Personality.Notify(p.Stored().Config, "resync"); ok {
			t.Error("resync is no event of these phones")
		}
	}
}

// FIP-OUT-1: the action URL after a run is asked for with its macros. TR-069 is off
// whatever its settings say, and nothing is uploaded.
func TestActionURL(t *testing.T) {
	p := bench.New(t, &Personality, example, nil, server, "action_url.setup_autop_finish=http://a/done/$mac?ip=$ip&m=$model&v=$firmware")
	p.Files["https://h"+own] = head + "static.managementserver.enable = 1\nstatic.managementserver.url = http://acs/\n"
	p.Boot()
	const done = "http://a/done/0021f222aef1?ip=192.0.2.10&m=FIP13G&v=V0.6.24"
	files := "https://h" + strings.Join([]string{ownBoot, boot, common, own}, " https://h")
	if p.Wait(24 * time.Hour); asked(p) != files+" "+done || p.Outcome() != "applied" {
		t.Errorf("asked %s, %s; want %s", asked(p), p.Outcome(), files+" "+done)
	}
	for _, r := range p.Asked {
		if r.Method != device.Read {
			t.Errorf("%v %s: it uploads", r.Method, r.URL())
		}
	}
}
