package fanvil

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

var example = device.Identity{MAC: device.MAC{0x0c, 0x38, 0x3e, 0x07, 0xe1, 0x6c}}

// newPhone returns a phone whose stored server is h, by HTTP.
func newPhone(t testing.TB, quirks device.Quirks, settings ...string) *bench.Phone {
	return bench.New(t, &Personality, example, quirks, append([]string{"Flash Server IP=h", "Flash Protocol=4"}, settings...)...)
}

// has puts files below http://h/.
func has(p *bench.Phone, pairs ...string) *bench.Phone {
	for i := 0; i < len(pairs); i += 2 {
		p.Files["http://h/"+pairs[i]] = pairs[i+1]
	}
	return p
}

// text is a file of the text form with lines.
func text(version string, rows ...string) string {
	return firstMark + version + "\n<GLOBAL CONFIG MODULE>\n" + strings.Join(rows, "\n") + "\n" + endMark + "\n"
}

func ask(p *bench.Phone) {
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	p.Wait(0)
}

const (
	common = "f0X4hw1.100.cfg"
	own    = "0c383e07e16c.cfg"
)

// Vector 1: FA-SRC-1, FA-SRC-2, FA-SRC-4, FA-SRC-5,
// FA-PLAN-1, FA-PLAN-2, FA-PLAN-3.
func TestSources(t *testing.T) {
	for _, c := range []struct {
		settings, offer []string
		want            string
	}{
		{nil, []string{"66=http://h:8667/Fanvil/$mac.cfg"}, "http://h:8667/Fanvil/0c383e07e16c.cfg"},
		{nil, nil, "http://h/" + common + " http://h/" + own},
		{[]string{"Flash Server IP=h/dir", "Flash Protocol=2"}, nil, "tftp://h/dir/" + common + " tftp://h/dir/" + own},
		{[]string{"Flash Protocol=1"}, nil, "ftp://h/" + common + " ftp://h/" + own},
		{[]string{"Flash File Name=a-$mac-$x.txt"}, nil, "http://h/" + common + " http://h/a-0c383e07e16c-$x.txt"},
		{[]string{"Flash Server IP=https://h/d/z.cfg"}, nil, "https://h/d/" + common + " https://h/d/z.cfg"},
		{[]string{"user-input=in"}, []string{"66=http://w/$input.cfg"}, "http://w/in.cfg"},
		{nil, []string{"66=w"}, "http://w/" + common + " http://w/" + own},
		{nil, []string{"43=http://w/x.cfg"}, "http://h/" + common + " http://h/" + own},
		{[]string{"DHCP Option=43"}, []string{"43=http://w/x.cfg", "66=http://v/"}, "http://w/x.cfg"},
		{[]string{"DHCP Option=128"}, []string{"128=http://w/x.cfg"}, "http://w/x.cfg"},
		{[]string{"DHCP Option=0"}, []string{"66=http://w/x.cfg"}, "http://h/" + common + " http://h/" + own},
		{[]string{"Download CommonConf=0"}, nil, "http://h/" + own},
		{[]string{"Download DeviceConf=0"}, nil, "http://h/" + common},
		{[]string{"common-name=c.cfg"}, nil, "http://h/c.cfg http://h/" + own},
	} {
		p := newPhone(t, nil, c.settings...).Offer(c.offer...)
		p.Boot()
		var urls []string
		for _, r := range p.Asked {
			urls = append(urls, r.URL())
		}
		if got := strings.Join(urls, " "); got != c.want {
			t.Errorf("%q %q: asked %s, want %s", c.settings, c.offer, got, c.want)
		}
	}
	unknown := example
	unknown.Product = "H2U-V2"
	p := bench.New(t, &Personality, unknown, nil, "Flash Server IP=h")
	if p.Boot(); p.Paths() != "/"+own {
		t.Errorf("a model without a known common name: %q", p.Log)
	}
	p = newPhone(t, device.Quirks{deviceFirst: "on"})
	if p.Boot(); p.Paths() != "/"+own+" /"+common {
		t.Errorf("device-first: %q", p.Log)
	}
	for _, setting := range []string{"Flash Mode=0", "Flash Server IP="} {
		if p = newPhone(t, nil, setting); true {
			p.Offer("160=http://h/")
			if p.Boot(); p.Outcome() != "no-server" || p.Paths() != "" || !strings.Contains(p.Log[len(p.Log)-1], "the lease has option 160, which these phones do not read") {
				t.Errorf("%s: %q", setting, p.Log)
			}
		}
	}
	p = newPhone(t, nil, "Flash Protocol=1")
	if p.Boot(); p.Asked[0].User != "anonymous" {
		t.Errorf("FTP as %q", p.Asked[0].User)
	}
	p = newPhone(t, nil, "Default Username=u", "Default Password=secret")
	if p.Boot(); p.Asked[0].User != "u" || p.Asked[0].Password != "secret" || strings.Contains(strings.Join(p.Log, ""), "secret") {
		t.Errorf("credentials: %q", p.Log)
	}
	// FA-SRC-7: what the lease said is stored, or not.
	for setting, want := range map[string]string{"Save Provision Info=0": "h", "Save Provision Info=1": "http://w/$mac.cfg"} {
		p := newPhone(t, nil, setting).Offer("66=http://w/$mac.cfg")
		p.Files["http://w/"+own] = text("1.0", "A :1")
		if p.Boot(); p.Setting("Flash Server IP") != want {
			t.Errorf("%s: the stored server is %s", setting, p.Setting("Flash Server IP"))
		}
	}
}

