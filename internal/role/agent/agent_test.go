package agent

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/ippm"
)

// manager is a manager whose answers a test gives.
type manager struct {
	*httptest.Server
	mu      sync.Mutex
	answers []func(http.ResponseWriter)
	reports chan string
	polls   chan string
}

func newManager(t *testing.T, answers ...func(http.ResponseWriter)) *manager {
	m := &manager{answers: answers, reports: make(chan string, 100), polls: make(chan string, 1000)}
	m.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		switch r.URL.Path {
		case ippm.Report:
			m.reports <- string(body)
			io.WriteString(w, "{}")
		case ippm.Poll:
			m.polls <- r.Header.Get(ippm.KeyHeader) + " " + string(body)
			m.mu.Lock()
			defer m.mu.Unlock()
			if len(m.answers) == 0 {
				io.WriteString(w, `{"requests":[]}`)
				return
			}
			answer := m.answers[0]
			m.answers = m.answers[1:]
			answer(w)
		default:
			fmt.Fprintf(w, "%s %s %s host=%s ua=%s xff=%s", r.Method, r.URL.RequestURI(), body, r.Host, r.UserAgent(), r.Header.Get("X-Forwarded-For"))
		}
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *manager) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(m.Certificate())
	return &tls.Config{RootCAs: pool}
}

func text(s string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { io.WriteString(w, s) }
}

// An Agent lives through every answer of the manager, and carries out what comes
// whole (AG-LOOP-1, DM-WIRE-5, section 10).
func TestAgent(t *testing.T) {
	asked := make(chan string, 10)
	phone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		asked <- fmt.Sprint(r.Method, " ", r.URL.Path, " ", string(body), " ", err)
	}))
	defer phone.Close()
	at := netip.MustParseAddrPort(phone.Listener.Addr().String())
	good := `{"requests":[{"id":7,"name":"IPPhoneSendMessage","mac":"00908f602aac","ip":"127.0.0.1","method":"PUT","path":"/rest/v1/command/SendMessageHandler","body":{"text":"hi"}},` +
		`{"id":8,"name":"IPPhoneReset","mac":"00908f602aac","ip":"localhost","method":"PUT","path":"/rest/v1/command/ResetGracefulHandler","body":{}},` +
		`{"id":9,"name":"IPPhoneReset","mac":"00908f602aac","ip":"127.0.0.1","method":"PUT","path":"/rest/v1/x","body":{},"expires":1}]}`
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", fmt.Sprint(len(good)))
		io.WriteString(w, good[:len(good)-2])
	}
	status := func(n int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(n) } }
	m := newManager(t, cut, status(401), status(403), status(409), text("{"), text(`{}`), text(good))
	log, out := newLog()
	a := Start(Options{
		Config: Config{Manager: m.Listener.Addr().String(), Key: config.Key, Tenants: []string{"Lab"}, Period: 50 * time.Millisecond},
		Host:   "lab7", From: netip.MustParseAddr("127.0.0.1"), TLS: m.trust(), Cores: 1, Log: log,
		Caller: ippm.CallerOptions{Nets: ippm.Nets{netip.MustParsePrefix("127.0.0.0/8")}, Port: at.Port()},
	})
	defer a.Close()
	if got := <-m.polls; !strings.HasPrefix(got, config.Key+` {"agentName":"lab7-127.0.0.1","version":"ours-1","tenants":["Lab"],"sessionId":"`) {
		t.Errorf("DM-WIRE-1: the poll is %s", got)
	}
	reports := <-m.reports + <-m.reports + <-m.reports
	for _, want := range []string{`"id":7,"name":"IPPhoneSendMessage","ip":"127.0.0.1","result":"OK"`, `"id":8,"name":"IPPhoneReset","ip":"localhost","result":"REFUSED"`, `"id":9,"name":"IPPhoneReset","ip":"127.0.0.1","result":"EXPIRED"`} {
		if !strings.Contains(reports, want) {
			t.Errorf("the reports are %s, want %s", reports, want)
		}
	}
	if got := <-asked; got != `PUT /rest/v1/command/SendMessageHandler {"text":"hi"} <nil>` || len(asked) != 0 {
		t.Errorf("the phone got %s and %d more", got, len(asked))
	}
	for _, want := range []string{"truncated", "(401)", "(403)", "(409)", "no list of requests"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out.String(), config.Key) {
		t.Error("the log has the key")
	}
}

