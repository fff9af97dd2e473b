package phone

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// Who has not logged in gets no page and nothing of the API, and changes nothing.
func TestNothingWithoutSession(t *testing.T) {
	b := start(t, setup{without: true})
	before := b.look().stored
	b.client.Jar.SetCookies(mustURL(t, b.page.URL()), []*http.Cookie{{Name: "provsim_session", Value: "guessed"}})
	for _, r := range b.page.routes() {
		status, body := b.do(r.Method, filled(r.Path), "application/x-www-form-urlencoded", strings.NewReader("hook=off&sure=yes"))
		want := http.StatusUnauthorized
		if r.Method == "GET" && !strings.HasPrefix(r.Path, "/api/") {
			want = http.StatusSeeOther
		}
		b.status(r.Method+" "+r.Path, status, want)
		if strings.Contains(body, "IP542N.conf") || strings.Contains(body, "192.0.2.20") {
			t.Errorf("%s %s tells about the phone:\n%s", r.Method, r.Path, body)
		}
	}
	if after := b.look(); after.stored != before || after.status.InCall || after.status.RebootEnds != resync.Never {
		t.Error("the phone has changed")
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A change needs the session's token, and must not come from another site's page.
func TestNoChangeWithoutToken(t *testing.T) {
	b := start(t, setup{})
	before := b.look().stored
	good := b.token
	for _, r := range b.page.routes() {
		if r.Method == "GET" {
			continue
		}
		for _, token := range []string{"", "GUESSED", strings.ToLower(good)} {
			b.token = token
			form := url.Values{"hook": {"off"}, "sure": {"yes"}, "csrf": {token}}
			status, _ := b.do(r.Method, filled(r.Path), "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
			b.status(fmt.Sprintf("%s %s with token %q", r.Method, r.Path, token), status, http.StatusForbidden)
		}
		for name, value := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"} {
			req, err := http.NewRequestWithContext(t.Context(), r.Method, strings.TrimSuffix(b.page.URL(), "/")+filled(r.Path), strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-CSRF-Token", good)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set(name, value)
			status, _ := b.send(req)
			b.status(fmt.Sprintf("%s %s with %s %s", r.Method, r.Path, name, value), status, http.StatusForbidden)
		}
	}
	if after := b.look(); after.stored != before || after.status.InCall || after.status.RebootEnds != resync.Never {
		t.Error("the phone has changed")
	}
}

// evil is a text that would run in a page that takes it for HTML, an attribute's
// end or a script's.
const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`

// Whatever comes from an identity, a file or a server is text on all pages, in
// streams and in previews.
func TestHostileTextsAreText(t *testing.T) {
	b := start(t, setup{
		id: device.Identity{Product: "P" + evil, Serial: "S" + evil, Hardware: "H" + evil, Software: "V" + evil},
		stored: device.Stored{Version: "D" + evil, Config: config(t,
			"DBID_MYSTERY="+evil, "DBID_SIP_DIS_NAME="+evil, "DBID_PRV_OPTION66_ENABLED=0", "DBID_PRV_CONFIG_FILE_NAME="+evil,
			"DBID_RESYNC_RANDOM_DELAY=0", "DBID_PROFILE_RULE=http://127.0.0.1/"+evil)},
		lease: device.Lease{Offer: device.TextOffer(66, evil)},
		body:  "<html>" + evil,
	})
	b.wait(device.ResyncDone)
	b.contains(mustGet(b, "/journal"), "corrupt")
	name := `x` + evil + `.pem`
	_, refused := b.upload("/security/certificate", name, []byte(evil), map[string]string{"type": "ca"})
	_, typed := b.form("/provision", url.Values{"preview": {"1"}, "DBID_PRV_CONFIG_FILE_NAME": {evil}, "DBID_RESYNC_PERIODIC": {evil}, "DBID_UPGRADE_RULE": {evil}})
	_, parts := b.form("/provision/preview", url.Values{"DBID_PRV_CONFIG_FILE_NAME": {evil}, "DBID_RESYNC_PERIODIC": {evil}})
	_, missing := b.get("/" + url.PathEscape(evil))
	pages := []string{refused, typed, parts, missing}
	for _, link := range nav {
		pages = append(pages, mustGet(b, link.Path))
	}
	v, err := b.page.statusView(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	part, err := b.page.app.Fragment("status", "state", v)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, page := range append(pages, part) {
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
			t.Errorf("a page takes a text for HTML:\n%s", page)
		}
		shown += strings.Count(page, "alert(1)")
	}
	if shown < 20 {
		t.Errorf("the texts show %d times, too few for a test", shown)
	}
}

func mustGet(b *bench, path string) string {
	b.t.Helper()
	status, page := b.get(path)
	b.status(path, status, http.StatusOK)
	return page
}

// No page and no answer of the API shows a key, a password or a private key; the
// configuration file, which brings a phone back, does hold the passwords.
func TestSecretsDoNotShow(t *testing.T) {
	c := issue(t)
	c.Pass = "hunter2-pass"
	b := start(t, setup{stored: device.Stored{Certificates: &c, Config: config(t,
		"DBID_PRV_OPTION66_ENABLED=0", "DBID_SIP_PASSWORD=hunter2-sip", "DBID_WIFI_PASSWORD=hunter2-wifi",
		"DBID_PROFILE_RULE=[--key hunter2-key] http://user:hunter2-web@127.0.0.1/x", "DBID_UPGRADE_RULE=[--key hunter2-bad] http://127.0.0.1/x",
		"DBID_RESYNC_RANDOM_DELAY=0")}})
	b.wait(device.ResyncDone)
	for _, r := range b.page.routes() {
		if r.Method != "GET" || strings.HasSuffix(r.Path, "/live") || strings.Contains(r.Path, "/configuration") {
			continue
		}
		if page := mustGet(b, filled(r.Path)); strings.Contains(page, "hunter2") || strings.Contains(page, "PRIVATE KEY") {
			t.Errorf("%s shows a secret:\n%s", r.Path, page)
		}
	}
	if file := mustGet(b, "/security/configuration"); strings.Contains(file, "PRIVATE KEY") || !strings.Contains(file, "hunter2-sip") {
		t.Errorf("the configuration file is\n%s", file)
	}
}

// Stars that are saved stand for what is stored; what is typed in their place, and
// beside them, counts.
func TestStarsKeepTheSecret(t *testing.T) {
	const stored = "[--key secret] http://user:pass@h/x"
	for typed, want := range map[string]string{
		"[--key ******]http://user:****@h/x":        stored,
		"[--key ******] http://user:****@other/y":   "[--key secret]http://user:pass@other/y",
		"[--key ***] http://user:****@h/x":          "[--key ***]http://user:pass@h/x",
		"[--key fresh] http://user:new@h/x":         "[--key fresh] http://user:new@h/x",
		"http://h/x":                                "http://h/x",
		"http://user:****@h/$(MAU":                  "http://user:pass@h/$(MAU",
		"[--key ******] not a rule ://":             "[--key ******] not a rule ://",
		"[--key ******]http://user:****@h/x?a=****": "[--key secret]http://user:pass@h/x?a=****",
	} {
		if got := unredacted(typed, stored); got != want {
			t.Errorf("%q is stored as %q, want %q", typed, got, want)
		}
	}
	if broken := "[--key 'secret http://h/x"; unredacted(redacted(broken), broken) != broken || strings.Contains(redacted(broken), "secret") {
		t.Errorf("a stored text that is no rule shows as %q", redacted(broken))
	}
	if r, err := rule.Parse(redacted(stored)); err != nil || r.Key != "******" {
		t.Errorf("the shown rule is %q: %v", redacted(stored), err)
	}
}

// A page that is saved as it is shown changes nothing, and shows no secret, whichever
// vendor's phone it is.
func TestShownSettingsAreKept(t *testing.T) {
	for _, p := range vendors.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			const secret = "s3cr3t"
			var config profile.Config
			add := func(name, value string) {
				with, err := config.With(name, value)
				if err != nil {
					t.Fatal(err)
				}
				config = with
			}
			for q := range p.Parameters.All() {
				switch url := "http://u:" + secret + "@h/x"; {
				case q.Type == profile.Secret:
					add(q.Name, secret)
				case p.Check(nil, q, url) == nil:
					add(q.Name, url)
				}
			}
			add("P406", secret)
			add("XPSWD", secret)
			add("other", "https://u:"+secret+"@h/")
			s := start(t, setup{stored: device.Stored{Config: config}, tune: of(p)}).look()
			typed := map[string]string{}
			for _, f := range s.fields(nil) {
				typed[f.File] = f.Value
				if strings.Contains(f.Value+f.InForce, secret) {
					t.Errorf("the field %s shows %q", f.Name, f.Value)
				}
			}
			for _, q := range s.parameters() {
				if strings.Contains(q.Value, secret) {
					t.Errorf("the list shows %s as %q", q.Name, q.Value)
				}
			}
			if change, faults := s.change(typed); change.Len() > 0 || len(faults) > 0 {
				t.Errorf("the page as it is shown changes %d settings, faults %v", change.Len(), faults)
			}
		})
	}
}

// Bodies that are too large are refused, and leave the phone as it was.
func TestUploadLimits(t *testing.T) {
	b := start(t, setup{tune: func(m *device.Model) { m.ConfigLimit, m.FirmwareLimit = 1<<20, 2<<20 }})
	before := b.look().stored
	big := make([]byte, 3<<20)
	for _, path := range []string{"/security/certificate", "/security/configuration", "/security/firmware"} {
		status, _ := b.upload(path, "big", big, map[string]string{"type": "ca"})
		b.status(path, status, http.StatusRequestEntityTooLarge)
	}
	for _, path := range []string{"/api/configuration", "/api/firmware"} {
		status, _ := b.do("PUT", path, "application/octet-stream", strings.NewReader(string(big)))
		b.status(path, status, http.StatusRequestEntityTooLarge)
	}
	status, _ := b.json("PUT", "/api/certificates/ca", `{"pem":"`+strings.Repeat("A", certificateLimit+1)+`"}`)
	b.status("a large certificate", status, http.StatusRequestEntityTooLarge)
	status, _ = b.form("/provision", url.Values{"DBID_PROFILE_RULE": {strings.Repeat("A", 100<<10)}})
	b.status("a large form", status, http.StatusRequestEntityTooLarge)
	if b.look().stored != before {
		t.Error("the phone has changed")
	}
}

// Paths lead to pages and to nothing else, with and without a session.
func TestPathsLeadNowhereElse(t *testing.T) {
	for _, without := range []bool{true, false} {
		b := start(t, setup{without: without})
		for _, path := range []string{
			"/assets/../app.go", "/assets/..%2fapp.go", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%5capp.go", "/assets/_layout.html",
			"/assets/login.html", "/pages/status.html", "/assets/", "/..", "//etc/passwd", "/assets/style.css%00.html", "/.git/config", "/api/../status/../x",
		} {
			status, body := b.raw(path)
			if status == http.StatusOK || strings.Contains(body, "package ") || strings.Contains(body, "{{") || strings.Contains(body, "root:") {
				t.Errorf("%s answers %d:\n%s", path, status, body)
			}
		}
	}
}

// raw asks for a path as it is written, which an http.Client would clean.
func (b *bench) raw(path string) (int, string) {
	b.t.Helper()
	u := mustURL(b.t, b.page.URL())
	u.Path, u.Opaque = "", path
	r := (&http.Request{Method: "GET", URL: u, Host: u.Host, Header: http.Header{}}).WithContext(b.t.Context())
	return b.send(r)
}

// A hundred clients that say nothing, or only the beginning of a request, stop
// neither the page nor the phone.
func TestSlowClients(t *testing.T) {
	b := start(t, setup{stored: device.Stored{Config: config(t, "DBID_RESYNC_RANDOM_DELAY=0")}})
	address := mustURL(t, b.page.URL()).Host
	for i := range 100 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if i%2 == 0 {
			fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nuser", address)
		} else {
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHo")
		}
	}
	mustGet(b, "/status")
	status, _ := b.form("/resync", url.Values{})
	b.status("a resync", status, http.StatusSeeOther)
	b.wait(device.ResyncDone)
}