// FA-SRC-3: SIP PnP comes after the lease and before the stored server.
func TestPnP(t *testing.T) {
	const asks = "pnp://224.0.1.75/MAC%3A0c383e07e16c"
	for _, c := range []struct {
		quirk    device.Quirks
		settings []string
		offer    []string
		want     string
	}{
		{nil, nil, nil, asks + " http://p/x.cfg"},
		{nil, nil, []string{"66=http://w/y.cfg"}, "http://w/y.cfg"},
		{device.Quirks{discovery: "pnp-first"}, nil, []string{"66=http://w/y.cfg"}, asks + " http://p/x.cfg"},
		{nil, []string{"PNP Enable=0", "Download CommonConf=0"}, nil, "http://h/" + own},
	} {
		p := newPhone(t, c.quirk, c.settings...).Offer(c.offer...)
		p.Model().PnP = "224.0.1.75:5060"
		p.Files[asks] = "http://p/x.cfg"
		p.Boot()
		var urls []string
		for _, r := range p.Asked {
			urls = append(urls, r.URL())
		}
		if got := strings.Join(urls, " "); got != c.want {
			t.Errorf("%v %q: asked %s, want %s", c.quirk, c.settings, got, c.want)
		}
		if r := p.Asked[0]; r.Scheme == "pnp" && r.Type != `ua-profile;profile-type="device";vendor="Fanvil";model="VOIP PHONE";version="2.10.2.6887"` {
			t.Errorf("the event is %s", r.Type)
		}
	}
}

// Vector 2: FA-CHG-1. The version has to be higher; by digest other content suffices.
func TestVersions(t *testing.T) {
	for _, c := range []struct {
		quirk  device.Quirks
		second string
		want   string
	}{
		{nil, text("2.0003", "A :2"), "applied"},
		{nil, text("2.0002", "A :2"), "unchanged"},
		{nil, text("2.0001", "A :2"), "unchanged"},
		{nil, text("2.1", "A :2"), "applied"},
		{nil, text("two", "A :2"), "applied"},
		{device.Quirks{change: "digest"}, text("2.0002", "A :2"), "applied"},
		{device.Quirks{change: "digest"}, text("2.0002", "A :1"), "unchanged"},
	} {
		p := has(newPhone(t, c.quirk), own, text("2.0002", "A :1"))
		p.Boot()
		has(p, own, c.second)
		ask(p)
		want := map[string]string{"applied": "2", "unchanged": "1"}[c.want]
		if p.Outcome() != c.want || p.Setting("A") != want {
			t.Errorf("%v %.50q: %s, A=%s, want %s", c.quirk, c.second, p.Outcome(), p.Setting("A"), c.want)
		}
	}
	// A lower version that came between does not count, and the common file has a
	// version of its own.
	p := has(newPhone(t, nil), common, text("1.0", "B :1"), own, text("2.0002", "A :1"))
	p.Boot()
	has(p, common, text("1.1", "B :2"), own, text("1.0", "A :0"))
	if ask(p); p.Outcome() != "applied" || p.Setting("A") != "1" || p.Setting("B") != "2" {
		t.Errorf("a lower version: %q", p.Log)
	}
	has(p, own, text("2.0001", "A :3"))
	if ask(p); p.Outcome() != "unchanged" || p.Setting("A") != "1" {
		t.Errorf("lower than the one applied: %q", p.Log)
	}
	second := "<sysConf><Version>2.0000000000</Version><a>%</a></sysConf>"
	p = has(newPhone(t, nil), own, strings.Replace(second, "%", "1", 1))
	p.Boot()
	has(p, own, strings.Replace(second, "%", "2", 1))
	if ask(p); p.Outcome() != "applied" || p.Setting("a") != "2" {
		t.Errorf("XML 2 goes by its digest: %q", p.Log)
	}
}

