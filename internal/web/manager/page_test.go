package manager

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/devicemanager"
	"provsim/internal/role/ippm"
	"provsim/internal/web/app"
)

// stand is a page with a manager, and a browser that has logged in.
type stand struct {
	t       *testing.T
	base    string
	client  *http.Client
	manager *devicemanager.Server
}

func newStand(t *testing.T) *stand {
	t.Helper()
	loopback := ippm.Nets{netip.MustParsePrefix("127.0.0.0/8")}
	m, err := devicemanager.Open(devicemanager.Options{
		Dir: t.TempDir(), Log: role.NewLog(io.Discard, false, time.Now()), Caller: ippm.CallerOptions{Nets: loopback, Port: 9},
		Templates: map[string]string{"Default/440HD": "a=%ITCS_None%"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	p, err := New(Config{Access: app.Access{Address: "127.0.0.1:0", User: "admin", Password: "correct horse"}, Token: "token", Scripts: loopback}, m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t, strings.TrimSuffix(p.URL(), "/"), &http.Client{Jar: jar}, m}
	if code, _ := s.post("/login", url.Values{"user": {"admin"}, "password": {"correct horse"}}); code != 200 {
		t.Fatalf("login: %d", code)
	}
	return s
}

func (s *stand) do(req *http.Request, err error) (int, string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (s *stand) get(path string) (int, string) {
	s.t.Helper()
	return s.do(http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base+path, nil))
}

func (s *stand) post(path string, form url.Values) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.base+path, strings.NewReader(form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return s.do(req, err)
}

var tokenForm = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// fill sends a form of a page.
func (s *stand) fill(page, path string, form url.Values) (int, string) {
	s.t.Helper()
	_, body := s.get(page)
	m := tokenForm.FindStringSubmatch(body)
	if m == nil {
		s.t.Fatalf("%s has no form:\n%s", page, body)
	}
	form.Set("csrf", m[1])
	return s.post(path, form)
}

// keepAlive has a phone send a keep-alive.
func (s *stand) keepAlive(body string) {
	s.t.Helper()
	r := httptest.NewRequest("POST", ippm.KeepAlive, strings.NewReader(body))
	r.RemoteAddr = "127.0.2.1:1234"
	w := httptest.NewRecorder()
	s.manager.ServeHTTP(w, r)
	if w.Code != 200 {
		s.t.Fatalf("keep-alive: %d %s", w.Code, w.Body)
	}
}

// A phone's own fields are text on every page.
func TestFieldsAreText(t *testing.T) {
	s := newStand(t)
	const attack = `<script>alert(1)</script>`
	s.keepAlive(`{"mac":"00908f602aac","model":"` + attack + `","userName":"\"><img src=x onerror=alert(1)>","location":"` + attack + `","ip":"javascript:alert(1)","userAgent":"` + attack + `","status":"` + attack + `","<b>x</b>":"1"}`)
	r := httptest.NewRequest("POST", ippm.Alert, strings.NewReader(`{"alerts":[{"name":"`+attack+`","source":"IPPhone/00908f602aac","description":"`+attack+`"}]}`))
	s.manager.ServeHTTP(httptest.NewRecorder(), r)
	for _, path := range []string{"/devices", "/devices/00908f602aac", "/alarms", "/log", "/tenants", "/agents", "/agents/configuration", "/tenants/Default"} {
		code, body := s.get(path)
		if code != 200 || strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") || strings.Contains(body, "<b>x") {
			t.Errorf("%s: %d\n%s", path, code, body)
		}
	}
	if _, body := s.get("/devices/00908f602aac"); !strings.Contains(body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the fields are not shown")
	}
}

// DM-PG-1, DM-PG-2, DM-PG-5, DM-PG-6: the key, the slider, the icon at the next load, the columns.
func TestAgentPages(t *testing.T) {
	s := newStand(t)
	_, body := s.get("/agents/configuration")
	key := regexp.MustCompile(`<dd class="mono">([0-9a-f]{32})</dd>`).FindStringSubmatch(body)
	if key == nil || strings.Contains(body, `class="agents"`) || strings.Contains(body, " checked") {
		t.Fatalf("at first:\n%s", body)
	}
	if code, body := s.fill("/agents/configuration", "/agents/configuration", url.Values{"enabled": {"yes"}}); code != 200 || !strings.Contains(body, `class="agents"`) {
		t.Errorf("enabled: %d\n%s", code, body)
	}
	err := s.manager.Change(func(m *devicemanager.Machine) error {
		return m.SetTenant(devicemanager.Tenant{Name: "Devices_Agents", NAT: true, Agent: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, body := range map[string]string{
		ippm.Poll: `{"agentName":"WIN-PRIRP35V2QS-10.59.160.108","version":"ours-1","tenants":["Devices_Agents"]}`,
	} {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set(ippm.KeyHeader, key[1])
		w := httptest.NewRecorder()
		if s.manager.ServeHTTP(w, r); w.Code != 200 {
			t.Fatalf("poll: %d %s", w.Code, w.Body)
		}
	}
	r := httptest.NewRequest("POST", ippm.Report, strings.NewReader(`{"agentName":"WIN-PRIRP35V2QS-10.59.160.108","id":7,"name":"IPPhoneSendMessage","ip":"<b>","result":"OK"}`))
	r.Header.Set(ippm.KeyHeader, key[1])
	s.manager.ServeHTTP(httptest.NewRecorder(), r)
	_, body = s.get("/agents")
	for _, want := range []string{`>Agent name<`, `>Tenant names<`, `>dates and time<`, `>last poll<`, `Last Actions`, `>id<`, `>action<`, `<td>1</td>`, `, IPPhoneSendMessage, &lt;b&gt;, PRIRP35V2QS, OK`, `>Delete<`} {
		if !strings.Contains(body, want) {
			t.Errorf("the status page lacks %s:\n%s", want, body)
		}
	}
	if _, body := s.fill("/agents", "/agents", url.Values{"agent": {"WIN-PRIRP35V2QS-10.59.160.108"}}); !strings.Contains(body, "No Agent has polled") {
		t.Errorf("after Delete:\n%s", body)
	}
}

// DM-TEN-1, DM-PH-4, DM-ACT-1: tenants and actions by forms.
func TestTenantForms(t *testing.T) {
	s := newStand(t)
	s.keepAlive(`{"mac":"00908f602aac","model":"440HD","ip":"127.0.2.1"}`)
	s.fill("/tenants", "/tenants", url.Values{"name": {"Branch"}})
	_, body := s.fill("/tenants/Branch", "/tenants/Branch", url.Values{"nat": {"yes"}, "agent": {"yes"}, "text": {"a b\r\n[site North]\r\nc=d"}})
	if !strings.Contains(body, "nat-agent") || !strings.Contains(body, `<td class="mono">a</td><td class="mono">b</td>`) {
		t.Errorf("the tenant:\n%s", body)
	}
	_, body = s.fill("/tenants/Branch", "/tenants/Branch", url.Values{"do": {"agent"}, "address": {"127.0.1.1"}})
	if !strings.Contains(body, `<td class="mono">provisioning/firmware/url</td><td class="mono">http://127.0.1.1/firmwarefiles/%ITCS_FirmwareFile%</td>`) {
		t.Errorf("the three lines:\n%s", body)
	}
	for _, form := range []url.Values{{"agent": {"yes"}}, {"nat": {"yes"}, "text": {"x"}}, {"do": {"agent"}, "address": {"x\ny"}}, {"do": {"agent"}, "address": {"evil.example"}}} {
		if code, body := s.fill("/tenants/Branch", "/tenants/Branch", form); code != 422 || !strings.Contains(body, `class="notice bad"`) {
			t.Errorf("%v: %d", form, code)
		}
	}
	if _, body := s.fill("/tenants/Branch", "/tenants/Branch/template", url.Values{"model": {"440HD"}, "text": {"u=%ITCS_Site%"}}); !strings.Contains(body, "Template 440HD") {
		t.Errorf("the template:\n%s", body)
	}
	if _, body := s.fill("/devices/00908f602aac", "/devices/00908f602aac", url.Values{"tenant": {"Branch"}, "site": {"North"}, "text": {"own=1"}}); !strings.Contains(body, "u=North") || !strings.Contains(body, "own=1") {
		t.Errorf("the device's file:\n%s", body)
	}
	if code, body := s.fill("/devices", "/actions", url.Values{"action": {"IPPhoneReset"}, "device": {"00908f602aac"}}); code != 200 || !strings.Contains(body, sent) {
		t.Errorf("an action: %d\n%s", code, body)
	}
	if code, _ := s.fill("/devices", "/actions", url.Values{"action": {"IPPhoneReset"}}); code != 422 {
		t.Errorf("an action for no device: %d", code)
	}
}

// A form of another site, or without a session, changes nothing.
func TestChangesAreProtected(t *testing.T) {
	s := newStand(t)
	for _, path := range []string{"/agents/configuration", "/actions", "/tenants", "/tenants/Default", "/tenants/Default/template", "/agents", "/devices/00908f602aac"} {
		if code, _ := s.post(path, url.Values{"enabled": {"yes"}}); code != 403 {
			t.Errorf("%s without the token: %d, want 403", path, code)
		}
	}
	s.client.Jar = nil
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/devices", "/agents/configuration"} {
		if code, body := s.get(path); code != 303 || strings.Contains(body, "Service Key") {
			t.Errorf("%s without a session: %d", path, code)
		}
	}
}

// DM-PG-4.
func TestScripts(t *testing.T) {
	s := newStand(t)
	s.keepAlive(`{"mac":"00908f602aac","model":"440HD","ip":"127.0.2.1"}`)
	ask := func(method, path, token, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.base+"/api/v1/"+path, strings.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", token)
		}
		return s.do(req, err)
	}
	for _, c := range []struct {
		method, path, token, body string
		code                      int
		want                      string
	}{
		{"GET", "devices", "Bearer token", "", 200, `"mac": "00908f602aac"`},
		{"GET", "devices", "Bearer other", "", 401, `"error"`},
		{"GET", "devices", "", "", 401, `"error"`},
		{"PUT", "tenants", "Bearer token", `{"name":"T","nat":true}`, 200, `"name": "T"`},
		{"PUT", "tenants", "Bearer token", `{"name":"T","agent":true}`, 400, "behind a NAT"},
		{"PUT", "tenants", "", `{"name":"U"}`, 401, `"error"`},
		{"GET", "tenants", "Bearer token", "", 200, `"name": "T"`},
		{"GET", "alarms", "Bearer token", "", 200, `"alarms": []`},
		{"PUT", "agents", "Bearer token", `{"enabled":true}`, 200, "true"},
		{"GET", "agents", "Bearer token", "", 200, `"enabled": true`},
		{"POST", "actions", "Bearer token", `{"name":"IPPhoneReset","devices":["00908f602aac"]}`, 200, sent},
		{"POST", "actions", "Bearer token", `{"name":"Reboot","devices":["00908f602aac"]}`, 400, "five actions"},
	} {
		if code, body := ask(c.method, c.path, c.token, c.body); code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s; want %d and %s", c.method, c.path, c.body, code, body, c.code, c.want)
		}
	}
}
