package polycom

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// The vectors of option 60 and the User-Agent (PC-ID-3, PC-ID-4, PC-ID-5,
// PC-ID-6). What chooses between the two forms of option 60 is the generation alone.
func TestIdentity(t *testing.T) {
	loader, _ := hex.DecodeString("1d42522f342e322e322e303731302f30312d4a616e2d31302030303a3030")
	head, _ := hex.DecodeString("0000363d700107506f6c79636f6d0215536f756e64506f696e7449502d535049505f3435300310323334352d31323435302d3030312c31")
	want := string(head) + "\x04" + string(loader) + "\x05" + string(loader)
	id := shipped
	id.MAC = figure9
	if got := dhcp(id); got.Class != want || len(got.Class) != 117 || fmt.Sprint(got.Ask) != "[1 28 160 66 3 4 42 2 6 15]" {
		t.Errorf("option 60 is %x of %d bytes, want %x; option 55 %v", got.Class, len(got.Class), want, got.Ask)
	}
	if got := agent(id, true, false); got != "FileTransport PolycomSoundPointIP-SPIP_450-UA/4.2.2.0710" {
		t.Error(got)
	}
	id = device.Identity{MAC: device.MAC{0, 4, 0xf2, 0x82, 0xe8, 0x24}, Product: "VVX_500", Software: "5.9.7.4477"}
	if got := agent(id, false, true); got != "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 (SN:0004f282e824) Type/Application" {
		t.Error(got)
	}
	if got := dhcp(id); got.Class != "Polycom-VVX500" || fmt.Sprint(got.Ask) != "[1 2 3 4 6 15 42 54 7 160 66]" {
		t.Errorf("ucs: %q %v", got.Class, got.Ask)
	}
	id.Software = "4.0.15.1047"
	if got := dhcp(id); fmt.Sprint(got.Ask) != "[1 28 160 66 43 3 4 42 2 6 15 7]" {
		t.Errorf("UCS 4: %v", got.Ask)
	}
	id.Product, id.Software = "SSIP_6000", "3.2.3.1734"
	if got := agent(id, false, false); got != "FileTransport PolycomSoundStationIP-SSIP_6000-UA/3.2.3.1734" { // PC-ID-2
		t.Error(got)
	}
	if !Personality.Owns(figure9) { // PC-ID-1
		t.Error("the phone of Figure 9 is not the vendor's")
	}
}

