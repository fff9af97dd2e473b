package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// A visitor is an app with a page, a clock that the test moves, and a person's cookie.
type visitor struct {
	*App
	t      *testing.T
	clock  time.Time
	cookie *http.Cookie
	token  string
	from   string // the client's address
}

func sit(t *testing.T, tune func(*Config)) *visitor {
	t.Helper()
	c := Config{
		Name: "test", Nav: []Link{{"/home", "Home"}}, Access: Access{Address: "127.0.0.1:0", User: "admin", Password: "admin", Shipped: true, Hosts: []string{"phone.example"}},
		Pages: fstest.MapFS{"home.html": {Data: []byte(`{{define "main"}}data: {{.Data}}{{end}}`)}},
	}
	if tune != nil {
		tune(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	d := &visitor{App: s, t: t, clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), from: "192.0.2.7:1234"}
	s.now = func() time.Time { return d.clock }
	page := func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, Page{Name: "home", Title: "Home", Data: r.FormValue("x")})
	}
	s.Handle(Route{Method: "GET", Path: "/home", Handle: page})
	s.Handle(Route{Method: "POST", Path: "/home", Handle: page})
	return d
}

// ask sends a request; a form's values make it a POST.
func (d *visitor) ask(path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return d.send(r)
}

func (d *visitor) send(r *http.Request) *httptest.ResponseRecorder {
	if r.Host == "example.com" { // that of httptest
		r.Host = "192.0.2.1:8000"
	}
	r.RemoteAddr = d.from
	if d.cookie != nil {
		r.AddCookie(d.cookie)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func (d *visitor) login(password string) *httptest.ResponseRecorder {
	d.t.Helper()
	w := d.ask("/login", url.Values{"user": {"admin"}, "password": {password}})
	if cookies := w.Result().Cookies(); w.Code == http.StatusSeeOther && len(cookies) == 1 {
		d.cookie = cookies[0]
		d.token = d.App.sessions.find(d.cookie.Value, d.clock).csrf
	}
	return w
}

func (d *visitor) code(what string, w *httptest.ResponseRecorder, want int) {
	d.t.Helper()
	if w.Code != want {
		d.t.Errorf("%s: answer %d, want %d", what, w.Code, want)
	}
}

func TestCookie(t *testing.T) {
	for _, config := range []*tls.Config{nil, {}} {
		d, tls := sit(t, func(c *Config) { c.TLS = config }), config != nil
		d.login("admin")
		if c := d.cookie; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != tls || c.Path != "/" {
			t.Errorf("with TLS %t the cookie is %+v", tls, c)
		}
		if hsts := d.ask("/home", nil).Header().Get("Strict-Transport-Security"); (hsts != "") != tls {
			t.Errorf("with TLS %t the site says %q", tls, hsts)
		}
	}
}

// Every answer has the security headers, an error's and a redirect's too.
func TestHeaders(t *testing.T) {
	d := sit(t, nil)
	for _, path := range []string{"/", "/login", "/assets/style.css", "/nowhere", "/api/session"} {
		h := d.ask(path, nil).Header()
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s has headers %v", path, h)
		}
	}
}

// No page has a script or a style of its own, which the policy would not run.
func TestPagesHaveNoInlineScript(t *testing.T) {
	d := sit(t, nil)
	pages := []string{d.ask("/login", nil).Body.String()}
	d.login("admin")
	for _, path := range []string{"/home", "/password", "/nowhere"} {
		pages = append(pages, d.ask(path, nil).Body.String())
	}
	for _, page := range pages {
		if strings.Contains(page, "<script>") || strings.Contains(page, "<style") || strings.Contains(page, " style=") || strings.Contains(page, " onclick") {
			t.Errorf("a page has something inline:\n%s", page)
		}
		if strings.Count(page, "<h1>") != 1 || !strings.Contains(page, `<main id="main"`) || !strings.Contains(page, `href="#main"`) {
			t.Errorf("a page lacks its heading, landmark or skip link:\n%s", page)
		}
	}
}

// The app answers to addresses and to the names of its configuration.
func TestHost(t *testing.T) {
	d := sit(t, nil)
	for host, want := range map[string]int{
		"127.0.0.1:8000": 200, "192.0.2.1": 200, "[2001:db8::1]:8000": 200, "localhost:8000": 200, "LOCALHOST": 200, "phone.example": 200, "Phone.Example:80": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "": 421, "localhost.evil.example:8000": 421,
	} {
		r := httptest.NewRequest("GET", "/login", nil)
		r.Host = host
		d.code("host "+host, d.send(r), want)
	}
}

func TestSessionsEnd(t *testing.T) {
	d := sit(t, nil)
	in := func() bool { return d.ask("/home", nil).Code == http.StatusOK }
	if in() {
		t.Error("one is in without a login")
	}
	d.login("admin")
	for range 23 {
		d.clock = d.clock.Add(SessionIdle - time.Minute)
		if !in() {
			t.Fatal("a session that is used ends early")
		}
	}
	d.clock = d.clock.Add(SessionIdle - time.Minute) // 24 times 29 minutes are 11 h 36 min
	if !in() {
		t.Fatal("a session that is used ends early")
	}
	d.clock = d.clock.Add(25 * time.Minute)
	if in() {
		t.Error("a session outlives SessionLife")
	}
	d.login("admin")
	d.clock = d.clock.Add(SessionIdle)
	if in() {
		t.Error("a session that is not used outlives SessionIdle")
	}
	d.login("admin")
	d.code("logout", d.ask("/logout", url.Values{"csrf": {d.token}}), http.StatusSeeOther)
	if in() {
		t.Error("a session outlives its logout")
	}
	d.login("admin")
	d.EndSessions()
	if in() {
		t.Error("a session outlives EndSessions")
	}
}

// The number of sessions is limited. A new session takes the place of the one that was
// idle for the longest time.
func TestSessionsAreBounded(t *testing.T) {
	d := sit(t, nil)
	d.login("admin")
	first := d.cookie
	for range mostSessions {
		d.clock = d.clock.Add(time.Second)
		d.login("admin")
	}
	if n := len(d.App.sessions.open); n != mostSessions {
		t.Errorf("%d sessions are open, want %d", n, mostSessions)
	}
	d.cookie = first
	d.code("the oldest session", d.ask("/home", nil), http.StatusSeeOther)
}

// Who guesses has to wait, longer each time; others do not, and a success ends it.
func TestLoginSlowsDown(t *testing.T) {
	d := sit(t, nil)
	for range freeAttempts {
		d.code("a wrong password", d.login("guess"), http.StatusForbidden)
	}
	w := d.login("admin")
	d.code("the right one too soon", w, http.StatusTooManyRequests)
	if w.Header().Get("Retry-After") == "" {
		t.Error("the answer does not say when to try again")
	}
	d.from = "192.0.2.8:1"
	d.code("another client", d.login("admin"), http.StatusSeeOther)
	d.from, d.cookie = "192.0.2.7:9999", nil
	d.clock = d.clock.Add(firstWait)
	d.code("a wrong one after the wait", d.login("guess"), http.StatusForbidden)
	d.clock = d.clock.Add(firstWait)
	d.code("after the same wait again", d.login("admin"), http.StatusTooManyRequests)
	d.clock = d.clock.Add(firstWait)
	d.code("after twice the wait", d.login("admin"), http.StatusSeeOther)
	d.cookie = nil
	d.code("a wrong one after the success", d.login("guess"), http.StatusForbidden)
	d.code("and another one", d.login("guess"), http.StatusForbidden)
	for range 40 {
		d.clock = d.clock.Add(longestWait)
		d.login("guess")
	}
	if wait := d.attempts.wait(clientOf(&http.Request{RemoteAddr: d.from}), d.clock); wait > longestWait {
		t.Errorf("the wait is %v, want at most %v", wait, longestWait)
	}
}

// Clients are counted as those who can choose their addresses are.
func TestClientOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7:1": "192.0.2.7", "[2001:db8::1]:1": "2001:db8::", "[2001:db8::ffff:1]:2": "2001:db8::", "127.0.0.1:1": "::1", "127.9.9.9:1": "::1",
		"[::ffff:192.0.2.7]:1": "192.0.2.7",
	} {
		if got := clientOf(&http.Request{RemoteAddr: address}).String(); got != want {
			t.Errorf("%s counts for %s, want %s", address, got, want)
		}
	}
	var a attempts
	for i := range mostClients * 2 {
		a.failed(clientOf(&http.Request{RemoteAddr: fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)}), time.Now())
	}
	if len(a.clients) > mostClients {
		t.Errorf("%d clients are remembered, want at most %d", len(a.clients), mostClients)
	}
}

