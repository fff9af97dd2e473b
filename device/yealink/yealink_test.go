package yealink

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/bootfile"
	"provsim/encrypt"
	"provsim/internal/testing/bench"
	"provsim/resync"
)

var example = device.Identity{MAC: device.MAC{0x80, 0x5e, 0xc0, 0xd5, 0x7d, 0x72}}

const (
	head   = bootfile.First + "\n"
	server = "static.auto_provision.server.url=http://h/y/"
	noDHCP = "static.auto_provision.dhcp_option.enable=0"
)

func newPhone(t testing.TB, settings ...string) *bench.Phone {
	return bench.New(t, &Personality, example, nil, append([]string{server}, settings...)...)
}

func files(p *bench.Phone, pairs ...string) *bench.Phone {
	for i := 0; i < len(pairs); i += 2 {
		p.Files["http://h"+pairs[i]] = pairs[i+1]
	}
	return p
}

const (
	ownBoot   = "/y/805ec0d57d72.boot"
	boot      = "/y/y000000000000.boot"
	commonT46 = "/y/y000000000066.cfg"
	own       = "/y/805ec0d57d72.cfg"
)

// YL-SRC-1: a new lease leads elsewhere, and so do new settings, although the firmware
// remembers the way that it went last.
func TestNewLeaseNewServer(t *testing.T) {
	p := newPhone(t)
	first := func() string {
		p.Asked = nil
		again(p)
		return p.Asked[0].URL()
	}
	p.Boot()
	for _, option66 := range []string{"http://b/z/", "http://c/", ""} {
		want := cmp.Or(option66, "http://h/y/") + "805ec0d57d72.boot"
		p.Lease.Offer = device.TextOffer(66, option66)
		p.Tell(device.Input{Kind: device.GotLease, Lease: p.Lease})
		if one, two := first(), first(); one != want || two != want {
			t.Errorf("with option 66 %q it asks %s, then %s, want %s", option66, one, two, want)
		}
	}
	config, err := p.Stored().Config.With("static.auto_provision.server.url", "http://d/")
	if err != nil {
		t.Fatal(err)
	}
	p.Tell(device.Input{Kind: device.Configure, Config: config})
	if got := first(); got != "http://d/805ec0d57d72.boot" {
		t.Errorf("with another server in the settings it asks %s", got)
	}
}

// Vector 1: all files are missing (YL-PLAN-1, YL-PLAN-3, YL-PLAN-6). The misses of boot files are
// expected (YL-PLAN-6).
func TestAllMissing(t *testing.T) {
	p := newPhone(t)
	p.Boot()
	if got := p.Paths(); got != strings.Join([]string{ownBoot, boot, commonT46, own}, " ") || p.Outcome() != "not-found" {
		t.Errorf("asked %s, %s", got, p.Outcome())
	}
	for _, want := range []string{"transfer not-found expected http://h" + ownBoot, "transfer not-found expected http://h" + boot} {
		if !p.Said(want) {
			t.Errorf("the journal lacks %q: %q", want, p.Log)
		}
	}
	old := example
	old.Software = "66.80.0.5"
	q := bench.New(t, &Personality, old, nil, server)
	if q.Boot(); q.Paths() != commonT46+" "+own {
		t.Errorf("firmware 66.80 asked %v", q.Log)
	}
	// After a failed run nothing happens until the next trigger (YL-TRG-3).
	if p.Wait(48 * time.Hour); p.Paths() != "" {
		t.Error("asked again without a trigger")
	}
}