// Which master is asked for first, by the source (PC-SRC-1 to PC-SRC-6, PC-SRC-8).
func TestSource(t *testing.T) {
	for _, c := range []struct {
		rule, product, quirk string
		settings, options    []string
		want                 string // the first two master files, or the outcome
	}{
		{"vector", "VVX_500", "", nil, []string{"66=http://h/p"}, "http://h/p/0004f21a2457.cfg http://h/p/000000000000.cfg"},
		{"vector, PC-SRC-4", "VVX_500", "", nil, []string{"66=http://h/p/x.cfg"}, "http://h/p/x.cfg http://h/p/0004f21a2457.cfg"},
		{"vector, PC-SRC-4", "VVX_500", "", nil, []string{"66=http://h/p/.cfg"}, "http://h/p/.cfg/0004f21a2457.cfg http://h/p/.cfg/000000000000.cfg"},
		{"PC-SRC-4 a final slash", "VVX_500", "", nil, []string{"66=http://h/p/"}, "http://h/p/0004f21a2457.cfg http://h/p/000000000000.cfg"},
		{"PC-SRC-3 a bare address is FTP", "VVX_500", "", nil, []string{"66=192.0.2.1"}, "ftp://192.0.2.1/0004f21a2457.cfg ftp://192.0.2.1/000000000000.cfg"},
		{"PC-ID-8 the server type", "VVX_500", "", []string{"device.prov.serverType=1"}, []string{"66=192.0.2.1"}, "tftp://192.0.2.1/0004f21a2457.cfg tftp://192.0.2.1/000000000000.cfg"},
		{"PC-SRC-3 FTPS", "VVX_500", "", []string{"device.prov.serverType=4"}, []string{"66=192.0.2.1"}, "bad-rule"},
		{"PC-SRC-3 a port and a user", "VVX_500", "", nil, []string{"66=https://u:p@h:8443/a"}, "https://h:8443/a/0004f21a2457.cfg https://h:8443/a/000000000000.cfg"},
		{"PC-SRC-3 a blank", "VVX_500", "", nil, []string{"66=http://h/a b"}, "bad-rule"},
		{"PC-SRC-3 an escape stays", "VVX_500", "", nil, []string{"66=http://h/a%20b"}, "http://h/a%20b/0004f21a2457.cfg http://h/a%20b/000000000000.cfg"},
		{"PC-SRC-3 no host", "VVX_500", "", nil, []string{"66=http:///x"}, "bad-rule"},
		{"PC-SRC-1 custom first", "VVX_500", "", nil, []string{"66=http://a", "160=http://b"}, "http://b/0004f21a2457.cfg http://b/000000000000.cfg"},
		{"PC-ID-8 option 66 alone", "SPIP_450", "boot-server=66", nil, []string{"66=http://a", "160=http://b"}, "http://a/0004f21a2457.cfg http://a/000000000000.cfg"},
		{"PC-ID-8 the custom option's number", "VVX_500", "", []string{"device.dhcp.bootSrvOpt=161"}, []string{"161=http://b"}, "http://b/0004f21a2457.cfg http://b/000000000000.cfg"},
		{"PC-SRC-6 an address", "VVX_500", "", []string{"device.dhcp.bootSrvOptType=0", "device.prov.serverType=2"}, []string{"160=0xc0000209"}, "http://192.0.2.9/0004f21a2457.cfg http://192.0.2.9/000000000000.cfg"},
		{"PC-SRC-6 option 43", "VVX_500", "", nil, []string{"43=0x420968747470" + "3a2f2f7800"}, "http://x/0004f21a2457.cfg http://x/000000000000.cfg"},
		{"PC-SRC-6 not sip3", "SPIP_450", "", nil, []string{"43=0x420968747470" + "3a2f2f7800"}, "no-server"},
		{"PC-SRC-1 trailing NULs", "VVX_500", "", nil, []string{"66=0x687474703a2f2f780000"}, "http://x/0004f21a2457.cfg http://x/000000000000.cfg"},
		{"PC-SRC-2 the stored address", "VVX_500", "", []string{"device.prov.serverName=http://s"}, []string{"3=0x0a000001"}, "http://s/0004f21a2457.cfg http://s/000000000000.cfg"},
		{"PC-SRC-2 none", "VVX_500", "", []string{"device.prov.serverName=0.0.0.0"}, []string{"3=0x0a000001"}, "no-server"},
		{"PC-SRC-1 static", "VVX_500", "", []string{"device.dhcp.bootSrvUseOpt=2", "device.prov.serverName=http://s"}, []string{"66=http://a"}, "http://s/0004f21a2457.cfg http://s/000000000000.cfg"},
		{"PC-SRC-8 DHCP off", "VVX_500", "", []string{"device.dhcp.enabled=0", "device.prov.serverName=http://s"}, []string{"66=http://a"}, "http://s/0004f21a2457.cfg http://s/000000000000.cfg"},
		{"PC-ID-1 upper case too", "VVX_500", "mac-case=both", nil, []string{"66=http://h"}, "http://h/0004f21a2457.cfg http://h/0004F21A2457.cfg"},
	} {
		var quirk []string
		if c.quirk != "" {
			quirk = []string{c.quirk}
		}
		b := newBench(t, c.product, quirk, c.settings...).offer(c.options...)
		got := b.boot()
		var masters []string
		for _, r := range b.asked {
			if strings.HasSuffix(r.Path, ".cfg") && len(masters) < 2 {
				masters = append(masters, r.URL())
			}
		}
		if masters != nil {
			got = strings.Join(masters, " ")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.rule, got, c.want)
		}
	}
}

