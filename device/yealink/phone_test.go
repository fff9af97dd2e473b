package yealink

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/fetch/web"
	"provsim/internal/testing/bench"
	"provsim/profile"
	"provsim/resync"
)

const pre = "static.auto_provision."

// again lets the phone resync, and returns the outcome.
func again(p *bench.Phone) string {
	p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Notify})
	return p.Outcome()
}

// YL-SRC-7: the redirect server comes first, until it has named a URL; where it names
// none, the next source counts.
func TestRedirect(t *testing.T) {
	const rps = "http://rps/service?model=x&mac=805ec0d57d72"
	redirect := pre + "redirect.url=http://rps/service?model=x"
	for answer, want := range map[string]string{
		"http://b/z/\n": "http://b/z/805ec0d57d72.boot", "not a URL": "http://h/y/805ec0d57d72.boot", "timeout": "http://h/y/805ec0d57d72.boot",
	} {
		p := newPhone(t, redirect)
		p.Files[rps], p.Files["http://b/z/805ec0d57d72.cfg"] = answer, head+"a = 1\n"
		if p.Boot(); p.Asked[0].URL() != rps || !p.Asked[0].Pointed || p.Asked[1].URL() != want {
			t.Errorf("%q: asked %s", answer, p.Paths())
		}
		p.Paths()
		again(p)
		if named := answer[0] == 'h'; (p.Asked[0].URL() != rps) != named {
			t.Errorf("%q, the second run: %s, want the redirect server only while it has named nothing", answer, p.Paths())
		}
		if first := p.Asked; len(first) > 0 && answer[0] == 'h' && first[0].URL() != want {
			t.Errorf("%q, the second run asked %s first, want %s", answer, first[0].URL(), want)
		}
	}
	p := newPhone(t)
	if p.Boot(); p.Asked[0].Host != "h" {
		t.Errorf("without a redirect server it asked %s", p.Paths())
	}
}

// YL-PLAN-4, YL-PLAN-5: the file of what the user has set comes last, another URL takes
// the place of the phone's own file, and the files with keys come before theirs.
func TestOtherFiles(t *testing.T) {
	p := newPhone(t, pre+"custom.sync=1", "static.custom_mac_cfg.url=http://h/else/own.cfg")
	if p.Boot(); p.Paths() != ownBoot+" "+boot+" "+commonT46+" /else/own.cfg /y/805ec0d57d72-local.cfg" {
		t.Errorf("asked %q", p.Log)
	}
	p = files(newPhone(t, pre+"aes_key_in_file=1"), own, head+"a = 1\n")
	p.Boot()
	if got := p.Paths(); got != ownBoot+" "+boot+" /y/y000000000066_Security.enc "+commonT46+" /y/805ec0d57d72_Security.enc "+own || p.Outcome() != "applied" {
		t.Errorf("asked %s, %s", got, p.Outcome())
	}
}

// save has a person save settings on the phone's web page.
func save(p *bench.Phone, settings ...string) {
	var config profile.Config
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		config, _ = config.With(name, value)
	}
	p.Tell(device.Input{Kind: device.Configure, Config: config})
}

// YL-FMT-4: with custom.protect 1 what a user has set wins over the files, except for static
// settings. Overwrite_mode and a firmware on the way change nothing about that, and a
// factory reset forgets it.
func TestProtect(t *testing.T) {
	const static = "static.network.vlan.pc_port_enable"
	served := head + "account.1.label = theirs\n" + static + " = 1\nb = 2\n"
	for protect, want := range map[string]string{"0": "theirs", "1": "mine"} {
		p := newPhone(t, pre+"custom.protect="+protect)
		p.Boot()
		save(p, "account.1.label=mine", static+"=0")
		files(p, own, served)
		if again(p); p.Setting("account.1.label") != want || p.Setting(static) != "1" || p.Setting("b") != "2" {
			t.Errorf("protect %s: label %q, want %q; %s=%s, b=%s", protect, p.Setting("account.1.label"), want, static, p.Setting(static), p.Setting("b"))
		}
		p.Wait(time.Minute) // the VLAN reboots
		if got := again(p); got != "unchanged" {
			t.Errorf("protect %s: equal files are %s", protect, got)
		}
	}

	p := newPhone(t)
	p.Boot()
	save(p, "account.1.label=mine")
	files(p, boot, head+"overwrite_mode = 1\ninclude:config \"n.cfg\"\n",
		"/y/n.cfg", served+pre+"custom.protect = 1\nstatic.firmware.url = http://h/66.86.0.99.rom\n", "/66.86.0.99.rom", "ROM")
	if again(p); p.Software() != "66.86.0.99" || p.Setting("account.1.label") != "mine" {
		t.Errorf("during the upgrade to %s the label is %q", p.Software(), p.Setting("account.1.label"))
	}
	p.Wait(time.Minute)
	if p.Setting("account.1.label") != "mine" || p.Setting("b") != "2" {
		t.Errorf("after it the label is %q; %q", p.Setting("account.1.label"), p.Log)
	}
	p.Tell(device.Input{Kind: device.AskReset})
	files(p, ownBoot, head+"include:config \"n.cfg\"\n", "/y/n.cfg", served+pre+"custom.protect = 1\n"+pre+"server.url = http://h/y/\n")
	p.Offer("66=http://h/y/")
	if p.Wait(time.Minute); p.Setting("account.1.label") != "theirs" {
		t.Errorf("after a factory reset the label is %q", p.Setting("account.1.label"))
	}
}