// FA-PLAN-4, FA-TRG-2, and section 10.
func TestFailures(t *testing.T) {
	p := has(newPhone(t, nil), own, text("1", "A :1"))
	if p.Boot(); p.Outcome() != "applied" || !p.Said("transfer not-found expected http://h/"+common) {
		t.Errorf("no common file: %q", p.Log)
	}
	p = has(newPhone(t, nil), common, text("1", "A :1"))
	if p.Boot(); p.Outcome() != "not-found" || p.Setting("A") != "1" {
		t.Errorf("no file of the phone's own: %q", p.Log)
	}
	if p.Wait(48 * time.Hour); p.Paths() != "/"+common+" /"+own {
		t.Errorf("asked again without a trigger: %q", p.Log)
	}
	for body, want := range map[string]string{"timeout": "timeout", "refused": "refused", "http-status": "http-status"} {
		p := has(newPhone(t, nil), common, body)
		if p.Boot(); len(p.Asked) != 1 {
			t.Errorf("%s: asked at once again", body)
		}
		if p.Wait(time.Minute); len(p.Asked) != 5 || p.Outcome() != want {
			t.Errorf("%s: %q, want 5 tries", body, p.Log)
		}
	}
	for body, want := range map[string]string{"unauthorized": "unauthorized", "tls-untrusted": "tls-untrusted"} {
		p := has(newPhone(t, nil), common, body)
		if p.Boot(); len(p.Asked) != 1 || p.Outcome() != want {
			t.Errorf("%s: %q", body, p.Log)
		}
	}
	p = has(newPhone(t, nil), own, "noise")
	if p.Boot(); p.Outcome() != "corrupt" {
		t.Errorf("noise: %q", p.Log)
	}
}

// FA-TRG-1, FA-CHG-2.
func TestTimersAndReboots(t *testing.T) {
	p := has(newPhone(t, nil, "Flash Mode=2", "Flash Interval=3"), own, text("1", "A :1"))
	p.Boot()
	p.Paths()
	if p.Wait(3*time.Hour - time.Second); p.Paths() != "" {
		t.Errorf("asked too early: %q", p.Log)
	}
	if p.Wait(2 * time.Second); p.Paths() == "" || p.Said("reboot") {
		t.Errorf("asked too late: %q", p.Log)
	}
	p = has(newPhone(t, nil), own, text("1", "WAN Mode :STATIC"))
	if p.Boot(); p.Outcome() != "applied" || !p.Said("reboot") {
		t.Errorf("a network setting: %q", p.Log)
	}
}

// Vector 3: FA-PLAN-5, FA-UP-2.
func TestUpgradeByIndex(t *testing.T) {
	id := example
	id.Product, id.Hardware, id.Software = "X4U-Pro", "2.0", "1.0"
	newPhone := func() *bench.Phone {
		return bench.New(t, &Personality, id, nil, "Enable Auto Upgrade=1", "Upgrade Server 1=http://one/", "Upgrade Server 2=http://two/fw", "Flash Server IP=h", "Flash Protocol=4")
	}
	p := newPhone()
	p.Files["http://two/fw/fanvil_x4u_pro_hwv2_0.txt"] = "Version=1.1\nFirmware=http://two/fw/x4.z\nBuildTime=2020\nInfo=TXT|a\n"
	p.Files["http://two/fw/x4.z"] = string(Personality.Image("X4U-Pro", "1.1", []byte("code")))
	p.Boot()
	if got := p.Paths(); got != "/"+own+" /fanvil_x4u_pro_hwv2_0.txt /fw/fanvil_x4u_pro_hwv2_0.txt /fw/x4.z" || !p.Said("upgrade.done applied http://two/fw/x4.z") {
		t.Errorf("asked %s: %q", got, p.Log)
	}
	if p.Wait(25 * time.Hour); p.Software() != "1.1" || !p.Said("upgrade.done unchanged") {
		t.Errorf("afterwards: %s %q", p.Software(), p.Log)
	}
	p = newPhone()
	if p.Boot(); !p.Said("upgrade.done not-found http://two/fw/fanvil_x4u_pro_hwv2_0.txt") {
		t.Errorf("no index: %q", p.Log)
	}
	p = newPhone()
	p.Files["http://one/fanvil_x4u_pro_hwv2_0.txt"] = "Version=1.1\nFirmware=x4.z\n"
	p.Files["http://one/x4.z"] = "noise"
	if p.Boot(); !p.Said("upgrade.done bad-image http://one/x4.z") {
		t.Errorf("noise as an image: %q", p.Log)
	}
}