// Lists, brackets and the attributes of models (PC-FILE-3, PC-FILE-4, PC-FILE-5, PC-IMG-1).
func TestMaster(t *testing.T) {
	m, err := readMaster([]byte(`<APPLICATION APP_FILE_PATH="fw/sip.ld" CONFIG_FILES="a.cfg,, [PHONE_MAC_ADDRESS]-u.cfg ,[X].cfg" MISC_FILES="` + strings.Repeat("x", 2048) + `">
		<APPLICATION_SPIP450 APP_FILE_PATH_SPIP450="old/sip.ld"/><APPLICATION_VVX500 CONFIG_FILES_VVX500="[PHONE_MODEL].cfg"/></APPLICATION>`))
	if err != nil {
		t.Fatal(err)
	}
	id := shipped
	id.MAC = figure9
	for _, c := range []struct{ product, path, list string }{
		{"SPIP_450", "old/sip.ld", "a.cfg|0004f21a2457-u.cfg|[X].cfg"}, {"VVX_500", "fw/sip.ld", "VVX500.cfg"}, {"SPIP_550", "fw/sip.ld", "a.cfg|0004f21a2457-u.cfg|[X].cfg"},
	} {
		id.Product = c.product
		p := productOf(id)
		if path, list := m.get(appPath, &p, vars(id)), strings.Join(m.list(configFiles, &p, vars(id)), "|"); path != c.path || list != c.list || m.list(miscFiles, &p, vars(id)) != nil {
			t.Errorf("%s: %s and %s, want %s and %s", c.product, path, list, c.path, c.list)
		}
	}
	for _, wrong := range []string{"<html><body/></html>", "<APPLICATION", "Crypt=1;KeyDesc=x;\nabc", `<!DOCTYPE APPLICATION><APPLICATION/>`} {
		if _, err := readMaster([]byte(wrong)); err == nil {
			t.Errorf("%q is taken for a master file", wrong)
		}
	}
}

// First wins: over files, and inside a file in the order of the document (PC-CFG-1,
// PC-CFG-2).
func TestFirstWins(t *testing.T) {
	for list, want := range map[string]string{"a.cfg, b.cfg": "1 3", "b.cfg, a.cfg": "2 3"} {
		b := newBench(t, "VVX_500", nil)
		b.files[folder+"0004f21a2457.cfg"] = `<APPLICATION CONFIG_FILES="` + list + `"/>`
		b.files[folder+"a.cfg"], b.files[folder+"b.cfg"] = `<x reg.1.address="1"/>`, `<x reg.1.address="2" reg.2.address="3"/>`
		b.boot()
		if got := b.setting("reg.1.address") + " " + b.setting("reg.2.address"); got != want {
			t.Errorf("%s gives %s, want %s", list, got, want)
		}
	}
	c, err := parseConfig([]byte(`<a x.y="outer" nodot="1"><b x.y="inner" X.y="case"/><c p.q=""/></a>`))
	if outer, _ := c.Get("x.y"); err != nil || outer != "outer" || c.Len() != 3 {
		t.Errorf("x.y is %q of %d parameters: %v", outer, c.Len(), err)
	}
	if _, err := parseConfig([]byte(`<a x.y="1"><b></a>`)); err == nil {
		t.Error("a file that is not well-formed is taken")
	}
}

// Overrides stand above CONFIG_FILES; an empty override file clears them, a missing
// one leaves them (PC-CFG-3).
func TestOverrides(t *testing.T) {
	b := newBench(t, "VVX_500", nil, "reg.1.label=mine")
	b.boot()
	if got := b.setting("reg.1.label"); got != "mine" {
		t.Errorf("the label is %q, want what the phone's user has set", got)
	}
	b.files[folder+"0004f21a2457-phone.cfg"] = `<PHONE_CONFIG><OVERRIDES reg.1.label="server's"/></PHONE_CONFIG>`
	if got := b.again(); got != "applied" || b.setting("reg.1.label") != "server's" {
		t.Errorf("%s, the label is %q", got, b.setting("reg.1.label"))
	}
	b.files[folder+"0004f21a2457-phone.cfg"] = `<PHONE_CONFIG><OVERRIDES/></PHONE_CONFIG>`
	if b.again(); b.setting("reg.1.label") != "2001" {
		t.Errorf("cleared, the label is %q", b.setting("reg.1.label"))
	}
	delete(b.files, folder+"phone-0004f21a2457.cfg")
	if got := b.again(); got != "partial" || b.setting("reg.1.label") != "unset" || b.setting("reg.1.address") != "" {
		t.Errorf("PC-FILE-2: %s, label %q, address %q", got, b.setting("reg.1.label"), b.setting("reg.1.address"))
	}
	if b.files[folder+"phone-0004f21a2457.cfg"] = "<html><body>404</body></html>"; b.again() != "partial" {
		t.Errorf("§10 HTML in place of XML: %s", b.outcome())
	}
}