// YL-OUT-1: with custom.sync 1 the phone uploads what a user has set after each change, by
// PUT or POST, to the place of the settings, else to the server. Static settings stay.
func TestUpload(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{pre + "custom.upload_method=0", "write http://h/y/805ec0d57d72-local.cfg"},
		{pre + "custom.upload_method=1", "post http://h/y/805ec0d57d72-local.cfg"},
		{pre + "custom.sync.path=https://up/$MODEL/", "write https://up/T46S/805ec0d57d72-local.cfg"},
		{pre + "custom.sync=0", ""},
	} {
		p := files(newPhone(t, pre+"custom.sync=1", c.settings), own, head+"a = 1\n")
		p.Boot()
		p.Paths()
		save(p, "account.1.label=mine", "account.1.note=", "static.network.lldp.enable=0")
		asked := ""
		if len(p.Asked) == 1 {
			asked = p.Asked[0].Method.String() + " " + p.Asked[0].URL()
		}
		if asked != c.want || len(p.Asked) > 1 {
			t.Errorf("%s: asked %q, want %q", c.settings, asked, c.want)
			continue
		}
		if c.want == "" {
			continue
		}
		if !p.Said("keep-alive.done sent") {
			t.Errorf("%s: the journal is %q", c.settings, p.Log)
		}
		body := p.Asked[0].Body()
		config, err := Personality.Parse(body)
		label, _ := config.Get("account.1.label")
		if err != nil || label != "mine" || !strings.Contains(string(body), "account.1.note = %NULL%") || strings.Contains(string(body), "lldp") {
			t.Errorf("%s: the phone sends %q, %v", c.settings, body, err)
		}
		p.Paths()
		if save(p, "static.network.lldp.enable=1"); p.Paths() != "" {
			t.Errorf("%s: a static setting is uploaded", c.settings)
		}
		save(p, "b=2") // each change
		if len(p.Asked) != 1 || !strings.Contains(string(p.Asked[0].Body()), "b = 2") || !strings.Contains(string(p.Asked[0].Body()), "mine") {
			t.Errorf("%s: the second change: %q", c.settings, p.Paths())
		}
		p.Paths()
		if again(p); !strings.HasSuffix(p.Paths(), "-local.cfg") {
			t.Errorf("%s: the phone does not ask for the file again", c.settings)
		}
	}

	p := newPhone(t, pre+"custom.sync=1")
	p.Boot()
	files(p, "/y/805ec0d57d72-local.cfg", "http-status")
	save(p, "b=2")
	if p.Wait(time.Minute); !p.Said("keep-alive.done http-status") || p.Setting("b") != "2" {
		t.Errorf("an upload that fails: %q", p.Log)
	}
	save(p, "b=3")
	files(p, own, head+"a = 1\n")
	delete(p.Files, "http://h/y/805ec0d57d72-local.cfg")
	again(p) // between two tries of the upload, and so after it
	if p.Wait(time.Minute); p.Outcome() != "applied" || !p.Said("keep-alive.done sent") {
		t.Errorf("a resync between two tries of an upload is %s: %q", p.Outcome(), p.Log)
	}
}