// Vector 2: a boot file found takes the place of all others (YL-PLAN-2, YL-FMT-2).
func TestBootFile(t *testing.T) {
	bootFile := head + "include:config \"a.cfg\"\n[T48S]include:config <b.cfg>\ninclude:config \"../c.cfg\"\nfoo\n"
	a, c := head+"a = 1\n", head+"c = 3\n"
	p := files(newPhone(t), boot, bootFile, "/y/a.cfg", a, "/c.cfg", c)
	p.Boot()
	if got := p.Paths(); got != ownBoot+" "+boot+" /y/a.cfg /c.cfg" || p.Outcome() != "applied" || p.Setting("c") != "3" {
		t.Errorf("asked %s, %s, c=%s", got, p.Outcome(), p.Setting("c"))
	}
	other := example
	other.Product = "T48S"
	q := files(bench.New(t, &Personality, other, nil, server), boot, bootFile, "/y/a.cfg", a, "/c.cfg", c)
	if q.Boot(); q.Paths() != ownBoot+" "+boot+" /y/a.cfg /y/b.cfg /c.cfg" {
		t.Errorf("a T48S asked %v", q.Log)
	}
	excluded := "static.specific_model.excluded_mode = 1\n"
	q = files(bench.New(t, &Personality, other, nil, server), boot, bootFile+excluded)
	if q.Boot(); q.Paths() != ownBoot+" "+boot+" /y/b.cfg" {
		t.Errorf("a T48S with excluded_mode asked %v", q.Log)
	}
}

// Vector 3: a URL that names a file is fetched alone (YL-SRC-5), and a DHCP option
// comes before the stored server (YL-SRC-1, YL-SRC-4).
func TestSources(t *testing.T) {
	p := newPhone(t).Offer("66=http://h:25565/y000000000000.cfg")
	if p.Boot(); p.Paths() != "/y000000000000.cfg" {
		t.Errorf("a URL of one file: %q", p.Log)
	}
	for _, c := range []struct {
		settings, offer []string
		want            string
	}{
		{nil, []string{"66=10.0.0.1"}, "tftp://10.0.0.1/805ec0d57d72.boot"},
		{nil, []string{"43=http://v/$MAC/"}, "http://v/805ec0d57d72/805ec0d57d72.boot"},
		{nil, []string{"66=http://a/", "43=http://b/"}, "http://a/805ec0d57d72.boot"},
		{[]string{"static.auto_provision.dhcp_option.list_user_options=128,129"}, []string{"66=http://a/", "129=http://c/"}, "http://c/805ec0d57d72.boot"},
		{[]string{noDHCP}, []string{"66=http://a/"}, "http://h/y/805ec0d57d72.boot"},
		{nil, nil, "http://h/y/805ec0d57d72.boot"},
		{nil, []string{"43=0x010203"}, "http://h/y/805ec0d57d72.boot"},
	} {
		p := newPhone(t, c.settings...).Offer(c.offer...)
		if p.Boot(); len(p.Asked) == 0 || p.Asked[0].URL() != c.want {
			t.Errorf("%q %q: %q, want %s first", c.settings, c.offer, p.Log, c.want)
		}
	}
	none := bench.New(t, &Personality, example, nil).Offer("150=0x0a000009")
	if none.Boot(); none.Outcome() != "no-server" || !strings.Contains(strings.Join(none.Log, "\n"), "option 150 with 10.0.0.9") {
		t.Errorf("without a server: %q", none.Log)
	}
	// YL-SRC-6: the credentials of the URL, else of the settings.
	p = newPhone(t, "static.auto_provision.server.username=u", "static.auto_provision.server.password=p")
	if p.Boot(); p.Asked[0].User != "u" || p.Asked[0].Password != "p" {
		t.Errorf("credentials %q", p.Asked[0].User)
	}
	p = newPhone(t).Offer("66=http://x:y@h/")
	if p.Boot(); p.Asked[0].User != "x" || p.Asked[0].Password != "y" {
		t.Errorf("credentials of the URL %q", p.Asked[0].User)
	}
}