// What has arrived at a boot is in force at once, without a version: applied where a
// parameter differs from the last round, else unchanged (PC-APPLY-1).
func TestAppliesAtBoot(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	for _, c := range []struct{ file, outcome, label string }{
		{`<a reg.1.label="one"/>`, "applied", "one"},
		{`<a reg.1.label="one"/>`, "unchanged", "one"},
		{`<b><!-- another file -->` + "\n" + `<c reg.1.label="one"/></b>`, "unchanged", "one"},
		{`<a reg.1.label="two"/>`, "applied", "two"},
		{`<a reg.1.label="one"/>`, "applied", "one"}, // an older file is as good as a newer one
	} {
		b.files[folder+"phone-0004f21a2457.cfg"] = c.file
		if got := b.again(); got != c.outcome || b.setting("reg.1.label") != c.label {
			t.Errorf("%s: %s, label %q, want %s and %q", c.file, got, b.setting("reg.1.label"), c.outcome, c.label)
		}
	}
}

// The limits of files (PC-CFG-5), and what a request asks for: all of each file, anew at
// each boot.
func TestLimits(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat("<a>", depth-1) + `<b x.y="1"/>` + strings.Repeat("</a>", depth-1)
	}
	for text, good := range map[string]bool{
		nested(32): true, nested(33): false,
		`<!DOCTYPE a><a x.y="1"/>`: false, `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a x.y="&e;"/>`: false,
	} {
		_, err := parseConfig([]byte(text))
		if (err == nil) != good || err != nil && !errors.Is(err, profile.ErrCorrupt) {
			t.Errorf("%.60s: error %v, want it taken %v, or corrupt", text, err, good)
		}
	}
	b := newBench(t, "SPIP_450", nil)
	b.boot()
	b.again()
	for _, r := range b.asked {
		want := int64(1 << 20)
		if strings.HasSuffix(r.Path, ".ld") {
			want = 64 << 20
		}
		if r.Method == device.Read && r.Limit != want {
			t.Errorf("%s is taken up to %d bytes, want %d", r.Path, r.Limit, want)
		}
	}
}

// A renewed lease with another value counts from the next boot (PC-SRC-7).
func TestRenewedLease(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	b.boot()
	first := b.lease
	b.offer("66=http://198.51.100.1/other")
	b.tell(device.Input{Kind: device.GotLease, Lease: b.lease})
	b.asked = nil
	b.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify})
	if len(b.asked) == 0 || b.asked[0].Host != "193.164.253.250" {
		t.Errorf("a poll after the renewal asks %v, want the server of the boot", b.asked)
	}
	if b.again(); b.asked[0].Host != "198.51.100.1" {
		t.Errorf("the next boot asks %s, want the server of its own lease", b.asked[0].URL())
	}
	b.lease = first
	if b.again(); b.asked[0].Host != "193.164.253.250" {
		t.Errorf("the boot after that asks %s", b.asked[0].URL())
	}
}

// device.* parameters go to flash, with one reboot (PC-CFG-4, PC-APPLY-2).
func TestDeviceParameters(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	b.files[folder+"sip.cfg"] = `<x device.set="1" device.prov.serverType="2" device.prov.serverType.set="1" device.prov.user="u" device.prov.redunAttemptLimit="99" device.prov.redunAttemptLimit.set="1"/>`
	b.boot()
	b.wait(2 * time.Minute)
	if b.setting("device.prov.serverType") != "2" || b.setting("device.prov.user") != "" || b.setting("device.prov.redunAttemptLimit") != "" {
		t.Errorf("flash has type %q, user %q, tries %q", b.setting("device.prov.serverType"), b.setting("device.prov.user"), b.setting("device.prov.redunAttemptLimit"))
	}
	if n := strings.Count(strings.Join(b.log, "\n"), "reboot "); n != 1 || b.outcome() != "unchanged" || !b.said("redunAttemptLimit") {
		t.Errorf("%d reboots, the last boot ends as %s", n, b.outcome())
	}
	for i := range 4 { // two servers that name each other
		b.files[folder+"sip.cfg"] = fmt.Sprintf(`<x device.set="1" device.prov.serverName="http://%d" device.prov.serverName.set="1"/>`, i)
		b.wait(time.Minute)
		b.tell(device.Input{Kind: device.AskReboot})
		b.wait(33 * time.Second)
	}
	if !b.said("in a row for device.* parameters") {
		t.Error("the journal does not speak of a loop")
	}
}

