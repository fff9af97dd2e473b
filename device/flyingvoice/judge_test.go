package flyingvoice

import (
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/encrypt"
	"provsim/resync"
)

func seal(t tester, plain, key string) string { return sealBy(t, encrypt.Default, plain, key) }

func sealBy(t tester, cipher, plain, key string) string {
	c, err := encrypt.Lookup(cipher)
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Encrypt(nil, []byte(plain), key, encrypt.Entropy{1, 2, 3, 4, 5, 6, 7, 8})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The outcome of a file (FV-CFG, FV-ENC-4), for a device whose stored version is 7.
func TestWhatAFileComesTo(t *testing.T) {
	const plain = "DBID_DBASE_VERSION=8\nDBID_SIP_ACCOUNT=1\n"
	const keyed = "Profile Rule=[--key 123456] http://h.example.com/x"
	tests := []struct {
		rule, setting, body, want, version string
	}{
		{"FV-CFG-3 another version", "", plain, "applied", "8"},
		{"FV-CFG-3 a smaller version differs too", "", "DBID_DBASE_VERSION=6\n", "applied", "6"},
		{"FV-CFG-3 the same version", "", "DBID_DBASE_VERSION=7\nDBID_SIP_ACCOUNT=1\n", "unchanged", "7"},
		{"FV-CFG-3 the same except for blanks before it", "", "DBID_DBASE_VERSION= \t7\n", "unchanged", "7"},
		{"FV-CFG-3 the same except for blanks", "", "DBID_DBASE_VERSION=7 \t\r\n", "unchanged", "7"},
		{"FV-CFG-3 compared as text", "", "DBID_DBASE_VERSION=07\n", "applied", "07"},
		{"FV-CFG-3 no version", "", "DBID_SIP_ACCOUNT=1\n", "unversioned", "7"},
		{"FV-CFG-3 an empty version", "", "DBID_DBASE_VERSION=\n", "unversioned", "7"},
		{"FV-CFG-2 no bytes", "", "", "empty", "7"},
		{"FV-CFG-2 an error page", "", "<html><body>404 not found</body></html>", "corrupt", "7"},
		{"FV-CFG-2 good and bad lines", "", "what?\n" + plain, "applied", "8"},
		{"FV-ENC-4 the right key", keyed, seal(t, plain, "123456"), "applied", "8"},
		{"FV-ENC-4 a wrong key", keyed, seal(t, plain, "654321"), "bad-key", "7"},
		{"FV-ENC-4 a plain file for a keyed rule", keyed, plain, "bad-key", "7"},
		{"FV-ENC-4 an encrypted file without a key", "", seal(t, plain, "123456"), "corrupt", "7"},
		{"FV-ENC-4 padding that is right by luck", keyed, seal(t, "\x01\x02 noise \xff", "123456"), "bad-key", "7"},
		{"FV-ENC-4 a truncated container", keyed, seal(t, plain, "123456")[:20], "bad-key", "7"},
		{"FV-MAC-9 macros in the key", "Profile Rule=[--key 'k$MA'] http://h.example.com/x", seal(t, plain, "k0021f2011b19"), "applied", "8"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			settings := []string{}
			if tt.setting != "" {
				settings = []string{"Option 66=0", tt.setting}
			}
			p := newPhone(t, settings...).file(tt.body)
			p.saved.Version = "7"
			if got := p.boot(); got != tt.want {
				t.Errorf("outcome %s, want %s; events %q", got, tt.want, p.log)
			}
			if p.saved.Version != tt.version {
				t.Errorf("stored version %q, want %q", p.saved.Version, tt.version)
			}
			if p.said("123456") || p.said("654321") {
				t.Errorf("a key is in the events %q", p.log)
			}
		})
	}
}

// The reason tells a file that was encrypted by another cipher from a wrong key (FV-ENC-5).
func TestAnotherCipher(t *testing.T) {
	for cipher, want := range map[string]bool{"openssl-sha256": true, encrypt.Default: false} {
		key := "123456"
		if !want {
			key = "other"
		}
		p := newPhone(t, "Option 66=0", "Profile Rule=[--key 123456] http://h.example.com/x").file(sealBy(t, cipher, "DBID_DBASE_VERSION=8\n", key))
		const note = "the key opens the file by openssl-sha256, and the phone's cipher is openssl-md5 (FV-ENC-5)"
		if got := p.boot(); got != "bad-key" || p.said(note) != want {
			t.Errorf("%s: outcome %s, events %q", cipher, got, p.log)
		}
	}
}