// YL-PLAN-9: each file has a connection of its own, and is asked for anew without a
// condition.
func TestConnections(t *testing.T) {
	var mu sync.Mutex
	connections, conditions, requests := 0, 0, 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		requests++
		if r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != "" {
			conditions++
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Write([]byte(head + "a = 1\n"))
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			mu.Lock()
			connections++
			mu.Unlock()
		}
	}
	server.Start()
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	number, _ := strconv.Atoi(port)
	p := files(newPhone(t), commonT46, head+"a = 1\n", own, head+"b = 1\n")
	p.Boot()
	again(p) // the same bytes are there
	client := &web.Client{}
	for i := range p.Asked {
		r := p.Asked[i]
		r.Host, r.Port = host, uint16(number)
		if reply := client.Fetch(t.Context(), r); reply.Outcome != resync.None {
			t.Fatalf("%s: %v %s", r.Path, reply.Outcome, reply.Note)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if requests != 8 || connections != requests || conditions != 0 {
		t.Errorf("%d requests on %d connections, %d with a condition; want 8 on 8, and none", requests, connections, conditions)
	}
}

// YL-CHG-3: the version of a configuration is stored and decides nothing.
func TestConfigVersion(t *testing.T) {
	version := pre + "config_version.mac = 7\n"
	p := files(newPhone(t), own, head+version+"a = 1\n")
	p.Boot()
	files(p, own, head+version+"a = 2\n")
	if got := again(p); got != "applied" || p.Setting("a") != "2" || p.Setting(pre+"config_version.mac") != "7" {
		t.Errorf("%s, a=%s", got, p.Setting("a"))
	}
}

// YL-OUT-2: action URLs, after the boot and after a run.
func TestActionURLs(t *testing.T) {
	p := files(newPhone(t, "action_url.setup_completed=http://a/up?m=$mac&ip=$ip", "action_url.setup_autop_finish=http://a/done/$model/$firmware"), own, head+"a = 1\n")
	p.Boot()
	first, last := p.Asked[0].URL(), p.Asked[len(p.Asked)-1].URL()
	if first != "http://a/up?m=805ec0d57d72&ip=192.0.2.10" || last != "http://a/done/T46S/66.86.0.15" || p.Outcome() != "applied" {
		t.Errorf("asked %s first and %s last, %s", first, last, p.Outcome())
	}
	p.Paths()
	if again(p); strings.Contains(p.Paths(), "/up") {
		t.Error("a resync without a boot asks for setup_completed")
	}
}

// YL-ID-1: the address blocks.
func TestBlocks(t *testing.T) {
	const blocks = "001565 805ec0 805e0c 249ad8 44dbd2 644f56 ec1da9 3497d7 b061a9 c4fc22 f01653 e434d7"
	for _, block := range strings.Fields(blocks) {
		mac, err := device.ParseMAC(block + "000001")
		if err != nil || !Personality.Owns(mac) {
			t.Errorf("%s is no block of theirs (%v)", block, err)
		}
	}
	if len(Personality.OUIs) != len(strings.Fields(blocks)) {
		t.Errorf("%d blocks, want those of the rule", len(Personality.OUIs))
	}
}

// YL-TRG-5: in a call the phone looks again every 30 s, and after two hours it drops the
// run. The next one comes at its time.
func TestCalls(t *testing.T) {
	call := func(p *bench.Phone, active bool) { p.Tell(device.Input{Kind: device.SetLine, Line: 1, Active: active}) }
	for _, c := range []struct {
		calls  time.Duration // how long the call lasts after the request
		asksAt time.Duration // after the request; 0: dropped
	}{
		{time.Second, 30 * time.Second}, {30 * time.Second, 30 * time.Second}, {31 * time.Second, time.Minute},
		{time.Hour - time.Second, time.Hour}, {2*time.Hour - time.Second, 2 * time.Hour}, {2*time.Hour + time.Second, 0},
	} {
		p := newPhone(t, pre+"power_on=0")
		p.Boot()
		call(p, true)
		p.Tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
		began := p.Now
		p.Wait(c.calls)
		if call(p, false); c.asksAt > c.calls {
			if p.Wait(c.asksAt - c.calls - time.Second); p.Paths() != "" {
				t.Errorf("a call of %v: it asked before %v", c.calls, c.asksAt)
			}
		}
		p.Wait(max(began+c.asksAt-p.Now, 0))
		if asked := p.Paths() != ""; asked != (c.asksAt > 0) || p.Said("warn (the resync is dropped: a call has held it for 2h0m0s)") == asked {
			t.Errorf("a call of %v: it asked %v by %v after the request; %q", c.calls, asked, p.Now-began, p.Log)
		}
		if again(p); p.Paths() == "" {
			t.Errorf("a call of %v: it does not resync after it", c.calls)
		}
	}

	p := newPhone(t, pre+"repeat.enable=1", pre+"repeat.minutes=180")
	p.Boot()
	call(p, true)
	p.Paths()
	p.Wait(5*time.Hour + time.Minute) // due after three hours, dropped after five
	call(p, false)
	if p.Wait(3*time.Hour - 2*time.Minute); p.Paths() != "" {
		t.Errorf("it asked before the period was over again: %q", p.Log)
	}
	if p.Wait(2 * time.Minute); p.Paths() == "" {
		t.Errorf("it did not ask a period after the dropped run: %q", p.Log)
	}
}