// What polls and check-sync do (PC-POLL-4, PC-APPLY-3, PC-SYNC-1).
func TestPoll(t *testing.T) {
	for product, want := range map[string]string{"SPIP_450": "reboot", "VVX_500": "reload"} {
		b := newBench(t, product, nil)
		b.boot()
		sync := func() string {
			b.asked, b.answers, b.log = nil, nil, nil
			b.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify})
			got := b.outcome()
			if b.said("reboot ") {
				return got + " reboot"
			}
			return got
		}
		if got := sync(); got != "unchanged" || len(b.asked) > 8 {
			t.Errorf("%s: a poll without news is %s with %d requests", product, got, len(b.asked))
		}
		b.files[folder+"0004f21a2457.cfg"] = "not-found"
		if got := sync(); got != "no-master" || b.setting("reg.1.address") != "2001" {
			t.Errorf("%s: a poll without a master is %s", product, got)
		}
		b.files[folder+"0004f21a2457.cfg"] = published["0004f21a2457.cfg"]
		b.files[folder+"sip.cfg"] = `<sip voIpProt.SIP.local.port="5070"/>`
		got := sync()
		if (got == "applied reboot") != (want == "reboot") || got[:7] != "applied" {
			t.Errorf("%s: a poll with news is %s", product, got)
		}
		b.wait(2 * time.Minute)
		if b.setting("voIpProt.SIP.local.port") != "5070" {
			t.Errorf("%s: the new value is not in force", product)
		}
		if got := sync(); got != "unchanged" {
			t.Errorf("%s: the poll after it is %s", product, got)
		}
	}
	b := newBench(t, "VVX_500", nil, "voIpProt.SIP.specialEvent.checkSync.alwaysReboot=1")
	b.boot()
	b.asked = nil
	b.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify})
	if len(b.asked) != 0 || !b.said("reboot ") {
		t.Error("PC-SYNC-1: the phone asks before it reboots")
	}
	b = newBench(t, "VVX_500", []string{"reboot-on=any"})
	b.boot()
	b.files[folder+"sip.cfg"] = `<sip voIpProt.SIP.local.port="5070"/>`
	if b.tell(device.Input{Kind: device.AskResync, Cause: resync.Notify}); !b.said("reboot ") {
		t.Error("PC-APPLY-3: quirk reboot-on=any does not reboot")
	}
}

// When polls are due (PC-POLL-1, PC-POLL-2, PC-POLL-3).
func TestPollTimes(t *testing.T) {
	at := func(settings ...string) []time.Duration {
		b := newBench(t, "VVX_500", nil, append(settings, "prov.polling.enabled=1")...)
		delete(b.files, folder+"sip.cfg")
		b.files[folder+"0004f21a2457.cfg"] = `<APPLICATION CONFIG_FILES="phone1.cfg"/>`
		b.Model().Epoch = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
		b.tell(device.Input{Kind: device.PowerOn})
		var polls []time.Duration
		for len(polls) < 2 && b.now < 10*24*time.Hour {
			n := len(b.log)
			b.wait(max(b.Deadline()-b.now, time.Millisecond))
			for _, line := range b.log[n:] {
				if strings.HasPrefix(line, "resync.start  periodic") {
					polls = append(polls, b.now)
				}
			}
		}
		return polls
	}
	const night = 3 * time.Hour
	if got := at(); got[0] != night || got[1] != night+24*time.Hour {
		t.Errorf("abs: %v", got)
	}
	if got := at("prov.polling.period=172800", "prov.polling.time=04:30"); got[0].Truncate(time.Minute)%(24*time.Hour) != 4*time.Hour+30*time.Minute || got[1]-got[0] != 48*time.Hour {
		t.Errorf("abs, two days: %v", got)
	}
	if got := at("prov.polling.mode=rel", "prov.polling.period=7200"); got[1]-got[0] != 2*time.Hour || got[0] < 2*time.Hour || got[0] > 2*time.Hour+time.Minute {
		t.Errorf("rel: %v", got)
	}
	if got := at("prov.polling.mode=random", "prov.polling.period=7200"); got[0] >= 2*time.Hour+time.Minute || got[1]-got[0] != 2*time.Hour {
		t.Errorf("random: %v", got)
	}
	// The vector: n = 3, residue 2, so 2026-12-02; n = 2: residue 1, that day itself.
	if got := at("prov.polling.mode=random", "prov.polling.period=172801", "prov.polling.timeRandomEnd=05:00"); got[0] < 48*time.Hour+night || got[0] > 48*time.Hour+5*time.Hour || got[1]-got[0] < 70*time.Hour {
		t.Errorf("random, three days: %v", got)
	}
	if got := at("prov.polling.mode=random", "prov.polling.period=172800"); got[0] != night {
		t.Errorf("random, two days, no end: %v", got)
	}
}

