package audiocodes

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/testing/bench"
	"provsim/resync"
)

const keepAliveURL = "http://m:8081/rest/v1/ipphoneMgrStatus/keep-alive"

// managed returns a phone whose server and manager are there.
func managed(t testing.TB, settings ...string) *bench.Phone {
	p := offered(t, append([]string{managerURL + "=http://m:8081/"}, settings...)...)
	p.Files[own] = "a/b=1\n"
	return p
}

// statuses returns the words of the keep-alives so far, and the titles of alarms.
func statuses(p *bench.Phone) string {
	var words []string
	for _, r := range p.Asked {
		if r.Method != device.Post {
			continue
		}
		var m struct {
			Status string
			Alerts []struct{ Name string }
		}
		if err := json.Unmarshal(r.Body(), &m); err != nil {
			p.T.Errorf("a body is no JSON: %v\n%s", err, r.Body())
		}
		for _, a := range m.Alerts {
			m.Status = "alarm " + a.Name
		}
		words = append(words, m.Status)
	}
	p.Asked = nil
	return strings.Join(words, ", ")
}

// AC-KA-1, AC-KA-3: what a phone says from its boot on.
func TestKeepAlives(t *testing.T) {
	p := managed(t, lineEnabled+"=1", periodType+"=powerup")
	p.Boot()
	if got := p.Asked[0]; got.URL() != keepAliveURL || got.Type != "application/json" || got.Timeout != 10*time.Second || got.Class != device.StatusClass {
		t.Errorf("the first request goes to %s as %s", got.URL(), got.Type)
	}
	if p.Asked[1].Path != "/440HD.img" {
		t.Errorf("the check does not follow the first keep-alive, but %s", p.Asked[1].Path)
	}
	if got := statuses(p); got != "started, registered" {
		t.Errorf("at boot the phone says %s, want started, registered", got)
	}
	p.Wait(119 * time.Minute)
	if got := statuses(p); got != "registered" {
		t.Errorf("in the next two hours it says %q, want registered once an hour", got)
	}
	if !p.Said("keep-alive.start") || !p.Said("keep-alive.done sent") {
		t.Errorf("the journal has no keep-alive:\n%s", strings.Join(p.Log, "\n"))
	}

	p = managed(t, keepAlives+"=0", periodType+"=powerup")
	p.Boot()
	if p.Wait(100 * time.Hour); statuses(p) != "started" {
		t.Error("with period 0 the phone says more than its changes")
	}
	p = offered(t, periodType+"=powerup")
	p.Boot()
	if p.Wait(100 * time.Hour); statuses(p) != "" {
		t.Error("without a manager the phone sends keep-alives")
	}
}

// AC-KA-3, AC-APP-1: changes of the line, of the manager, and a reboot.
func TestStatusChanges(t *testing.T) {
	p := managed(t, lineEnabled+"=1")
	p.Boot()
	statuses(p)
	p.Files[own] = "voip/line/0/id=100\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := statuses(p); got != "unregistered, registered" {
		t.Errorf("after a change of the line it says %q", got)
	}
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := statuses(p); got != "" {
		t.Errorf("after an unchanged file it says %q", got)
	}
	p.Files[own] = "network/lan_type=1\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := statuses(p); got != "offline" {
		t.Errorf("before a reboot it says %q", got)
	}
	p = offered(t)
	p.Files[own] = managerURL + "=http://m:8081\n" + lineEnabled + "=1\n"
	p.Boot()
	if p.Asked[len(p.Asked)-1].URL() != keepAliveURL {
		t.Errorf("without the last slash it goes to %s", p.Asked[len(p.Asked)-1].URL())
	}
	if got := statuses(p); got != "started, registered" {
		t.Errorf("when the manager appears it says %q", got)
	}
	p = bench.New(t, &Personality, identity("440HD"), device.Quirks{first: "init"}, managerURL+"=http://m/c/7/").Offer("160=http://h")
	if p.Boot(); p.Asked[0].Path != "/c/7/rest/v1/ipphoneMgrStatus/init" {
		t.Errorf("with first=init the phone starts at %s", p.Asked[0].Path)
	}
}

