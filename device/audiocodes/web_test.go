package audiocodes

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/resync"
)

// browser is a client of the phone's own web server.
type browser struct {
	*bench.Phone
	state   device.WebState
	session string
}

func (d *browser) ask(method, path, body string) device.WebAnswer {
	a := web(d.Device, &d.state, &device.WebRequest{Now: d.Now, Method: method, Path: path, Body: []byte(body), Session: d.session})
	if a.Session != "" {
		d.session = a.Session
	}
	if a.Order != "" {
		d.Tell(device.Input{Kind: device.AskOrder, Cause: resync.Notify, Note: string(a.Order)})
	}
	return a
}

func (d *browser) login(password string) string {
	form := url.Values{"user": {pageUser}, "psw": {base64.StdEncoding.EncodeToString([]byte(password))}}
	return string(d.ask("POST", "/login.cgi", form.Encode()).Body)
}

// AC-ACT-2: what the REST server takes, and what the phone does then.
func TestREST(t *testing.T) {
	const command = "/rest/v1/command/"
	for _, test := range []struct {
		method, path, body string
		status             int
		asks, says         string
	}{
		{"PUT", command + "SendMessageHandler", `{"text":"Hello","displayTime":"10"}`, 200, "", `message ("Hello")`},
		{"PUT", command + "UpdateConfigurationHandler", `{}`, 200, "/00908f602aac.cfg", "keep-alive.done sent"},
		{"PUT", command + "UpdateFirmwareHandler", `{"url":""}`, 200, "/440HD.img", "keep-alive.done sent"},
		{"PUT", command + "UpdateFirmwareHandler", `{"url":"http://h/new.img"}`, 200, "/new.img post /rest/v1/ipphoneMgrStatus/keep-alive", "reboot"},
		{"PUT", command + "ResetGracefulHandler", `{"sessionId":"1","schedulePeriod":""}`, 200, "post /rest/v1/ipphoneMgrStatus/keep-alive", "reboot"},
		{"GET", "/rest/v1/status", "", 200, "", ""},
		{"GET", command + "ResetGracefulHandler", "", 405, "", ""},
		{"POST", command + "ResetGracefulHandler", "{}", 405, "", ""},
		{"PUT", "/rest/v1/status", "{}", 405, "", ""},
		{"PUT", command + "ResetGracefulHandler", "", 400, "", ""},
		{"PUT", command + "ResetGracefulHandler", `[]`, 400, "", ""},
		{"PUT", command + "ResetGracefulHandler", `null`, 400, "", ""},
		{"PUT", command + "Other", "{}", 404, "", ""},
		{"GET", "/rest/", "", 404, "", ""},
	} {
		d := &browser{Phone: managed(t, periodType+"=powerup")}
		d.Files["http://h/new.img"] = string(makeImage("440HD", "2.2.9.9", []byte("x")))
		d.Boot()
		d.Paths()
		d.Log = nil
		if a := d.ask(test.method, test.path, test.body); a.Status != test.status || a.Status == 405 != (a.Allow != "") {
			t.Errorf("%s %s %s: %d, want %d", test.method, test.path, test.body, a.Status, test.status)
		}
		if got := d.Paths(); got != test.asks {
			t.Errorf("%s: the phone asks for %q, want %q", test.path, got, test.asks)
		}
		if test.says == "" && len(d.Log) > 0 || !d.Said(test.says) && test.says != "" {
			t.Errorf("%s: the journal has no %q:\n%s", test.path, test.says, strings.Join(d.Log, "\n"))
		}
		// The order moves no keep-alive: the next one is an hour after the first.
		if test.says == "keep-alive.done sent" && d.Deadline() != time.Hour {
			t.Errorf("%s: the next keep-alive is at %v", test.path, d.Deadline())
		}
	}
	d := &browser{Phone: managed(t)}
	d.Boot()
	if body := string(d.ask("GET", "/rest/v1/status", "").Body); !strings.Contains(body, `"mac":"00908f602aac"`) || !strings.Contains(body, `"status":"started"`) {
		t.Errorf("the status is %s", body)
	}
}

// AC-ACT-2, AC-APP-2: a reset after some seconds, and then when the lines are idle.
func TestResetLater(t *testing.T) {
	d := &browser{Phone: managed(t, periodType+"=powerup")}
	d.Boot()
	d.ask("PUT", "/rest/v1/command/ResetGracefulHandler", `{"schedulePeriod":"90"}`)
	d.Tell(device.Input{Kind: device.SetLine, Line: 1, Active: true})
	if d.Wait(89 * time.Second); d.Said("alarm") {
		t.Error("the reset comes too early")
	}
	if d.Wait(time.Hour); d.Said("reboot") || !d.Said("alarm (IPPHONE REQUIRES RESET") {
		t.Errorf("in a call:\n%s", strings.Join(d.Log, "\n"))
	}
	d.Tell(device.Input{Kind: device.SetLine, Line: 1})
	if !d.Said("reboot") {
		t.Error("the phone does not reboot after the call")
	}
}

