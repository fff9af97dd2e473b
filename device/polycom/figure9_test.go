package polycom

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"provsim/device"
)

// conversation is messages 10 to 28 of smg-conversation.txt: method, path below the
// number, version in the User-Agent, status (PC-FILE-1).
const conversation = `GET 2345-12450-001.bootrom.ld 4.2.2.0710 404
GET bootrom.ld 4.2.2.0710 200
GET 0004f21a2457.cfg 4.2.2.0710 200
GET 2345-12450-001.sip.ld 4.2.2.0710 404
GET sip.ld 4.2.2.0710 200
PUT 0004f21a2457-boot.log 4.2.2.0710 201
GET 2345-12450-001.bootrom.ld 3.2.3.1734 404
GET bootrom.ld 3.2.3.1734 200
GET 0004f21a2457.cfg 3.2.3.1734 200
GET 2345-12450-001.sip.ld 3.2.3.1734 404
GET sip.ld 3.2.3.1734 200
GET phone-0004f21a2457.cfg 3.2.3.1734 200
GET phone1.cfg 3.2.3.1734 200
GET sip.cfg 3.2.3.1734 200
GET 0004f21a2457-directory.xml 3.2.3.1734 404
GET 000000000000-directory.xml 3.2.3.1734 404
GET 0004f21a2457-phone.cfg 3.2.3.1734 404
GET 0004f21a2457-directory.xml 3.2.3.1734 404
PUT 0004f21a2457-app.log 3.2.3.1734 201`

// The phone's part of Figure 9, message by message (SMG §8, SMG-SEQ-1).
func TestFigure9(t *testing.T) {
	b := newBench(t, "SPIP_450", nil)
	if got := b.boot(); got != "applied" {
		t.Errorf("the boot ends as %s: %v", got, b.log)
	}
	if got := b.paths(); got != conversation {
		t.Errorf("the phone asks\n%s\nwant\n%s", got, conversation)
	}
	for i, r := range b.asked {
		stage := "4.2.2.0710"
		if i > 5 {
			stage = "3.2.3.1734"
		}
		if want := "FileTransport PolycomSoundPointIP-SPIP_450-UA/" + stage; r.UserAgent() != want || r.Host != "193.164.253.250" || r.Port != 80 || !strings.HasPrefix(r.Path, folder) {
			t.Errorf("message %d: %s as %s, want %s", i+10, r.URL(), r.UserAgent(), want)
		}
	}
	form := regexp.MustCompile(`^\d{6}\.\d{3}\|[a-z]+ +\|\d\|\d\d\|[^\n]+\n`) // PC-UP-1
	for _, name := range []string{"boot.log", "app.log"} {
		if text := b.bodies[folder+"0004f21a2457-"+name]; !form.MatchString(text) {
			t.Errorf("%s is %q", name, text)
		}
	}
	for name, want := range map[string]string{
		"reg.1.address": "2001", "reg.1.displayName": "2001", "reg.1.label": "2001", "reg.1.auth.userId": "2001", "reg.1.auth.password": "s3cret",
		"reg.1.server.1.address": "sip.example.net", "reg.1.server.1.expires": "3600", "voIpProt.SIP.local.port": "5060", "prov.polling.enabled": "0",
	} {
		if got := b.setting(name); got != want {
			t.Errorf("in force is %s=%s, want %s", name, got, want)
		}
	}
	if b.saved.Config.Len() != 9 || b.said("s3cret") {
		t.Errorf("%d settings in force, want 9, and the password is in no journal", b.saved.Config.Len())
	}
	// PC-FILE-11: eight misses are normal, and all of them are expected.
	if n := strings.Count(strings.Join(b.log, "\n"), "transfer not-found  true"); strings.Count(b.paths(), " 404") != 8 || n != 8 {
		t.Errorf("%d answers 404, of which %d are expected, want 8", strings.Count(b.paths(), " 404"), n)
	}
	if got := b.again(); got != "unchanged" || b.paths() != conversation { // all is fetched anew (PC-FILE-7)
		t.Errorf("the second boot ends as %s and asks\n%s", got, b.paths())
	}
}

// The first request is 3 s after the lease, the application's 20 s after the
// bootROM's last (PC-FILE-10).
func TestPauses(t *testing.T) {
	b := newBench(t, "SPIP_450", nil)
	b.tell(device.Input{Kind: device.PowerOn})
	for _, step := range []struct {
		at   time.Duration
		want int
	}{{2999 * time.Millisecond, 0}, {3 * time.Second, 6}, {22 * time.Second, 6}, {23 * time.Second, 19}} {
		b.wait(step.at - b.now)
		if len(b.asked) != step.want {
			t.Errorf("at %v there are %d requests, want %d", step.at, len(b.asked), step.want)
		}
	}
	if !b.said(`resync.start  boot`) || b.URL() == "" {
		t.Errorf("the journal has no start: %v", b.log)
	}
}

// A phone of the generation ucs on the same tree (PC-FILE-1, PC-FILE-11, SMG-SEQ-1).
func TestUCSBoot(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	if got := b.boot(); got != "applied" {
		t.Errorf("the boot ends as %s", got)
	}
	const updater, app = "5.9.7.47435 Type/Updater", "5.9.7.4477 Type/Application"
	want := []string{
		"PUT 0004f21a2457-boot.log " + updater + " 201",
		"GET 0004f21a2457.cfg " + app + " 200",
		"GET 3111-44500-001.sip.ld " + app + " 404", "GET sip.ld " + app + " 200",
		"GET phone-0004f21a2457.cfg " + app + " 200", "GET phone1.cfg " + app + " 200", "GET sip.cfg " + app + " 200",
		"GET 0004f21a2457-phone.cfg " + app + " 404", "GET 0004f21a2457-web.cfg " + app + " 404",
		"GET 000000000000-license.cfg " + app + " 404", "GET 0004f21a2457-license.cfg " + app + " 404",
		"GET 0004f21a2457-calls.xml " + app + " 404", "GET 0004f21a2457-directory.xml " + app + " 404", "GET 000000000000-directory.xml " + app + " 404",
		"HEAD 0004f21a2457-app.log " + app + " 404", "PUT 0004f21a2457-app.log " + app + " 201",
	}
	if got := b.paths(); got != strings.Join(want, "\n") {
		t.Errorf("the phone asks\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if n := strings.Count(b.paths(), " 404"); n != 9 { // 8, and one for HEAD
		t.Errorf("%d answers 404, want 9", n)
	}
}