// Vector 4: files are compared by their bytes (YL-CHG-1), and changed ones act
// without a reboot except for those of the reboot list (YL-CHG-2).
func TestChangeTest(t *testing.T) {
	file := func(stamp string) string { return head + "#17000000" + stamp + "\naccount.1.enable = 1\n" }
	p := files(newPhone(t), own, file("00"))
	p.Boot()
	if p.Outcome() != "applied" || p.Said("reboot") || p.Setting("account.1.enable") != "1" {
		t.Errorf("first: %s, %q", p.Outcome(), p.Log)
	}
	again := func() string { p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); return p.Outcome() }
	if got := again(); got != "unchanged" {
		t.Errorf("the same bytes: %s", got)
	}
	files(p, own, file("01"))
	if got := again(); got != "applied" || p.Said("reboot") {
		t.Errorf("another time stamp: %s, %q", got, p.Log)
	}
	files(p, own, head+"static.network.lldp.enable = 0\n")
	if got := again(); got != "applied" || !p.Said("reboot") {
		t.Errorf("a network setting: %s, %q", got, p.Log)
	}
}

// YL-FMT-1, YL-FMT-3: what a file may be, and overwrite_mode.
func TestFormat(t *testing.T) {
	for body, want := range map[string]string{
		head + "a = 1\n":                  "applied",
		"a = 1\n":                         "corrupt",
		"#!version:1.0.0.2\na = 1\n":      "corrupt",
		"<html>404</html>":                "corrupt",
		"\ufeff" + head + "a.b-c = x=y\n": "applied",
		strings.ReplaceAll(head+"a = 1\n", "\n", "\r\n"): "applied",
	} {
		p := files(newPhone(t), own, body)
		if p.Boot(); p.Outcome() != want {
			t.Errorf("%q: %s, want %s; %q", body, p.Outcome(), want, p.Log)
		}
	}
	p := files(newPhone(t), own, head+"a = x\nb = y\n")
	p.Boot()
	files(p, own, head+"a = q\na = %NULL%\n")
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.Setting("a") != "" || p.Setting("b") != "y" {
		t.Errorf("a=%q b=%q", p.Setting("a"), p.Setting("b"))
	}
	files(p, own, head+"b = z\n")
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.Setting("a") != "" || p.Setting("b") != "z" {
		t.Errorf("what is absent stays: a=%q b=%q", p.Setting("a"), p.Setting("b"))
	}
	files(p, boot, head+"overwrite_mode = 1\ninclude:config \"n.cfg\"\n", "/y/n.cfg", head+"c = 1\n")
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.Setting("b") != "no b" || p.Setting("c") != "1" || p.Setting("static.auto_provision.server.url") != "http://h/y/" {
		t.Errorf("overwrite_mode 1: b=%q c=%q", p.Setting("b"), p.Setting("c"))
	}
	if p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person}); p.Setting("c") != "1" || p.Outcome() != "unchanged" {
		t.Errorf("overwrite_mode 1 and equal files: c=%q, %s, seen %q, %q", p.Setting("c"), p.Outcome(), p.Stored().Seen, p.Log[len(p.Log)-6:])
	}
}

// Vector 6: another firmware in the common file comes before the phone's own file
// (YL-PLAN-7, YL-PLAN-8, YL-UP-1, YL-UP-2).
func TestFirmware(t *testing.T) {
	p := files(newPhone(t), commonT46, head+"static.firmware.url = http://h/fw/66.86.0.99.rom\n", "/fw/66.86.0.99.rom", "ROM", own, head+"a = 1\n")
	p.Boot()
	if got := p.Paths(); got != ownBoot+" "+boot+" "+commonT46+" /fw/66.86.0.99.rom" || !p.Said("reboot") {
		t.Errorf("asked %s; %q", got, p.Log)
	}
	p.Wait(time.Minute)
	if p.Software() != "66.86.0.99" || p.Setting("a") != "1" {
		t.Errorf("after the reboot: software %s, a=%s; %q", p.Software(), p.Setting("a"), p.Log)
	}
	if got := p.Paths(); !strings.HasSuffix(got, "/fw/66.86.0.99.rom "+own) {
		t.Errorf("after the reboot it asked %s", got)
	}
}