// Images: another one restarts the phone, and what is in flash is known by its head
// (PC-IMG-2, PC-IMG-3, PC-IMG-4).
func TestImages(t *testing.T) {
	old := imageMagic + "product=SPIP_450\nversion=3.2.3.1734\n\n" + strings.Repeat("x", 9000)
	b := newBench(t, "SPIP_450", nil)
	b.files[folder+"sip.ld"] = old
	b.boot()
	if n := b.asked[4].Enough; n != nil {
		t.Error("the first image that is seen is read by its head")
	}
	if b.again(); b.asked[4].Enough == nil || b.asked[4].Head != 4096 || !b.asked[4].Enough([]byte(old[:4096])) || b.asked[4].Enough([]byte(strings.Repeat("y", 4096))) {
		t.Error("an image that is in flash is read whole")
	}
	b.files[folder+"sip.ld"] = imageMagic + "product=SPIP_450\nversion=3.3.5.0247\n\n"
	b.again()
	b.wait(time.Minute)
	if b.Software() != "3.3.5.0247" || b.outcome() == "bad-image" || !strings.Contains(b.paths(), "sip.cfg 3.3.5.0247 200") {
		t.Errorf("the software is %s after the new image: %s", b.Software(), b.paths())
	}
	b.files[folder+"sip.ld"] = imageMagic + "product=VVX_500\nversion=9\n\n"
	if got := b.again(); got != "unchanged" || b.Software() != "3.3.5.0247" || !b.said("bad-image") {
		t.Errorf("§10: an image for another product: %s, software %s", got, b.Software())
	}
	b = newBench(t, "SPIP_450", []string{"image-read=full"})
	b.boot()
	if b.again(); b.asked[4].Enough != nil {
		t.Error("quirk image-read=full reads a head")
	}
	b = newBench(t, "SPIP_450", nil)
	b.boot()
	b.files[folder+"bootrom.ld"] = strings.Repeat("C", 64)
	b.again()
	b.wait(3 * time.Minute)
	if !b.said("formatted") || b.setting("reg.1.address") != "2001" {
		t.Error("PC-IMG-2: another bootROM does not format the file system, or the phone does not come back")
	}
	b = newBench(t, "VVX_500", nil, "emulator.image.flash=old")
	if b.boot(); !b.said("another application image") {
		t.Error("PC-IMG-4: an old image is not replaced")
	}
	b = newBench(t, "VVX_500", nil, "emulator.image.flash=none")
	delete(b.files, folder+"sip.ld")
	b.boot()
	b.wait(4 * time.Minute)
	if n := strings.Count(strings.Join(b.log, "\n"), "reboot "); n < 3 {
		t.Errorf("PC-IMG-4: %d reboots in five minutes without an image", n)
	}
}

// The vector of the stand-in, and what a phone does with such files (PC-ENC-1,
// PC-ENC-2, PC-ENC-3).
func TestEncryption(t *testing.T) {
	const key = "Crypt=1;KeyDesc=companyNameKey1;Key=06a9214036b8a15b512e03d534120006;"
	plain := []byte(`<polycomConfig reg.1.auth.userId="2001" reg.1.auth.password="s3cret"/>` + "\n")
	var iv [16]byte
	for i := range iv {
		iv[i] = byte(i)
	}
	secret, err := hex.DecodeString(fields(key)["Key"])
	sealed := sealWith(plain, "companyNameKey1", secret, iv[:])
	head, body, _ := strings.Cut(string(sealed), "\n")
	if err != nil || len(sealed) != 197 || !strings.Contains(head, "Digest=874454ca9d6d5ab106a32c81db19ce81332a9e38;") ||
		base64.StdEncoding.EncodeToString([]byte(body)) != "+R2Bjm0+xCQ349W3D8rFgNhxMy4DvfOgUpC0bqjE1S+ijqApy54nyTB476qKj/WJTMTn1LwKJGCzcupg9jMbCSVVK87A/Hdq3lxQmixSA5g=" {
		t.Errorf("%d bytes, %v: %s", len(sealed), err, head)
	}
	b := newBench(t, "VVX_500", nil, "device.sec.configEncryption.key="+key)
	b.files[folder+"phone-0004f21a2457.cfg"] = string(sealed)
	if got := b.boot(); got != "applied" || b.setting("reg.1.auth.userId") != "2001" {
		t.Errorf("an encrypted file: %s", got)
	}
	for name, wrong := range map[string]string{
		"no key": "", "another KeyDesc": strings.Replace(key, "Key1", "Key2", 1), "another key": strings.Replace(key, "06a9", "06a8", 1),
	} {
		b := newBench(t, "VVX_500", nil, "device.sec.configEncryption.key="+wrong)
		b.files[folder+"phone-0004f21a2457.cfg"] = string(sealed)
		b.boot()
		b.wait(2 * time.Minute)
		if n := strings.Count(strings.Join(b.log, "\n"), "reboot "); b.outcome() != "bad-key" || n < 3 {
			t.Errorf("%s: %s, %d reboots; want bad-key and one after the other (PC-ENC-3)", name, b.outcome(), n)
		}
		if b.said("06a9") {
			t.Error("a key is in the journal")
		}
	}
}

