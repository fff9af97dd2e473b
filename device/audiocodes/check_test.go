package audiocodes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

// offered returns a phone that DHCP sends to the server "h".
func offered(t testing.TB, settings ...string) *bench.Phone {
	return newPhone(t, settings...).Offer("160=http://h/")
}

const own = "http://h/00908f602aac.cfg"

// AC-FILE-1, AC-FILE-2, AC-FW-2: the head of the image decides, by one request.
func TestFirmware(t *testing.T) {
	running, other := makeImage("440HD", "2.2.8.61", []byte("x")), makeImage("440HD", "2.2.7.1", []byte("y"))
	for _, test := range []struct {
		name, image, software, says string
	}{
		{"the running version", string(running), "2.2.8.61", ""},
		{"a lower version", string(other), "2.2.7.1", "reboot"},
		{"another model", string(makeImage("420HD", "9", nil)), "2.2.8.61", "transfer none http://h/440HD.img (bad-image"},
		{"a web page", "<html>", "2.2.8.61", "transfer none http://h/440HD.img (bad-image"},
		{"a damaged image", string(other[:len(other)-8]), "2.2.8.61", "transfer none http://h/440HD.img (bad-image"},
		{"a timeout", "timeout", "2.2.8.61", "transfer timeout http://h/440HD.img"},
		{"a miss", "", "2.2.8.61", "transfer not-found expected http://h/440HD.img"},
	} {
		p := offered(t)
		if test.image != "" {
			p.Files["http://h/440HD.img"] = test.image
		}
		p.Files[own] = "a/b=1\n"
		p.Boot()
		p.Wait(0)
		request := p.Asked[0]
		if request.Head != headSize || request.Enough == nil || request.Class != device.ImageClass {
			t.Fatalf("%s: the request does not ask for the head", test.name)
		}
		enough := len(test.image) < headSize || request.Enough([]byte(test.image[:headSize]))
		if read := test.software != "2.2.8.61" || test.name == "a damaged image"; enough == read {
			t.Errorf("%s: the head is enough: %v", test.name, enough)
		}
		if got := p.Software(); got != test.software {
			t.Errorf("%s: the phone runs %s, want %s", test.name, got, test.software)
		}
		if says := strings.Replace(test.says, "transfer none", "transfer", 1); !p.Said(says) {
			t.Errorf("%s: the journal has no %q:\n%s", test.name, says, strings.Join(p.Log, "\n"))
		}
		if test.software == "2.2.8.61" && p.Outcome() != "applied" {
			t.Errorf("%s: the check ends as %s: the configuration does not follow", test.name, p.Outcome())
		}
	}
	p := bench.New(t, &Personality, identity("440HD"), device.Quirks{imageRead: "full"}).Offer("160=http://h")
	if p.Boot(); p.Asked[0].Enough != nil {
		t.Error("with image-read=full the phone stops at the head")
	}
}

// AC-CFG-1, AC-CFG-3, AC-CFG-4, AC-CFG-5, AC-APP-1: what a file changes.
func TestConfiguration(t *testing.T) {
	for _, test := range []struct{ file, outcome, setting string }{
		{"\ufeffprovisioning/period/type = HOURLY ; c\r\n; x\r\n", "applied", periodType + " HOURLY"},
		{"voip/x=http://h/x.img; y.cfg\n", "applied", "voip/x http://h/x.img; y.cfg"},
		{"a/b=1;2 ;3\n", "applied", "a/b 1;2"},
		{"Provisioning/Method=STATIC\n", "applied", method + " no " + method},
		{keepAlives + "=1234\na/b=1\n", "applied", keepAlives + " no " + keepAlives},
		{periodType + "=every5minutes\na/b=1\n", "applied", periodType + " no " + periodType},
		{"a/b=1\na/b=2\n", "applied", "a/b 2"},
		{"<html></html>", "corrupt", ""},
		{"; only a comment\n", "corrupt", ""},
		{" \r\n", "empty", ""},
		{"", "empty", ""},
		{systemType + "=420HD\na/b=1\n", "wrong-model", "a/b no a/b"},
		{systemType + "=440hd\n", "unchanged", ""},
		{systemType + "=440HD\na/b=1\n", "applied", systemType + " 440HD"},
	} {
		p := offered(t)
		p.Files[own] = test.file
		p.Boot()
		if got := p.Outcome(); got != test.outcome {
			t.Errorf("%q ends as %s, want %s", test.file, got, test.outcome)
			continue
		}
		if name, want, ok := strings.Cut(test.setting, " "); ok && p.Setting(name) != want {
			t.Errorf("%q: %s is %q, want %q", test.file, name, p.Setting(name), want)
		}
	}
	p := bench.New(t, &Personality, identity("440HD"), device.Quirks{clamps: "on", comments: "on"}).Offer("160=http://h")
	p.Files[own] = keepAlives + "=1234;c\n"
	if p.Boot(); p.Setting(keepAlives) != "300" {
		t.Errorf("with clamp the period is %s", p.Setting(keepAlives))
	}
}