// YL-TRG-2, YL-TRG-3: three tries five seconds apart where there is no answer, one
// where there is; then the next file.
func TestTries(t *testing.T) {
	p := files(newPhone(t), commonT46, "timeout", own, head+"a = 1\n")
	p.Boot()
	p.Wait(time.Minute)
	if got := p.Paths(); strings.Count(got, commonT46) != 3 || !strings.HasSuffix(got, own) || p.Outcome() != "applied" {
		t.Errorf("asked %s, %s", got, p.Outcome())
	}
	p = files(newPhone(t), commonT46, "http-status", own, "unauthorized")
	p.Boot()
	if p.Wait(9 * time.Second); strings.Count(p.Paths(), commonT46) != 2 {
		t.Errorf("after 9 s the log is %q", p.Log)
	}
	p.Wait(time.Minute)
	if got := p.Paths(); got != commonT46+" "+own || p.Outcome() != "http-status" && p.Outcome() != "unauthorized" {
		t.Errorf("then asked %s, %s", got, p.Outcome())
	}
	if d := p.Asked; len(d) > 0 && d[0].Timeout != 5*time.Second {
		t.Errorf("timeout %v", d[0].Timeout)
	}
}

// YL-TRG-1: period, window by the address, days of the week.
func TestTimers(t *testing.T) {
	count := func(settings ...string) int {
		p := files(newPhone(t, settings...), own, head+"a = 1\n")
		p.Boot()
		p.Paths()
		p.Wait(30 * 24 * time.Hour)
		return strings.Count(p.Paths(), own)
	}
	pre := "static.auto_provision."
	if got := count(); got != 0 {
		t.Errorf("as shipped: %d resyncs in 30 days, want none", got)
	}
	if got := count(pre+"repeat.enable=1", pre+"repeat.minutes=720"); got != 60 {
		t.Errorf("every 12 hours: %d in 30 days", got)
	}
	if got := count(pre+"weekly.enable=1", pre+"weekly.dayofweek=15", pre+"weekly.begin_time=02:00", pre+"weekly.end_time=04:00"); got < 8 || got > 9 {
		t.Errorf("two days a week: %d in 30 days", got)
	}
	if got := count(pre+"flexible.enable=1", pre+"flexible.interval=10"); got != 3 {
		t.Errorf("every 10 days: %d in 30 days", got)
	}
	p := newPhone(t, pre+"power_on=0")
	if p.Boot(); p.Paths() != "" {
		t.Error("power_on 0: it asked at boot")
	}
}

// Vector 5 (YL-TRG-4): the setting decides, and the event beside it.
func TestNotify(t *testing.T) {
	for setting, kinds := range map[string][3]device.InputKind{
		"":  {device.AskReboot, device.AskReboot, device.AskResync},
		"1": {device.AskReboot, device.AskReboot, device.AskResync},
		"0": {device.AskResync, device.AskReboot, device.AskResync},
		"2": {device.Tick, device.Tick, device.Tick},
	} {
		p := newPhone(t, "sip.notify_reboot_enable="+setting)
		for i, event := range []string{"check-sync", "check-sync;reboot=true", "check-sync;reboot=false"} {
			if got, ok := Personality.Notify(p.Stored().Config, event); !ok || got != kinds[i] {
				t.Errorf("%q, %s: %v %v, want %v", setting, event, got, ok, kinds[i])
			}
		}
		if _, ok := Personality.Notify(p.Stored().Config, "resync"); ok {
			t.Error("resync is no event of these phones")
		}
	}
}

// YL-ENC-1: the stand-in, and the outcome of a wrong key.
func TestEncrypted(t *testing.T) {
	sealed := seal(t, head+"a = 1\n", "0123456789abcdef")
	for key, want := range map[string]string{"0123456789abcdef": "applied", "xxxxxxxxxxxxxxxx": "bad-key", "": "corrupt"} {
		p := files(newPhone(t, "static.auto_provision.aes_key_16.mac="+key), own, sealed)
		if p.Boot(); p.Outcome() != want {
			t.Errorf("key %q: %s, want %s", key, p.Outcome(), want)
		}
	}
	p := files(newPhone(t, "static.auto_provision.update_file_mode=1"), own, head+"a = 1\n")
	if p.Boot(); p.Outcome() != "bad-key" {
		t.Errorf("update_file_mode 1 and a plain file: %s", p.Outcome())
	}
}