// Where others can reach the app, the shipped password opens only its own change.
func TestShippedPasswordHasToChange(t *testing.T) {
	d := sit(t, func(c *Config) { c.Address = ":0" })
	d.login("admin")
	w := d.ask("/home", nil)
	d.code("a page", w, http.StatusSeeOther)
	if w.Header().Get("Location") != "/password" {
		t.Errorf("it leads to %s", w.Header().Get("Location"))
	}
	d.code("the API", d.ask("/api/session", nil), http.StatusForbidden)
	d.code("the password page", d.ask("/password", nil), http.StatusOK)
	other := d.cookie
	d.login("admin")
	for _, tt := range []struct{ rule, old, next, again string }{
		{"a wrong old one", "guess", "long enough", "long enough"}, {"two different ones", "admin", "long enough", "long enoughs"},
		{"a short one", "admin", "1234567", "1234567"}, {"a long one", "admin", strings.Repeat("x", 129), strings.Repeat("x", 129)},
	} {
		form := url.Values{"csrf": {d.token}, "old": {tt.old}, "new": {tt.next}, "again": {tt.again}}
		d.code(tt.rule, d.ask("/password", form), http.StatusUnprocessableEntity)
	}
	w = d.ask("/password", url.Values{"csrf": {d.token}, "old": {"admin"}, "new": {"long enough"}, "again": {"long enough"}})
	d.code("a good one", w, http.StatusSeeOther)
	d.cookie = w.Result().Cookies()[0]
	d.code("a page afterwards", d.ask("/home", nil), http.StatusOK)
	d.cookie = other
	d.code("another session", d.ask("/home", nil), http.StatusSeeOther)
	d.cookie = nil
	d.code("the old password", d.login("admin"), http.StatusForbidden)
	d.code("the new password", d.login("long enough"), http.StatusSeeOther)
}

