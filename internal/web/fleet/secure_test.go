package fleet

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// filled puts a device in the place of a path's wildcard.
func filled(path string) string { return strings.ReplaceAll(path, "{mac}", "0021f2000000") }

// Who has not logged in gets no page and nothing of the API, and changes nothing.
func TestNothingWithoutSession(t *testing.T) {
	s := start(t, "town")
	for _, r := range s.page.routes() {
		status, body := s.ask(r.Method, filled(r.Path), `{"percent":100,"for":60,"confirm":true}`)
		want := http.StatusUnauthorized
		if r.Method == "GET" && !strings.HasPrefix(r.Path, "/api/") {
			want = http.StatusSeeOther
		}
		if status != want || strings.Contains(body, "http-status") || strings.Contains(body, "idle") {
			t.Errorf("%s %s answers %d, want %d: %s", r.Method, r.Path, status, want, body)
		}
	}
	if states := s.login().states(); states["off"] > 0 {
		t.Errorf("the power was cut: %v", states)
	}
	select {
	case <-s.stopped:
		t.Error("the run was stopped")
	default:
	}
}

// A change needs the session's token, and must not come from another site's page.
func TestNoChangeWithoutToken(t *testing.T) {
	s := start(t, "town").login()
	good := s.token
	for _, r := range s.page.routes() {
		if r.Method == "GET" {
			continue
		}
		for _, token := range []string{"", "GUESSED", strings.ToLower(good)} {
			s.token = token
			form := url.Values{"percent": {"100"}, "for": {"60"}, "over": {"0"}, "sure": {"yes"}}
			if status, _ := s.post(r.Path, form); status != http.StatusForbidden {
				t.Errorf("%s with the token %q answers %d", r.Path, token, status)
			}
		}
		s.token = good
		for name, value := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"} {
			req := s.request("POST", r.Path, "application/json", `{"percent":100,"for":60,"confirm":true}`)
			req.Header.Set(name, value)
			if status, _ := s.send(req); status != http.StatusForbidden {
				t.Errorf("%s with %s %s answers %d", r.Path, name, value, status)
			}
		}
	}
	if states := s.states(); states["off"] > 0 {
		t.Errorf("the power was cut: %v", states)
	}
}

// Names of scenarios, what servers say, and what somebody searches for is text.
func TestHostileTextsAreText(t *testing.T) {
	s := start(t, "S"+evil).login()
	quoted := url.QueryEscape(evil)
	pages := map[string]string{
		"overview": s.get("/overview"),
		"device":   s.get("/devices/0021f2000000"),
		"search":   s.get("/devices?q=" + quoted + "&site=" + quoted),
	}
	_, pages["a state"] = s.ask("GET", "/devices?state="+quoted, "")
	_, pages["no device"] = s.ask("GET", "/devices/"+url.PathEscape(evil), "")
	parts, err := s.page.parts(s.page.seen.Load())
	if err != nil {
		t.Fatal(err)
	}
	pages["live"] = strings.Join([]string{parts["state"], parts["tables"], parts["chart-devices"]}, "\n")
	shown := 0
	for name, page := range pages {
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
			t.Errorf("%s takes a text for HTML:\n%s", name, page)
		}
		if strings.Contains(page, ` style="`) {
			t.Errorf("%s has a style of its own, which the policy forbids", name)
		}
		shown += strings.Count(page, "alert(1)")
	}
	if shown < 10 {
		t.Errorf("the texts show %d times, too few for a test", shown)
	}
	for _, answer := range []string{s.get("/api/devices/0021f2000000"), s.get("/api/run")} {
		if strings.Contains(answer, "<script>") {
			t.Errorf("JSON holds HTML: %s", answer)
		}
	}
}

// No request changes a run that has ended.
func TestEndedRunIsReadOnly(t *testing.T) {
	s := ended(t)
	for _, path := range []string{"/power-cut", "/resync", "/stop", "/api/power-cut", "/api/resync", "/api/stop"} {
		if status, body := s.ask("POST", path, `{"percent":100,"for":60,"confirm":true}`); status != http.StatusNotFound {
			t.Errorf("%s answers %d: %s", path, status, body)
		}
	}
	if page := s.get("/overview"); strings.Contains(page, "<form method=\"post\" action=\"/power-cut\"") {
		t.Error("the page has a button for a power cut")
	}
}

// A hundred clients that say nothing, only the beginning of a request, or never
// read what they asked for, stop neither the dashboard nor the run.
func TestSlowClients(t *testing.T) {
	s := start(t, "town").login()
	u, err := url.Parse(s.page.URL())
	if err != nil {
		t.Fatal(err)
	}
	var cookie string
	for _, c := range s.client.Jar.Cookies(u) {
		cookie = c.Name + "=" + c.Value
	}
	for i := range 100 {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		switch i % 3 {
		case 0:
			fmt.Fprintf(conn, "GET /overview/live HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", u.Host, cookie)
		case 1:
			fmt.Fprintf(conn, "GET /overview HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", u.Host, cookie)
		default:
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHo")
		}
	}
	s.get("/overview")
	if status, body := s.ask("POST", "/api/resync", `{}`); status != http.StatusOK {
		t.Errorf("a resync answers %d: %s", status, body)
	}
	s.resyncs(120)
	s.get("/devices?q=1f")
}