// Tries, a server that is down, and who heals (PC-RETRY-1, PC-RETRY-2, §10).
func TestFailures(t *testing.T) {
	b := newBench(t, "VVX_500", nil)
	b.files[folder+"0004f21a2457.cfg"] = "timeout"
	if got := b.boot(); got != "timeout" || strings.Count(b.paths(), "0004f21a2457.cfg") != 3 || strings.Contains(b.paths(), "000000000000.cfg") {
		t.Errorf("a server that is down: %s\n%s", got, b.paths())
	}
	b = newBench(t, "SPIP_450", nil, "device.prov.redunAttemptLimit=1")
	b.files[folder+"2345-12450-001.bootrom.ld"] = "refused"
	if b.boot(); len(b.asked) != 2 {
		t.Errorf("PC-RETRY-2: a phone of sip3 asks %d times, want anew as application", len(b.asked))
	}
	b = newBench(t, "SPIP_450", nil)
	delete(b.files, folder+"0004f21a2457.cfg")
	b.tell(device.Input{Kind: device.PowerOn})
	b.wait(10 * time.Second)
	b.files[folder+"0004f21a2457.cfg"] = published["0004f21a2457.cfg"] // the event was late
	if b.wait(time.Minute); b.outcome() != "applied" {
		t.Errorf("smg.md §9: a tree that comes late heals in the application: %s", b.outcome())
	}
	if got := b.again(); got != "unchanged" {
		t.Error(got)
	}
	for _, failure := range []string{"not-found", "http-status", "unauthorized", "<html/>"} {
		b.files[folder+"0004f21a2457.cfg"], b.files[folder+"000000000000.cfg"] = failure, failure
		if got := b.again(); got != "no-master" || b.setting("reg.1.address") != "2001" {
			t.Errorf("masters that are %s: %s, stored address %q", failure, got, b.setting("reg.1.address"))
		}
		if !strings.Contains(b.paths(), "0004f21a2457-app.log") { // steps 8 to 12 all the same
			t.Errorf("masters that are %s: no application log", failure)
		}
	}
	b = newBench(t, "SPIP_450", nil)
	b.closed = true
	if got := b.boot(); got != "applied" {
		t.Errorf("PC-UP-3: uploads that are refused change the outcome to %s", got)
	}
	b = newBench(t, "SPIP_450", []string{"missing-config=cached"})
	b.boot()
	delete(b.files, folder+"phone-0004f21a2457.cfg")
	if got := b.again(); got != "partial" || b.setting("reg.1.address") != "2001" {
		t.Errorf("PC-FILE-2: quirk missing-config=cached: %s, address %q", got, b.setting("reg.1.address"))
	}
}

// The folders of a master file, and the application's log every two days (PC-FILE-6,
// PC-SRC-5, PC-UP-1).
func TestFolders(t *testing.T) {
	b := newBench(t, "SPIP_450", nil)
	b.files[folder+"0004f21a2457.cfg"] = `<APPLICATION CONFIG_FILES="/top.cfg, http://u:p@other/x.cfg" LOG_FILE_DIRECTORY="logs/" OVERRIDES_DIRECTORY="http://0.0.0.0/" CONTACTS_DIRECTORY="/c"/>`
	b.boot()
	var got []string
	for _, r := range b.asked[6:] {
		got = append(got, strings.TrimPrefix(r.URL(), "http://193.164.253.250"))
	}
	want := "/top.cfg http://other/x.cfg /c/0004f21a2457-directory.xml /c/000000000000-directory.xml /c/0004f21a2457-directory.xml " + folder + "logs/0004f21a2457-app.log"
	if text := strings.Join(got, " "); !strings.HasSuffix(text, want) {
		t.Errorf("asked %s, want %s at the end", text, want)
	}
	n := len(b.asked)
	b.wait(48 * time.Hour)
	if len(b.asked) != n+1 || !b.said("keep-alive.done sent") {
		t.Errorf("%d requests in two days, want the log once", len(b.asked)-n)
	}
}