// The login leads on to a page of this site only.
func TestNextIsLocal(t *testing.T) {
	d := sit(t, nil)
	for next, want := range map[string]string{
		"/journal": "/journal", "": "/home", "//evil.example": "/home", "https://evil.example": "/home", `/\evil.example`: "/home", "/x\r\nSet-Cookie: a": "/home",
	} {
		if got := d.local(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestFormNeedsToken(t *testing.T) {
	d := sit(t, nil)
	d.login("admin")
	d.code("without", d.ask("/home", url.Values{"x": {"1"}}), http.StatusForbidden)
	d.code("with another one's", d.ask("/home", url.Values{"csrf": {d.token[1:]}}), http.StatusForbidden)
	w := d.ask("/home", url.Values{"csrf": {d.token}, "x": {"<b>"}})
	d.code("with it", w, http.StatusOK)
	if !strings.Contains(w.Body.String(), "data: &lt;b&gt;") {
		t.Errorf("the page is\n%s", w.Body)
	}
	r := httptest.NewRequest("POST", "/login", strings.NewReader("user=admin&password=admin"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	d.code("a login from another site's page", d.send(r), http.StatusForbidden)
}

func TestAPISession(t *testing.T) {
	d := sit(t, nil)
	post := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-CSRF-Token", d.token)
		return d.send(r)
	}
	d.code("a wrong password", post("/api/login", `{"user":"admin","password":"x"}`), http.StatusForbidden)
	d.code("an unknown member", post("/api/login", `{"name":"admin"}`), http.StatusBadRequest)
	w := post("/api/login", `{"user":"admin","password":"admin"}`)
	d.code("the right one", w, http.StatusOK)
	var told token
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	d.cookie, d.token = w.Result().Cookies()[0], told.CSRF
	if again := d.ask("/api/session", nil).Body.String(); !strings.Contains(again, told.CSRF) {
		t.Errorf("the session tells %s, want the token %s", again, told.CSRF)
	}
	d.code("logout", post("/api/logout", ""), http.StatusNoContent)
	d.code("afterwards", d.ask("/api/session", nil), http.StatusUnauthorized)
}

// One large upload is read at a time.
func TestOneUploadAtATime(t *testing.T) {
	d := sit(t, nil)
	entered, leave := make(chan bool), make(chan bool)
	d.Handle(Route{Method: "POST", Path: "/big", Limit: 2 << 20, Handle: func(http.ResponseWriter, *http.Request) error {
		entered <- true
		<-leave
		return nil
	}})
	d.login("admin")
	first := make(chan int)
	go func() { first <- d.ask("/big", url.Values{"csrf": {d.token}}).Code }()
	<-entered
	d.code("a second one", d.ask("/big", url.Values{"csrf": {d.token}}), http.StatusServiceUnavailable)
	leave <- true
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first answers %d", code)
	}
}

func TestAssets(t *testing.T) {
	d := sit(t, nil)
	for _, name := range []string{"style.css", "live.js", "icon.svg"} {
		at, err := d.assetURL(name)
		if err != nil {
			t.Fatal(err)
		}
		w := d.ask(at, nil)
		d.code(at, w, http.StatusOK)
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s has headers %v and %d bytes", at, w.Header(), w.Body.Len())
		}
	}
	d.code("a template", d.ask("/assets/_layout.html", nil), http.StatusNotFound)
}

// A stream sends what has changed, and ends with its session.
func TestStream(t *testing.T) {
	d := sit(t, nil)
	var hub Hub
	calls := make(chan map[string]string)
	d.Handle(Route{Method: "GET", Path: "/live", Handle: func(w http.ResponseWriter, r *http.Request) error {
		return d.Stream(w, r, &hub, func(context.Context) (map[string]string, error) { return <-calls, nil })
	}})
	d.login("admin")
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- d.ask("/live", nil) }()
	calls <- map[string]string{"a": "<b>1</b>", "b": "2"}
	tick(&hub, calls, map[string]string{"a": "<b>1</b>", "b": "3"})
	tick(&hub, calls, map[string]string{"a": "<b>1</b>", "b": "3"})
	d.EndSessions()
	hub.Changed()
	var w *httptest.ResponseRecorder
	select {
	case w = <-answer:
	case calls <- nil: // it had looked at the session before that ended
		hub.Changed()
		w = <-answer
	}
	var data []string
	for line := range strings.Lines(w.Body.String()) {
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			data = append(data, strings.TrimSpace(text))
		}
	}
	want := []string{`{"a":"\u003cb\u003e1\u003c/b\u003e","b":"2"}`, `{"b":"3"}`}
	if strings.Join(data, "\n") != strings.Join(want, "\n") || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("the stream sends\n%q\nwant\n%q", data, want)
	}
	if len(hub.listeners) != 0 {
		t.Error("the stream has ended and still listens")
	}
}