// AC-WEB-1: login, session, reboot, factory reset; AC-AL-2: the alarm of failed logins.
func TestPage(t *testing.T) {
	d := &browser{Phone: managed(t, periodType+"=powerup")}
	d.Boot()
	statuses(d.Phone)
	if body := string(d.ask("GET", "/", "").Body); !strings.Contains(body, "URL=mainform.cgi?go=mainframe.htm") {
		t.Errorf("the first page is %s", body)
	}
	const status, mac = "/mainform.cgi/network_status.htm", "00:90:8F:60:2A:AC"
	look := func() string { return string(d.ask("GET", status, "").Body) }
	if body := look(); strings.Contains(body, mac) {
		t.Errorf("without a session the page says %s", body)
	}
	for n := 1; n <= 4; n++ {
		if body := d.login("12345"); !strings.Contains(body, "Login failed") {
			t.Errorf("a wrong password: %s", body)
		}
		if want := map[bool]string{true: "alarm IPPHONE WEB SUCCESSIVE LOGIN FAILED TRIALS"}[n == mostFailedLogins]; statuses(d.Phone) != want {
			t.Errorf("after %d wrong passwords: want %q", n, want)
		}
	}
	if body := d.login(pagePassword); !strings.Contains(body, "/mainform.cgi?go=mainframe.htm") {
		t.Errorf("the right password: %s", body)
	}
	if body := look(); !strings.Contains(body, mac) {
		t.Errorf("with a session the page says %s", body)
	}
	good := d.session
	for _, forged := range []string{"0-" + strings.Repeat("0", 32), good + "0", "x", "-"} {
		if d.session = forged; strings.Contains(look(), mac) {
			t.Errorf("the session %q is taken", forged)
		}
	}
	d.session = good
	if d.Wait(pageSession - time.Second); !strings.Contains(look(), mac) {
		t.Error("the session ends too early")
	}
	if d.Wait(2 * time.Second); strings.Contains(look(), mac) {
		t.Error("the session does not end")
	}
	d.login(pagePassword)
	if a := d.ask("POST", "/mainform.cgi/reboot.htm", "REBOOT=1"); a.Order != "" {
		t.Errorf("a field that means nothing gives the order %s", a.Order)
	}
	d.ask("POST", "/mainform.cgi/reboot.htm", "REBOOT=2")
	if got := statuses(d.Phone); got != "offline" || !d.Said("reboot") {
		t.Errorf("a reboot says %q", got)
	}
	d.Wait(31 * time.Second)
	d.login(pagePassword)
	d.ask("POST", "/mainform.cgi/reset.htm", "CONFIG=2")
	if got := d.Setting(managerURL); !strings.HasPrefix(got, "no ") {
		t.Errorf("after a factory reset the manager is %s", got)
	}
}