func TestLint(t *testing.T) {
	for text, want := range map[string]string{
		`<a reg.1.address="1" reg.1.address="2"/>`: "PC-CFG-2",
		`<a prov.polling.mode="often"/>`:           "PC-CFG-4",
		`<a device.prov.serverType="2"/>`:          "PC-CFG-4",
		`<a REG.1.address="1"/>`:                   "PC-CFG-1",
		`<a b="1"/>`:                               "PC-CFG-1",
		`<a`:                                       "PC-CFG-1",
		`<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES=""/>`:               "PC-FILE-3",
		`<APPLICATION CONFIG_FILES="0004F21A2457.cfg"/>`:                      "PC-ID-1",
		`<APPLICATION CONFIG_FILES="` + strings.Repeat("a.cfg,", 400) + `"/>`: "PC-FILE-3",
		"Crypt=1;KeyDesc=x;\n": "PC-ENC-1",
		`<a device.set="1" device.prov.serverType="2" device.prov.serverType.set="1"/>`: "",
	} {
		got := lint("f", []byte(text), Personality.Parameters)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0].Code != want) {
			t.Errorf("%.60s: %v, want %s", text, got, want)
		}
	}
}

func FuzzFiles(f *testing.F) {
	for _, text := range published {
		f.Add([]byte(text))
	}
	f.Add([]byte("Crypt=1;KeyDesc=k;IV=000102030405060708090a0b0c0d0e0f;Digest=874454ca9d6d5ab106a32c81db19ce81332a9e38;\n0123456789abcdef"))
	f.Add([]byte(imageMagic + "product=x\nversion=1\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		openMaster(body)
		openImage(body)
		lint("f", body, Personality.Parameters)
		file := openConfig("Crypt=1;KeyDesc=k;Key=06a9214036b8a15b512e03d534120006;")(body)
		c, _ := file.More.(profile.Config)
		var back profile.Config
		if err := back.UnmarshalText(c.Append(nil)); err != nil || back.Len() != c.Len() {
			t.Errorf("what was read cannot be stored: %v", err)
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, text := range []string{"192.0.2.1", "http://u:p@h:80/x.cfg", "[::1]:80/", "ftp://[::1]/", "a@b@c:1/", "http://"} {
		f.Add(text, "x.cfg")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		b, err := parseAddress(text, "ftp")
		if err != nil {
			return
		}
		if b.Port == 0 || !strings.HasSuffix(b.Path, "/") || !strings.HasPrefix(b.Path, "/") {
			t.Fatalf("%q is %+v", text, b)
		}
		if target, err := b.at(name); err == nil && (target.Host == "" || target.Port == 0) {
			t.Fatalf("%q at %q is %+v", name, text, target)
		}
	})
}

// A phone of each generation boots from what a good server has (PC-GEN-1).
func TestTree(t *testing.T) {
	for _, product := range []string{"SPIP_450", "VVX_500"} {
		b := newBench(t, product, nil).offer("160=http://h/")
		common, err := profile.Config{}.With("voIpProt.SIP.local.port", `50"60`)
		if err != nil {
			t.Fatal(err)
		}
		id := b.Identity()
		for i := range Personality.Tree.Files {
			f := &Personality.Tree.Files[i]
			var settings profile.Config
			var own []device.Setting
			if f.Common {
				settings = common
			}
			if f.Own {
				own = Personality.Own(Personality.Tree.Sample, vars(id))
			}
			b.files["/"+Personality.TreeName(f, id)] = string(Personality.Tree.Write("2", settings, own))
		}
		if got := b.boot(); got != "applied" || b.setting("reg.1.address") != "0004f21a2457" || b.setting("voIpProt.SIP.local.port") != `50"60` {
			t.Errorf("%s: the boot ends as %s, %v", product, got, b.saved.Config.Len())
		}
	}
}
