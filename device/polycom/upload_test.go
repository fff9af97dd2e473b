package polycom

import (
	"strings"
	"testing"

	"provsim/device"
	"provsim/profile"
)

// change has a person save settings on the phone's page, and returns what the phone asks
// for then.
func (b *bench) change(settings ...string) string {
	b.t.Helper()
	var c profile.Config
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		var err error
		if c, err = c.With(name, value); err != nil {
			b.t.Fatal(err)
		}
	}
	b.answers, b.log = nil, nil
	b.tell(device.Input{Kind: device.Configure, Config: c})
	return b.paths()
}

const mac = "0004f21a2457"

// A change on the phone's page is put as a whole override file, a change of the directory
// as a whole directory, and the server's file counts from then on (PC-UP-2, PC-CFG-3).
func TestChangesAreSent(t *testing.T) {
	for product, over := range map[string]string{"SPIP_450": mac + "-phone.cfg", "VVX_500": mac + "-web.cfg"} {
		b := newBench(t, product, nil, "reg.1.label=mine")
		b.boot()
		_, version, _ := strings.Cut(agent(b.Identity(), false, false), "-UA/")
		if got, want := b.change(`reg.2.address=a"b`), "PUT "+over+" "+version+" 201"; got != want {
			t.Fatalf("%s: after a change the phone asks\n%s\nwant\n%s", product, got, want)
		}
		file := b.bodies[folder+over]
		c, err := parseConfig([]byte(file))
		label, _ := c.Get("reg.1.label")
		address, _ := c.Get("reg.2.address")
		if err != nil || c.Len() != 2 || label != "mine" || address != `a"b` || !strings.Contains(file, "<PHONE_CONFIG>\n<OVERRIDES") {
			t.Errorf("%s: the override file is\n%s%v", product, file, err)
		}
		if got := b.change(`reg.2.address=a"b`); got != "" || b.outcome() != "unchanged" {
			t.Errorf("%s: a change to the same value asks %s, %s", product, got, b.outcome())
		}
		want := "PUT " + mac + "-directory.xml " + version + " 201"
		if got := b.change("emulator.directory=2002 Ada & Co, 2003 Bob"); got != want {
			t.Errorf("%s: after an edit of the directory the phone asks\n%s\nwant\n%s", product, got, want)
		}
		if got := b.bodies[folder+mac+"-directory.xml"]; !strings.Contains(got, "<item><fn>Ada &amp; Co</fn><ct>2002</ct></item>\n<item><fn>Bob</fn><ct>2003</ct></item>\n") {
			t.Errorf("%s: the directory is\n%s", product, got)
		}
		b.files[folder+over] = file
		if got := b.again(); b.setting("reg.2.address") != `a"b` || b.setting("reg.1.label") != "mine" || strings.Contains(b.paths(), "000000000000-directory.xml") == (product == "SPIP_450") {
			t.Errorf("%s: the boot after the upload is %s: address %q\n%s", product, got, b.setting("reg.2.address"), b.paths())
		}
	}
}

// What a server refuses stays to be sent at the next change (PC-UP-3), and a folder whose
// host is 0.0.0.0 takes nothing (PC-FILE-6).
func TestChangesThatAreRefused(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	b.boot()
	b.closed = true
	if b.change("reg.1.label=mine"); b.outcome() != "http-status" || b.setting("reg.1.label") != "mine" {
		t.Errorf("a refused upload is %s, the label %q", b.outcome(), b.setting("reg.1.label"))
	}
	b.closed = false
	if got := b.change(); !strings.HasPrefix(got, "PUT "+mac+"-web.cfg") || b.outcome() != "sent" {
		t.Errorf("the next order asks %q, %s", got, b.outcome())
	}
	b.files[folder+mac+".cfg"] = `<APPLICATION CONFIG_FILES="sip.cfg" OVERRIDES_DIRECTORY="http://0.0.0.0/" LOG_FILE_DIRECTORY="http://0.0.0.0/" CONTACTS_DIRECTORY="people"/>`
	b.again()
	if got := b.change("reg.1.label=again", "emulator.directory=1 A"); !strings.HasPrefix(got, "PUT people/"+mac+"-directory.xml") || strings.Contains(got, "\n") {
		t.Errorf("with the folders of the master the phone asks\n%s", got)
	}
	b.wait(49 * 3600 * 1e9) // the application's log is switched off, too
	if b.files[folder+mac+".cfg"] = published[mac+".cfg"]; b.again() != "applied" || strings.Contains(b.change("reg.1.label=third"), "people/") {
		t.Errorf("without folders the phone asks\n%s", b.paths())
	}
}

// A phone with a key encrypts what it sends, where the settings ask for it; equal files are sent
// once, and the server's own are opened again (PC-ENC-4).
func TestChangesAreEncrypted(t *testing.T) {
	const key = "Crypt=1;KeyDesc=companyNameKey1;Key=06a9214036b8a15b512e03d534120006;"
	for on, encrypted := range map[string]bool{"sec.encryption.upload.overrides": true, "sec.encryption.upload.dir": false} {
		b := newBench(t, "VVX_500", nil, "device.sec.configEncryption.key="+key, on+"=1")
		b.boot()
		b.change("reg.1.label=mine", "emulator.directory=2002 Ada")
		for name, want := range map[string]bool{"-web.cfg": encrypted, "-directory.xml": !encrypted} {
			body := b.bodies[folder+mac+name]
			plain, err := open([]byte(body), key)
			if strings.HasPrefix(body, encryptMark) != want || err != nil || !strings.Contains(string(plain), "<") || strings.Contains(string(plain), "06a9") {
				t.Errorf("%s=1: %s begins with %.20q, %v", on, name, body, err)
			}
		}
		if got := b.change(); got != "" {
			t.Errorf("%s=1: what is on the server is sent again: %s", on, got)
		}
		b.files[folder+mac+"-web.cfg"] = b.bodies[folder+mac+"-web.cfg"]
		if b.again(); b.setting("reg.1.label") != "mine" {
			t.Errorf("%s=1: the phone does not open its own file: %s", on, b.outcome())
		}
	}
	b := newBench(t, "VVX_500", nil, "sec.encryption.upload.overrides=1") // without a key
	b.boot()
	if b.change("reg.1.label=mine"); strings.HasPrefix(b.bodies[folder+mac+"-web.cfg"], encryptMark) {
		t.Error("a phone without a key encrypts")
	}
}