// FA-UP-1, FA-PLAN-6, FA-OUT-1.
func TestImageURL(t *testing.T) {
	p := has(newPhone(t, nil), own, text("1", "Auto Image Url :http://h/fw/x4-2.11.z", "Auto Etc Url :logo.bmp"), "fw/x4-2.11.z", string(Personality.Image("X4", "2.11", nil)))
	p.Boot()
	if got := p.Paths(); got != "/"+common+" /"+own+" /logo.bmp /fw/x4-2.11.z" || !p.Said("reboot") {
		t.Errorf("asked %s: %q", got, p.Log)
	}
	if p.Wait(time.Hour); p.Software() != "2.11" || p.Paths() != "/"+common+" /"+own || p.Outcome() != "unchanged" {
		t.Errorf("the same image again: %s %q", p.Software(), p.Log)
	}
	p = has(newPhone(t, nil), own, text("1", "Auto Image Url :missing.z"))
	if p.Boot(); p.Outcome() != "applied" || p.Said("reboot") {
		t.Errorf("a missing image: %q", p.Log)
	}
}

// FA-ID-1, FA-ID-2, FA-ID-3, FA-ID-4, FA-TRG-3.
func TestIdentity(t *testing.T) {
	id := example
	id.Product, id.Software = "X6U Pro", "0.0.10"
	if got := Personality.Agent(id); got != "Fanvil X6U Pro 0.0.10 0c383e07e16c" {
		t.Errorf("User-Agent %s", got)
	}
	if !Personality.Owns(device.MAC{0x00, 0xa8, 0x59}) || !Personality.Owns(device.MAC{0x0c, 0x38, 0x3e}) || Personality.Owns(device.MAC{0x00, 0x04, 0x13}) {
		t.Error("the address blocks")
	}
	if got := Personality.DHCP(id).Class; got != "" {
		t.Errorf("option 60 is %q", got)
	}
	for event, want := range map[string]device.InputKind{"check-sync": device.AskResync, "check-sync;reboot=false": device.AskResync, "check-sync;reboot=true": device.AskReboot} {
		if got, ok := Personality.Notify(profile.Config{}, event); !ok || got != want {
			t.Errorf("NOTIFY %s asks for %v, %v", event, got, ok)
		}
	}
	for setting, want := range map[string]bool{"CA Certificates=0": true, "CA Certificates=1": false} {
		p := newPhone(t, nil, setting)
		if p.Boot(); p.Asked[0].TLS.AnyChain != want {
			t.Errorf("%s: any certificate is accepted: %v", setting, !want)
		}
	}
}