// AG-PX-1.
func TestProxy(t *testing.T) {
	m := newManager(t)
	log, _ := newLog()
	o := Options{Config: Config{Manager: m.Listener.Addr().String()}, TLS: m.trust(), Log: log}
	a := Start(o)
	defer a.Close()
	front := httptest.NewServer(a)
	defer front.Close()
	ask := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, front.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", "AUDC-IPPhone/1")
		req.Header.Set("X-Forwarded-For", "10.0.0.1")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(got)
	}
	want := "POST /rest/v1/ipphoneMgrStatus/keep-alive?a=1;b&c=%20 {\"mac\":\"00908f602aac\",} host=" + m.Listener.Addr().String() + " ua=AUDC-IPPhone/1 xff=10.0.0.1, 127.0.0.1"
	if code, got := ask("POST", "/rest/v1/ipphoneMgrStatus/keep-alive?a=1;b&c=%20", `{"mac":"00908f602aac",}`); code != 200 || got != want {
		t.Errorf("%d, the manager sees\n%s\nwant\n%s", code, got, want)
	}
	for _, path := range []string{"/rest/v1/ipphoneMgrAgent/poll", "/x", "/configfiles/%2e%2e/x"} {
		if code, _ := ask("GET", path, ""); code != 404 {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
	// DM-SEC-1: neither a whole URL nor a Host leads the proxy elsewhere.
	for _, line := range []string{"GET http://192.0.2.1/configfiles/x.cfg HTTP/1.0", "GET /configfiles/x.cfg HTTP/1.0\r\nHost: 192.0.2.1", "GET //192.0.2.1/configfiles/x.cfg HTTP/1.0", "CONNECT 192.0.2.1:80 HTTP/1.0"} {
		conn, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "%s\r\n\r\n", line)
		got, err := io.ReadAll(conn)
		conn.Close()
		if passed := strings.Contains(string(got), " host="+m.Listener.Addr().String()+" "); err != nil || !passed && !strings.Contains(string(got), " 404 ") {
			t.Errorf("%s: %v, %s", line, err, got)
		}
	}
	m.Close()
	if code, _ := ask("GET", "/configfiles/x.cfg", ""); code != 502 {
		t.Errorf("without a manager: %d, want 502", code)
	}
	front.Close() // waits for handlers: a device is counted after its answer has gone out
	if s := a.State(); s.Devices != 1 {
		t.Errorf("AG-SIZE-1: %d devices", s.Devices)
	}
}

// AG-CFG-2: saving applies at once, and an empty key keeps the old one.
func TestConfigure(t *testing.T) {
	m := newManager(t)
	log, _ := newLog()
	file := t.TempDir() + "/agent.json"
	a := Start(Options{Config: Config{Key: config.Key, Period: UsualPeriod}, Save: file, TLS: m.trust(), Host: "h", Log: log})
	defer a.Close()
	c := Config{Manager: m.Listener.Addr().String(), Tenants: []string{"Lab"}, Period: 59 * time.Second}
	if err := a.Configure(c); err != nil {
		t.Fatal(err)
	}
	if got := <-m.polls; !strings.HasPrefix(got, config.Key) {
		t.Errorf("the poll is %s", got)
	}
	if saved, err := os.ReadFile(file); err != nil || !strings.Contains(string(saved), config.Key) {
		t.Errorf("%v, the file is %s", err, saved)
	}
	c.Period = time.Hour
	if a.Configure(c) == nil {
		t.Error("a period of an hour is saved")
	}
}

type buffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newLog() (*role.Log, *buffer) {
	b := &buffer{}
	return role.NewLog(b, false, time.Now()), b
}