// AC-APP-1, AC-FILE-3: no version counts; a file that changes no setting is unchanged,
// and one that is not there changes nothing.
func TestUnchanged(t *testing.T) {
	p := offered(t)
	p.Files[own] = "a/b=1\n"
	p.Boot()
	for _, test := range [][2]string{{"; other bytes\na/b=1\n", "unchanged"}, {"http-status", "http-status"}, {"a/b=2\n", "applied"}} {
		file, want := test[0], test[1]
		p.Files[own] = file
		p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
		if got := p.Outcome(); got != want {
			t.Errorf("%q ends as %s, want %s", file, got, want)
		}
	}
	delete(p.Files, own)
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.Outcome() != "not-found" || p.Setting("a/b") != "2" {
		t.Errorf("a missing file ends as %s", p.Outcome())
	}
}

// AC-APP-1: which settings reboot the phone.
func TestReboots(t *testing.T) {
	for name, want := range map[string]bool{
		method: true, configURL: true, firmwareURL: true, systemType: true, verifyServer: true, "security/ca_certificate/0/uri": true,
		"security/autoupdate_certificate_uri": true, "network/lan_type": true, "network/lan/vlan/mode": true,
		"voip/line/0/id": false, periodType: false, managerURL: false, gmtOffset: false, "a/b": false, "network/lan/vlan/id": false,
	} {
		if reboots(name) != want {
			t.Errorf("a change of %s reboots: %v, want %v", name, !want, want)
		}
	}
	// A server whose files go round in a circle is noticed at the third check (AC-APP-2).
	p := offered(t)
	for n := range 3 {
		p.Files[own] = fmt.Sprintf("network/lan_type=%d\n", n)
		if n == 0 {
			p.Boot()
		} else {
			p.Wait(31 * time.Second) // the reboot takes 30 s
		}
	}
	if !p.Said("warn (3 checks in a row") {
		t.Errorf("no warning of a loop:\n%s", strings.Join(p.Log, "\n"))
	}
}

// AC-APP-2: a reboot waits for idle lines.
func TestRebootWaits(t *testing.T) {
	p := offered(t)
	p.Boot()
	p.Tell(device.Input{Kind: device.SetLine, Line: 1, Active: true})
	p.Files[own] = "network/lan_type=1\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if p.Wait(time.Hour); p.Said("reboot") {
		t.Fatal("the phone reboots in a call")
	}
	p.Tell(device.Input{Kind: device.SetLine, Line: 1})
	if !p.Said("reboot") {
		t.Error("the phone does not reboot after the call")
	}
}

// AC-FILE-4: zero touch in two steps.
func TestZeroTouch(t *testing.T) {
	p := newPhone(t).Offer("160=http://h/firmwarefiles;ipp/dhcpoption160.cfg")
	p.Files["http://h/ipp/dhcpoption160.cfg"] = "ems_server/keep_alive_period=60\nems_server/provisioning/url=http://h:8081/\nprovisioning/method=STATIC\n" +
		"provisioning/configuration/url=http://h/configfiles/\nprovisioning/firmware/url=http://h/firmwarefiles/\n"
	p.Files["http://h/configfiles/00908f602aac.cfg"] = "voip/line/0/enabled=1\nsystem/type=440HD\n"
	p.Boot()
	p.Wait(31 * time.Second)
	if got := p.Asked[len(p.Asked)-1].Body(); !strings.Contains(string(got), `"status":"registered"`) {
		t.Errorf("the last message is %s", got)
	}
	want := "/firmwarefiles/440HD.img /ipp/dhcpoption160.cfg post /rest/v1/ipphoneMgrStatus/keep-alive /firmwarefiles/440HD.img " +
		"/configfiles/00908f602aac.cfg post /rest/v1/ipphoneMgrStatus/keep-alive"
	if got := p.Paths(); got != want {
		t.Errorf("the phone asks for\n%s, want\n%s\n%s", got, want, strings.Join(p.Log, "\n"))
	}
}