// AC-KA-2, AC-KA-4: the body, in its order.
func TestMessage(t *testing.T) {
	if got := digest("a033bb54", "system", "system"); got != "ea148b6d47bdb45ebb6c6983cae8dfd3" {
		t.Errorf("the digest is %s", got)
	}
	p := newPhone(t, managerURL+"=http://m/", managerUser+"=system", managerPass+`={"Mru8VYV897U="}`, lineEnabled+"=1", lineID+"=100", lineName+"=Ann", sipProxy+"=sip.example").
		Offer("160=http://h/;ipp/tenant/Nir/x.cfg", "1=0xffff0000")
	p.Model().Secrets = device.Secrets{valueKey: "000102030405060708090a0b0c0d0e0f1011121314151617", valueIV: "0001020304050607"}
	p.Files["http://h/ipp/tenant/Nir/x.cfg"] = "a/b=1\n"
	p.Boot()
	var bodies []string
	var sessions []string
	for _, r := range p.Asked {
		if r.Method != device.Post {
			continue
		}
		body := string(r.Body())
		session := body[len(`{"sessionId":"`):][:8]
		body = strings.ReplaceAll(strings.ReplaceAll(body, digest(session, "system", "system"), "DIGEST"), session, "SESSION")
		bodies, sessions = append(bodies, body), append(sessions, session)
	}
	const head = `{"sessionId":"SESSION","emsUserName":"system","emsUserPassword":"DIGEST","mac":"00908f602aac","ip":"192.0.2.10","subnet":"255.255.0.0",`
	const same = `"model":"440HD","fwVersion":"2.2.8.61","userAgent":"AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)",`
	want := []string{
		head + same + `"userName":"","userId":"","status":"started","phoneNumber":"","location":"","sipProxy":""}`,
		head + same + `"userName":"Ann","userId":"100@sip.example","status":"registered","phoneNumber":"100","location":"","sipProxy":"sip.example"}`,
	}
	if fmt.Sprint(bodies) != fmt.Sprint(want) {
		t.Errorf("the bodies are\n%s, want\n%s", strings.Join(bodies, "\n"), strings.Join(want, "\n"))
	}
	if len(sessions) != 2 || sessions[0] == sessions[1] {
		t.Errorf("the sessions are %v, want two of their own", sessions)
	}
	// The URL is learnt now, and names the tenant at the next boot.
	p.Asked = nil
	p.Tell(device.Input{Kind: device.AskReboot})
	p.Wait(31 * time.Second)
	if body := string(p.Asked[0].Body()); !strings.Contains(body, `"region":"Nir","model"`) {
		t.Errorf("the first message names no tenant:\n%s", body)
	}
}

// AC-KA-5: a failure is not repeated before the next period.
func TestKeepAliveFails(t *testing.T) {
	p := managed(t, periodType+"=powerup")
	p.Files[keepAliveURL] = "timeout"
	p.Boot()
	if !p.Said("keep-alive.done timeout") {
		t.Errorf("no failure:\n%s", strings.Join(p.Log, "\n"))
	}
	statuses(p)
	p.Wait(59 * time.Minute)
	if got := statuses(p); got != "" {
		t.Errorf("within the period it says %q", got)
	}
	p.Wait(2 * time.Minute)
	if got := statuses(p); got != "started" {
		t.Errorf("after the period it says %q", got)
	}
}

// AC-AL-1, AC-AL-2: the alarm of a failed check, with a number that counts up.
func TestAlarms(t *testing.T) {
	p := managed(t)
	delete(p.Files, own)
	p.Boot()
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	var alarms []string
	for _, r := range p.Asked {
		if strings.HasSuffix(r.Path, "/rest/v1/ipphoneMgrAlert/alert") {
			_, rest, _ := strings.Cut(string(r.Body()), `"alerts":`)
			alarms = append(alarms, rest)
		}
	}
	const alarm = `[{"uniqueId":%d,"name":"IPPHONE GENERAL LOCAL EVENT","description":"","date":"1970-01-01T00:00:00","severity":"2",` +
		`"source":"IPPhone/00908f602aac","type":2,"probableCause":5,"additionalInfo1":"","additionalInfo2":"not-found"}]}`
	if want := fmt.Sprintf(alarm+" "+alarm, 1, 2); strings.Join(alarms, " ") != want {
		t.Errorf("alarms are\n%s, want\n%s", strings.Join(alarms, "\n"), want)
	}
	if !p.Said("alarm (IPPHONE GENERAL LOCAL EVENT, severity 2)") {
		t.Errorf("the journal has no alarm:\n%s", strings.Join(p.Log, "\n"))
	}

	p = managed(t)
	p.Boot()
	p.Tell(device.Input{Kind: device.SetLine, Line: 1, Active: true})
	p.Files[own] = "network/lan_type=1\n"
	statuses(p)
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if got := statuses(p); got != "alarm IPPHONE REQUIRES RESET, offline" {
		t.Errorf("a reboot that waits says %q", got)
	}
}