// Vector 4: FA-FMT-1, FA-FMT-2.
func TestForms(t *testing.T) {
	for _, c := range []struct{ body, version, want string }{
		{text("2.0000000000", "SIP1 Phone Number      :201", "SIP1 Server :a:5060", "X :", "X :2", "--List--  :"), "2.0000000000", `"SIP1 Phone Number"="201" "SIP1 Server"="a:5060" X=2 "--List--"=""`},
		{"<VOIP_CONFIG_FILE><version>2.0002</version><AUTOUPDATE_CONFIG_MODULE><Flash_Server_IP>h</Flash_Server_IP><Other_Name>x</Other_Name></AUTOUPDATE_CONFIG_MODULE></VOIP_CONFIG_FILE>", "2.0002", `"Flash Server IP"="h" "Other Name"="x"`},
		{"<sysConf><Version>2.0000000000</Version><net><WANType>0</WANType></net><sip><line index=\"1\"><Phone>1</Phone></line><line index=\"2\"><Phone>2</Phone></line></sip><ap><FlashServerIP>h</FlashServerIP></ap></sysConf>", "2.0000000000", `net.WANType=0 sip.line.Phone=1 sip.line2.Phone=2 "Flash Server IP"="h"`},
	} {
		config, version, _, err := parse([]byte(c.body))
		if got := strings.ReplaceAll(strings.TrimSpace(string(config.Append(nil))), "\n", " "); err != nil || got != c.want || version != c.version {
			t.Errorf("%s: version %s, %s, %v, want %s", c.body, version, got, err, c.want)
		}
	}
	if name, value, ok := setting("SIP1 Phone Number      :201"); !ok || name != "SIP1 Phone Number" || value != "201" {
		t.Errorf("the line is %q %q", name, value)
	}
	for _, body := range []string{
		"<<VOIP CONFIG FILE>>Version:2\nA :secret\n", "<<VOIP CONFIG FILE>>\nsecret\n" + endMark, firstMark + "\nA :secret\n" + endMark, "A :secret\n",
		"<VOIP_CONFIG_FILE><M><A>secret</A></M></VOIP_CONFIG_FILE>", "<html><version>1</version>secret</html>", "<sysConf><a>secret</sysConf>",
	} {
		if _, _, _, err := parse([]byte(body)); !errors.Is(err, profile.ErrCorrupt) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// FA-ENC-1, beside openssl.
func TestEncrypted(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("needs the openssl program, Debian package openssl")
	}
	cmd := exec.Command(openssl, "enc", "-aes-128-cbc", "-md", "md5", "-k", "k3y")
	cmd.Stdin = strings.NewReader(text("1", "A :1"))
	sealed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"k3y": "applied", "guess": "corrupt", "": "corrupt"} {
		p := has(newPhone(t, nil, "Device Cfg File Key="+key), own, string(sealed))
		if p.Boot(); p.Outcome() != want {
			t.Errorf("with the key %q: %q, want %s", key, p.Log, want)
		}
	}
	p := has(newPhone(t, nil, "Device Cfg File Key=k3y"), own, text("1", "A :1"))
	if p.Boot(); p.Outcome() != "applied" {
		t.Errorf("a plain file and a key: %q", p.Log)
	}
}

func TestLint(t *testing.T) {
	for _, c := range []struct{ body, code, says string }{
		{"A :1\n", "FA-FMT-2", "the file is not XML"},
		{"<<VOIP CONFIG FILE>>Version:2\nA :1\n", "FA-FMT-2", "no last line"},
		{text("two", "A :1"), "FA-CHG-1", "no number"},
		{text("2", "A"), "FA-FMT-1", "found no name"},
		{text("2", "Flash Protocol :3"), "FA-SRC-4", "Flash Protocol: found"},
		{"Salted__12345678", "FA-ENC-1", "encrypted"},
		{text("2", "A :1"), "", ""},
	} {
		found := lint("x", []byte(c.body), Personality.Parameters)
		if c.code == "" && len(found) == 0 {
			continue
		}
		if len(found) != 1 || found[0].Code != c.code || !strings.Contains(found[0].What, c.says) {
			t.Errorf("%.40q: %v, want %s %s", c.body, found, c.code, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{text("2.0", "A :1", "B"), "<sysConf><Version>1</Version><a><b>1</b></a></sysConf>", "<VOIP_CONFIG_FILE><version>1</version><M><A_B>1</A_B></M></VOIP_CONFIG_FILE>", "Version=1\nFirmware=x\n", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, version, _, err := parse(body)
		if err != nil && !errors.Is(err, profile.ErrCorrupt) && !errors.Is(err, profile.ErrEmpty) {
			t.Errorf("the error is %v", err)
		}
		if err == nil && version == "" {
			t.Error("a file without a version is taken")
		}
		opener("k", "")(body)
		openIndex(body)
		lint("x", body, Personality.Parameters)
	})
}

// FA-TRG-4: the address of the phone's own web server resyncs without a reboot, or reboots.
func TestOwnServer(t *testing.T) {
	for key, reboots := range map[string]bool{"AutoP": false, "Reboot": true} {
		newPhone(t, nil).PressKey(key, reboots)
	}
}