// AC-CFG-2: a file is included where it is named, and later lines win. A fault of an
// included file refuses the whole configuration (AC-FILE-3).
func TestIncludes(t *testing.T) {
	p := offered(t)
	p.Files[own] = "a/b=1\ninclude part/x.cfg\nc/d=own\n"
	p.Files["http://h/part/x.cfg"] = "a/b=2\nc/d=part\ninclude y.cfg\n"
	p.Files["http://h/part/y.cfg"] = "e/f=http\ninclude http://other/z.cfg\ninclude empty.cfg\ninclude comments.cfg\n"
	p.Files["http://other/z.cfg"] = "g/h=4\n"
	p.Files["http://h/part/empty.cfg"], p.Files["http://h/part/comments.cfg"] = "", "; nothing yet\n"
	p.Boot()
	for name, want := range map[string]string{"a/b": "2", "c/d": "own", "e/f": "http", "g/h": "4"} {
		if got := p.Setting(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	many := ""
	for n := range mostFiles {
		many += fmt.Sprintf("include %d.cfg\n", n)
	}
	for name, files := range map[string]map[string]string{
		"a missing include": {own: "a/b=1\ninclude x.cfg\n"},
		"a bad include":     {own: "a/b=1\ninclude x.cfg\n", "http://h/x.cfg": "<html>"},
		"a cycle":           {own: "a/b=1\ninclude x.cfg\n", "http://h/x.cfg": "include 00908f602aac.cfg\n"},
		"too many":          {own: many},
		"too large":         {own: "include x.cfg\ninclude y.cfg\n", "http://h/x.cfg": "a/b=" + strings.Repeat("x", 600<<10), "http://h/y.cfg": "a/b=" + strings.Repeat("y", 600<<10)},
	} {
		p := offered(t)
		p.Files = files
		if name == "too many" {
			for n := range mostFiles {
				files[fmt.Sprintf("http://h/%d.cfg", n)] = "a/b=1\n"
			}
		}
		p.Boot()
		if p.Outcome() != "include" || p.Setting("a/b") != "no a/b" {
			t.Errorf("%s ends as %s, a/b is %.20s", name, p.Outcome(), p.Setting("a/b"))
		}
	}
	p = offered(t)
	for n := range 12 {
		p.Files[fmt.Sprintf("http://h/%d.cfg", n)] = fmt.Sprintf("include %d.cfg\n", n+1)
	}
	p.Files[own] = "include 0.cfg\n"
	if p.Boot(); p.Outcome() != "include" {
		t.Errorf("twelve deep ends as %s", p.Outcome())
	}
}

// AC-TM-1, AC-TM-2, AC-TM-3, AC-TM-4: when checks fall due.
func TestPeriods(t *testing.T) {
	for _, test := range []struct {
		settings    []string
		quirks      device.Quirks
		from, until time.Duration // the next check after the one at boot
	}{
		{nil, nil, 24 * time.Hour, 26 * time.Hour},
		{[]string{dailyTime + "=3:30", randomTime + "=0"}, nil, 3*time.Hour + 30*time.Minute, 3*time.Hour + 30*time.Minute},
		{[]string{dailyTime + "=03:30", randomTime + "=0", gmtOffset + "=+01:30"}, nil, 2 * time.Hour, 2 * time.Hour},
		{[]string{periodType + "=WEEKLY", weeklyDay + "=saturday", weeklyTime + "=1:00", randomTime + "=60"}, nil, 49 * time.Hour, 50 * time.Hour},
		{[]string{periodType + "=hourly"}, nil, 24 * time.Hour, 24 * time.Hour},
		{[]string{periodType + "=hourly", periodHours + "=2"}, nil, 2 * time.Hour, 2 * time.Hour},
		{[]string{periodType + "=powerup"}, nil, resync.Never, resync.Never},
		{[]string{periodType + "=EVERY5MIN"}, nil, 5 * time.Minute, 5 * time.Minute},
		{[]string{periodType + "=every15minutes"}, nil, 15 * time.Minute, 15 * time.Minute},
		{[]string{randomTime + "=60"}, device.Quirks{randomUnit: "s"}, 24 * time.Hour, 24*time.Hour + time.Minute},
		{[]string{periodType + "=hourly", periodHours + "=1"}, device.Quirks{retry: "90"}, 90 * time.Second, 90 * time.Second},
	} {
		p := bench.New(t, &Personality, identity("C450HD"), test.quirks, test.settings...).Offer("160=http://h")
		if p.Boot(); len(p.Asked) != 2 {
			t.Errorf("%v: %d requests at boot, want 2: each boot checks at once", test.settings, len(p.Asked))
		}
		if next := p.Deadline(); next < test.from || next > test.until {
			t.Errorf("%v: the next check is at %v, want %v to %v", test.settings, next, test.from, test.until)
		}
	}
}

// AC-TM-5: what a NOTIFY does.
func TestNotify(t *testing.T) {
	for event, want := range map[string]device.InputKind{
		"check-sync": device.AskResync, "check-sync;reboot=false": device.AskResync, "check-sync; reboot=true": device.AskReboot,
	} {
		if got, ok := Personality.Notify(profile.Config{}, event); !ok || got != want {
			t.Errorf("%s: %v, %v", event, got, ok)
		}
	}
	if _, ok := Personality.Notify(profile.Config{}, "resync"); ok {
		t.Error("a strange event is known")
	}
}

// AC-ID-6: certificates are checked only where the settings ask for it. AC-ID-3: headers.
func TestRequests(t *testing.T) {
	p := offered(t)
	p.Boot()
	if !p.Asked[0].TLS.AnyChain {
		t.Error("as shipped the phone checks certificates")
	}
	p = offered(t, verifyServer+"=1")
	p.Boot()
	if p.Asked[0].TLS.AnyChain || p.Asked[0].TLS.AnyName {
		t.Error("the phone does not check certificates")
	}
	if got := strings.Join(Personality.Headers, ", "); got != "Accept: */*, Connection: close" {
		t.Errorf("headers are %s", got)
	}
}