// FV-CFG-4 and FV-CFG-5: named settings change, all others stay, and a value out
// of its range keeps the old one.
func TestApplyMerges(t *testing.T) {
	p := newPhone(t, "Resync Periodic=600", "Forced Resync Delay=5").file(strings.Join([]string{
		"DBID_DBASE_VERSION=1", "DBID_RESYNC_PERIODIC=soon", "DBID_PRV_OPTION66_ENABLED=2",
		"DBID_FORCED_RESYNC_DELAY=6", "DBID_UNKNOWN=x y", "DBID_SIP_PASSWORD=hush\thush", "line without a name",
	}, "\n"))
	p.boot()
	for web, want := range map[string]string{"Resync Periodic": "600", "Option 66": "", "Forced Resync Delay": "6", "Resync Random Delay": "0"} {
		if got := p.setting(web); got != want {
			t.Errorf("%s is %q, want %q", web, got, want)
		}
	}
	if got, _ := p.saved.Config.Get("DBID_UNKNOWN"); got != "x y" {
		t.Errorf("an unknown name holds %q, want \"x y\" (FV-SET-4)", got)
	}
	for _, text := range []string{"line 7 is left out", "DBID_RESYNC_PERIODIC keeps its value", "DBID_PRV_OPTION66_ENABLED keeps its value", "4 changed, 2 kept"} {
		if !p.said(text) {
			t.Errorf("no event says %q: %q", text, p.log)
		}
	}
	if p.said("hush") {
		t.Errorf("a password is in the events %q", p.log)
	}
}

// A rule that arrives in a file is journalled without its secrets.
func TestAppliedRuleKeepsItsSecrets(t *testing.T) {
	p := newPhone(t).file("DBID_DBASE_VERSION=1\nDBID_PRV_OPTION66_ENABLED=0\nDBID_PROFILE_RULE=[--key s3cret] https://ann:hush@h.example.com/x\n")
	p.boot()
	p.wait(2 * time.Hour)
	if !p.said("https://h.example.com/x") || p.said("s3cret") || p.said("hush") {
		t.Errorf("events %q", p.log)
	}
}

// A hostile file cannot flood the journal.
func TestWarningsAreBounded(t *testing.T) {
	p := newPhone(t).file("DBID_DBASE_VERSION=1\n" + strings.Repeat("bad\n", 100_000))
	p.boot()
	if len(p.log) > 40 || !p.said("99980 more lines") {
		t.Errorf("%d events for a bad file, want a few and how many there were", len(p.log))
	}
}

// FV-UP: the outcome of an image.
func TestWhatAnImageComesTo(t *testing.T) {
	good := string(SealImage(Image{Product: "IP542N", Version: "v3.4.0"}, []byte("firmware")))
	tests := []struct {
		rule, body, want, software string
	}{
		{"FV-UP-6 an image of ours", good, "applied", "v3.4.0"},
		{"FV-UP-6 for another product", string(SealImage(Image{Product: "G502N", Version: "v9"}, nil)), "bad-image", "v3.3.8"},
		{"FV-UP-6 damaged", good[:len(good)-1] + "X", "bad-image", "v3.3.8"},
		{"FV-UP-6 cut short", good[:len(good)-1], "bad-image", "v3.3.8"},
		{"FV-UP-6 header without an end", imageMagic + "product=IP542N\n", "bad-image", "v3.3.8"},
		{"FV-UP-6 header without a version", imageMagic + "product=IP542N\nlength=0\n\n", "bad-image", "v3.3.8"},
		{"FV-UP-6 any other file", "\x7fELF", "applied", "G502_F107_S334"},
		{"FV-UP-6 an empty file", "", "empty", "v3.3.8"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			p := newPhone(t, "Provision Enable=0", "Upgrade Rule=http://h.example.com/G502_F107_S334.bin").file(tt.body)
			if got := p.boot(); got != tt.want || p.Identity().Software != tt.software {
				t.Errorf("outcome %s, software %s, want %s and %s", got, p.Identity().Software, tt.want, tt.software)
			}
		})
	}
}

// FV-UP-2 and FV-UP-5: an upgrade is done once for each effective URL, and its
// success is stored and followed by a reboot with its own cause.
func TestUpgradeIsDoneOnce(t *testing.T) {
	p := newPhone(t, "Upgrade Rule=tftp://192.0.2.1/$HWVER.bin", "Resync Periodic=60")
	p.serve = func(r device.Request) device.Reply {
		if strings.HasSuffix(r.Path, ".bin") {
			return device.Reply{Body: []byte("image")}
		}
		return device.Reply{Body: []byte("DBID_DBASE_VERSION=1\n")}
	}
	p.boot()
	p.wait(2 * time.Hour)
	count := 0
	for _, r := range p.asked {
		if strings.HasSuffix(r.Path, ".bin") {
			count++
		}
	}
	if count != 1 || p.saved.UpgradeURL != "tftp://192.0.2.1/v1.0.1.bin" || !p.said("boot upgrade") {
		t.Errorf("%d upgrades, URL %q, events %q", count, p.saved.UpgradeURL, p.log[:min(len(p.log), 30)])
	}
}

// FV-UP-3: https is refused without contact, unless the quirk allows it.
func TestHTTPSUpgradeIsRefused(t *testing.T) {
	settings := []string{"Provision Enable=0", "Upgrade Rule=https://h.example.com/fw.bin"}
	p := newPhone(t, settings...)
	if got := p.boot(); got != "https-upgrade" || len(p.asked) > 0 || p.Deadline() != resync.Never {
		t.Errorf("outcome %s, asked %v, next %v", got, p.asked, p.Deadline())
	}
	p = newPhone(t, settings...)
	p.Model().Quirks = device.Quirks{httpsUpgrade: "on"}
	if got := p.file("image").boot(); got != "applied" {
		t.Errorf("with the quirk: %s, events %q", got, p.log)
	}
}