// tick brings news until the stream looks.
func tick(hub *Hub, calls chan<- map[string]string, parts map[string]string) {
	hub.Changed()
	calls <- parts
}

// A hub with a listener that does not listen does not wait.
func TestHubDoesNotWait(t *testing.T) {
	var hub Hub
	news, leave := hub.listen()
	for range 1000 {
		hub.Changed()
	}
	if len(news) != 1 {
		t.Errorf("%d signals wait, want 1", len(news))
	}
	leave()
	hub.Changed()
}

// A server that is closed ends its streams, and lets an answer under way get out.
func TestServerCloses(t *testing.T) {
	d := sit(t, nil)
	entered, leave := make(chan bool), make(chan bool)
	d.Handle(Route{Method: "GET", Path: "/slow", Public: true, Handle: func(w http.ResponseWriter, _ *http.Request) error {
		entered <- true
		<-leave
		return WriteJSON(w, "good bye")
	}})
	d.Handle(Route{Method: "GET", Path: "/live", Public: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
		return d.Stream(w, r, &Hub{}, func(context.Context) (map[string]string, error) { return nil, nil })
	}})
	server, err := d.Listen()
	if err != nil {
		t.Fatal(err)
	}
	server.Serve()
	at := "http://" + server.Addr().String()
	stream, err := http.Get(at + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	answer := make(chan int)
	go func() {
		r, err := http.Get(at + "/slow")
		if err != nil {
			answer <- 0
			return
		}
		r.Body.Close()
		answer <- r.StatusCode
	}()
	<-entered
	server.Close()
	server.Close()
	leave <- true
	if code := <-answer; code != http.StatusOK {
		t.Errorf("the answer under way is %d", code)
	}
	server.Wait()
	if _, err := io.ReadAll(stream.Body); err != nil {
		t.Errorf("the stream is cut off, and not ended: %v", err)
	}
	if _, err := http.Get(at + "/login"); err == nil {
		t.Error("a closed server answers")
	}
}