// YL-ID-2, YL-ID-3, YL-ID-4.
func TestIdentity(t *testing.T) {
	for product, want := range map[string]string{
		"T46S": "Yealink SIP-T46S 66.86.0.15 80:5e:c0:d5:7d:72", "W52P": "Yealink W52P 66.86.0.15 80:5e:c0:d5:7d:72",
		"T58": "Yealink SIP-T58 66.86.0.15 805ec0d57d72", "T49G": "Yealink SIP VP-T49G 66.86.0.15 80:5e:c0:d5:7d:72",
	} {
		id := shipped
		id.MAC, id.Product = example.MAC, product
		if got := userAgent(id); got != want {
			t.Errorf("%s: %q, want %q", product, got, want)
		}
	}
	old := device.Identity{MAC: example.MAC, Product: "T28P", Software: "2.70.0.5"}
	if got := userAgent(old); !strings.HasPrefix(got, "yealink SIP-T28P") {
		t.Errorf("an old T28P: %q", got)
	}
	if common("T48S") != "y000000000065.cfg" || common("unknown") != "y000000000000.cfg" {
		t.Error("names of common files")
	}
	if dhcp(shipped).Class != "yealink" {
		t.Error("option 60")
	}
}

func seal(t *testing.T, plain, key string) string {
	t.Helper()
	sealed, err := encrypt.AES128().Encrypt(nil, []byte(plain), key, encrypt.Entropy{1, 2, 3, 4, 5, 6, 7, 8})
	if err != nil {
		t.Fatal(err)
	}
	return string(sealed)
}

func FuzzFiles(f *testing.F) {
	f.Add(head + "a = 1\n")
	f.Add(head + "include:config \"a.cfg\"\n[T46S]include:config <b>\noverwrite_mode = 1\n")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, body string) {
		p := files(newPhone(t), boot, body, own, body, "/y/a.cfg", body)
		p.Boot()
		p.Wait(time.Minute)
		if p.Outcome() == "" && !p.Said("reboot") {
			t.Errorf("the run did not end: %q", p.Log)
		}
		Personality.Lint("x", []byte(body), Personality.Parameters)
	})
}

// YL-SRC-1 to -3: PnP comes before DHCP, where the model has a server for it, and a
// phone that gets no answer goes on.
func TestPnP(t *testing.T) {
	p := newPhone(t).Offer("66=http://dhcp/")
	p.Model().PnP = "127.0.0.1:5060"
	p.Files["pnp://127.0.0.1/MAC%3a805ec0d57d72"] = "http://h:25565/y000000000000.cfg"
	p.Boot()
	event, agent := p.Asked[0].Type, p.Asked[0].Agent
	if got := p.Paths(); got != "/MAC%3a805ec0d57d72 /y000000000000.cfg" || agent != "Yealink SIP-T46S 66.86.0.15" ||
		event != `ua-profile;profile-type="device";vendor="Yealink";model="T46S";version="66.86.0.15"` {
		t.Errorf("asked %s by %q, %q", got, agent, event)
	}
	if p.Outcome() != "not-found" {
		t.Errorf("a PnP answer is no configuration: %s", p.Outcome())
	}
	delete(p.Files, "pnp://127.0.0.1/MAC%3a805ec0d57d72")
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := p.Paths(); !strings.HasPrefix(got, "/MAC%3a805ec0d57d72 "+strings.TrimPrefix(ownBoot, "/y")) || !p.Said("transfer not-found expected pnp://") {
		t.Errorf("without an answer: %s; %q", got, p.Log)
	}
}