// AC-WEB-2: the form of provisioning, and its two steps.
func TestProvisioningForm(t *testing.T) {
	d := &browser{Phone: managed(t, periodType+"=powerup")}
	d.Boot()
	d.login(pagePassword)
	d.Paths()
	d.ask("POST", "/mainform.cgi/auto_provision.htm", "OPTVAL=161&ASU_PERIOD=2&ASU_HOURS=5&ASU_EDTIME=3:30&ASU_EDWDAY=1&ASU_EDWTIME=4:00&ASU_RANDOM=0")
	for name, want := range map[string]string{optionNumber: "161", periodType: "weekly", periodHours: "5", dailyTime: "3:30", weeklyDay: "Monday", weeklyTime: "4:00", randomTime: "0"} {
		if got := d.Setting(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if d.Deadline() > 5*24*time.Hour || d.Said("reboot") {
		t.Errorf("the period is not in force at once: the next job is at %v", d.Deadline())
	}
	d.ask("POST", "/mainform.cgi/auto_provision.htm", "ASU_METHOD=1&NOW_FW=1&NOW_CFG=1&OPTVAL=160")
	if got := d.Paths(); got != "/440HD.img /00908f602aac.cfg" {
		t.Errorf("both steps ask for %s", got)
	}
	d.ask("POST", "/mainform.cgi/auto_provision.htm", url.Values{"ASU_METHOD": {"2"}, "CFG_URL": {"http://h/x/"}, "FW_URL": {"http://h/y/"}, "OPTVAL": {"none"}}.Encode())
	if d.Setting(method) != "STATIC" || d.Setting(optionNumber) != "160" || !d.Said("reboot") {
		t.Errorf("method %s, option %s:\n%s", d.Setting(method), d.Setting(optionNumber), strings.Join(d.Log, "\n"))
	}
	d.Paths()
	if d.Wait(31 * time.Second); !strings.Contains(d.Paths(), "/y/440HD.img /x/00908f602aac.cfg") {
		t.Error("the phone does not ask where the form says")
	}
}

// AC-RED-1, AC-RED-2: the redirect server, asked until it names a URL.
func TestRedirectServer(t *testing.T) {
	for location, want := range map[string]string{
		"http://h/ipp/x.cfg":              "http://h/440HD.img http://h/ipp/x.cfg",
		"http://h/firmwarefiles;ipp/conf": "http://h/firmwarefiles/440HD.img http://h/ipp/conf/00908f602aac.cfg",
		"gopher://h":                      "",
		"":                                "",
	} {
		p := newPhone(t, redirectURL+"=https://r/", periodType+"=hourly", periodHours+"=1")
		const asked = "https://r/00908F602AAC"
		if location != "" {
			p.Files[asked] = location
		}
		p.Boot()
		first := p.Asked[0]
		if first.URL() != asked || !first.Pointed || first.TLS.AnyChain || first.TLS.AnyName {
			t.Fatalf("the first request is %s, %+v", first.URL(), first.TLS)
		}
		var got []string
		for _, r := range p.Asked[1:] {
			got = append(got, r.URL())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: the phone asks for %s, want %s", location, got, want)
		}
		p.Asked = nil
		p.Wait(time.Hour)
		if again := len(p.Asked) > 0 && p.Asked[0].URL() == asked; again != (want == "") {
			t.Errorf("%s: asked again: %v", location, again)
		}
		p.Tell(device.Input{Kind: device.AskReset})
		p.Wait(31 * time.Second)
		if p.Setting(configLearnt) != "no "+configLearnt {
			t.Errorf("%s: a factory reset keeps %s", location, p.Setting(configLearnt))
		}
	}
	p := newPhone(t)
	if p.Boot(); len(p.Asked) != 0 {
		t.Errorf("as shipped the phone asks %s", p.Asked[0].URL())
	}
	p = offered(t, redirectURL+"=https://r/")
	if p.Boot(); p.Asked[0].Host != "h" {
		t.Errorf("DHCP names a server, and the phone asks %s", p.Asked[0].URL())
	}
}

// AC-KA-2: the tenant that the phone was given.
func TestGivenTenant(t *testing.T) {
	p := managed(t, tenantName+"=Nir")
	p.Boot()
	if body := string(p.Asked[0].Body()); !strings.Contains(body, `"region":"Nir"`) {
		t.Errorf("the first message is %s", body)
	}
}

// AC-KA-3: a change of status is reported once.
func TestStatusIsToldOnce(t *testing.T) {
	p := managed(t, lineEnabled+"=1", periodType+"=powerup")
	p.Boot()
	for n := range 2 {
		p.Files[own] = fmt.Sprintf("voip/line/0/id=%d\n", 100+n)
		p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
		if got := statuses(p); !strings.HasSuffix(got, "unregistered, registered") {
			t.Errorf("change %d says %q", n, got)
		}
		p.Wait(61 * time.Minute)
		if got := statuses(p); got != "registered" {
			t.Errorf("an hour after change %d the phone says %q", n, got)
		}
	}
}

// The phone's own server answers any request, and the phone goes on.
func FuzzWeb(f *testing.F) {
	f.Add("PUT", "/rest/v1/command/SendMessageHandler", []byte(`{"text":"x"}`), "")
	f.Add("POST", "/mainform.cgi/auto_provision.htm", []byte("ASU_METHOD=2&FW_URL=http://h&NOW_FW=1"), "0-0")
	f.Add("POST", "/login.cgi", []byte("user=admin&psw=MTIzNA=="), "")
	f.Fuzz(func(t *testing.T, method, path string, body []byte, session string) {
		d := &browser{Phone: managed(t)}
		d.Boot()
		d.login(pagePassword)
		for _, s := range []string{session, d.session} {
			d.session = s
			if a := d.ask(method, path, string(body)); a.Status < 200 || a.Status > 405 {
				t.Errorf("status %d", a.Status)
			}
			d.Wait(time.Minute)
		}
	})
}