// AC-ACT-1, AC-ACT-3: the actions of a keep-alive's answer, one by one.
func TestAnswers(t *testing.T) {
	for _, test := range []struct{ answer, paths, says string }{
		{`{"requests":[]}`, "", "keep-alive.done sent"},
		{`<html>`, "", "keep-alive.done sent"},
		{`{"requests":[{"method":"PUT","path":"/rest/v1/command/SendMessageHandler","body":{"text":"Hello"}}]}`, "", `message ("Hello")`},
		{`{"requests":["{\"cmd\":\"sendMessage\",\"text\":\"Hello\"}"]}`, "", `message ("Hello")`},
		{`{"requests":[{"method":"PUT","path":"/rest/v1/command/UpdateConfigurationHandler","body":{}}]}`, "/00908f602aac.cfg", "keep-alive.done sent"},
		{`{"requests":[{"cmd":"updateFirmware"},{"cmd":"updateConfiguration"}]}`, "/440HD.img /00908f602aac.cfg", "keep-alive.done sent"},
		{`{"requests":[{"cmd":"updateFirmware","url":"http://h/new.img"}]}`, "/new.img post /rest/v1/ipphoneMgrStatus/keep-alive", "reboot"},
		{`{"requests":["{\"cmd\":\"reset\"}",{"cmd":"sendMessage","text":"lost"}]}`, "post /rest/v1/ipphoneMgrStatus/keep-alive", "reboot"},
		{`{"requests":[{"method":"PUT","path":"/rest/v1/command/Strange","body":{}}, 7]}`, "", "warn (an action is unknown"},
	} {
		p := managed(t, periodType+"=powerup")
		p.Files["http://h/new.img"] = string(makeImage("440HD", "2.2.9.9", []byte("x")))
		p.Boot()
		p.Paths()
		p.Files[keepAliveURL] = test.answer
		p.Wait(time.Hour)
		want := strings.TrimSpace("post /rest/v1/ipphoneMgrStatus/keep-alive " + test.paths)
		if got := p.Paths(); got != want {
			t.Errorf("%s: the phone asks for\n%s, want\n%s", test.answer, got, want)
		}
		if !p.Said(test.says) {
			t.Errorf("%s: the journal has no %s:\n%s", test.answer, test.says, strings.Join(p.Log, "\n"))
		}
		if p.Said(`message ("lost")`) {
			t.Errorf("%s: what follows a reset is done", test.answer)
		}
	}
	// A status that an answer asks for is sent once, however often answers ask.
	p := managed(t, periodType+"=powerup")
	p.Files[keepAliveURL] = `{"requests":[{"cmd":"status"}]}`
	p.Boot()
	if got := strings.Count(statuses(p), started); got != 1+mostActions {
		t.Errorf("a server that always asks for the status gets %d messages, want %d", got, 1+mostActions)
	}
	many := strings.Repeat(`{"cmd":"status"},`, 100)
	if o := openAnswer([]byte(`{"requests":[` + strings.TrimSuffix(many, ",") + `]}`)).More.(*orders); len(o.list) != mostActions {
		t.Errorf("%d actions of an answer are taken, want %d", len(o.list), mostActions)
	}
}

// AC-ACT-4: the actions of a file run once, and are no settings.
func TestFileActions(t *testing.T) {
	p := managed(t)
	p.Files[own] = "a/b=1\nems_server/action/0/id=7\nems_server/action/0/name=IPPhoneSendMessage\nems_server/action/0/value=Hello\n"
	p.Boot()
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	shown := 0
	for _, line := range p.Log {
		if line == `message ("Hello")` {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("the message is shown %d times, want once:\n%s", shown, strings.Join(p.Log, "\n"))
	}
	if got := p.Setting("ems_server/action/0/id"); !strings.HasPrefix(got, "no ") {
		t.Errorf("an action is a setting: %s", got)
	}
	p.Files[own] = "a/b=1\nems_server/action/0/id=8\nems_server/action/0/name=IPPhoneReset\n"
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	p.Wait(time.Minute)
	boots := 0
	for _, line := range p.Log {
		if strings.HasPrefix(line, "boot ") {
			boots++
		}
	}
	if boots != 2 {
		t.Errorf("the phone has booted %d times, want 2: a reset of a file runs once", boots)
	}
	for n := range 40 {
		p.Files[own] = fmt.Sprintf("a/b=1\nems_server/action/0/id=%d\nems_server/action/0/name=IPPhoneStatus\n", 100+n)
		p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	}
	for line := range strings.Lines(p.Stored().Seen) {
		if slot, ids, _ := strings.Cut(line, "\t"); slot == "actions" && len(strings.Fields(ids)) != mostIDs {
			t.Errorf("%d ids are remembered, want %d", len(strings.Fields(ids)), mostIDs)
		}
	}
}
