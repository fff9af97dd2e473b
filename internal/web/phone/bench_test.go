package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/internal/journal"
	"provsim/internal/run"
	"provsim/internal/sched"
	"provsim/internal/web/app"
	"provsim/profile"
)

// A bench is a phone that runs, with its page, and a client of that.
type bench struct {
	t      *testing.T
	page   *Page
	driver *run.Driver
	events chan device.EventKind
	client *http.Client
	token  string
}

// A setup is what is special about a phone.
type setup struct {
	id      device.Identity // the zero one is as shipped
	stored  device.Stored
	lease   device.Lease
	body    string // what every server sends
	tune    func(*device.Model)
	without bool          // no login
	asked   chan<- string // gets the URL of each request; nil: nothing does
}

// Fetch answers every request with the same file.
func (s setup) Fetch(_ context.Context, r device.Request) device.Reply {
	if s.asked != nil {
		s.asked <- r.URL()
	}
	return device.Reply{Body: []byte(s.body), Bytes: int64(len(s.body))}
}

// Add tells what happens.
func (b *bench) Add(r *journal.Record) error {
	b.events <- r.Kind
	return nil
}

func start(t *testing.T, s setup) *bench {
	t.Helper()
	m := device.NewModel(vendors.Default(), encrypt.Ciphers()[0])
	m.Epoch, m.BootTime = time.Now(), 50*time.Millisecond
	if s.tune != nil {
		s.tune(m)
	}
	if s.id == (device.Identity{}) {
		s.id = m.Personality.Shipped
	}
	s.id.MAC = device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}
	if !s.lease.Addr.IsValid() {
		s.lease.Addr = netip.MustParseAddr("192.0.2.20")
	}
	d := device.New(m, s.id, &s.stored)
	page, err := New(app.Access{Address: "127.0.0.1:0", User: ShippedUser, Password: ShippedPassword}, d)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, page: page, events: make(chan device.EventKind, 1000)}
	b.driver = run.New(run.Config{
		Clock: sched.NewReal(m.Epoch), Network: run.Wire{"tftp": s, "http": s, "https": s},
		Journal: journal.Tee(page, b), Epoch: m.Epoch,
		Lease: func(int, *device.Device) device.Lease { return s.lease },
	}, []device.Device{*d})
	page.Attach(b.driver)
	b.driver.Tell(0, device.Input{Kind: device.PowerOn})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.driver.Run(ctx, sched.Never) }()
	b.client = b.newClient()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the run ends with %v", err)
		}
		page.Close()
		b.client.CloseIdleConnections()
	})
	b.wait(device.Leased)
	if !s.without {
		b.login()
	}
	return b
}

// newClient returns a client that keeps cookies and follows no redirect.
func (b *bench) newClient() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// wait waits for the next event of a kind.
func (b *bench) wait(kind device.EventKind) {
	b.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case k := <-b.events:
			if k == kind {
				return
			}
		case <-timeout:
			b.t.Fatalf("no %v in 20 seconds", kind)
		}
	}
}

// look returns the phone between two steps.
func (b *bench) look() *snapshot {
	b.t.Helper()
	s, err := b.page.look(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

var tokenField = regexp.MustCompile(`name="csrf" value="([A-Z0-9]+)"`)

func (b *bench) login() {
	b.t.Helper()
	status, _ := b.form("/login", url.Values{"user": {ShippedUser}, "password": {ShippedPassword}})
	if status != http.StatusSeeOther {
		b.t.Fatalf("the login answers %d", status)
	}
	_, page := b.get("/lines")
	found := tokenField.FindStringSubmatch(page)
	if found == nil {
		b.t.Fatalf("the page has no token:\n%s", page)
	}
	b.token = found[1]
}

// do sends a request and returns the status and the body of the answer.
func (b *bench) do(method, path, kind string, body io.Reader) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, strings.TrimSuffix(b.page.URL(), "/")+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("X-CSRF-Token", b.token)
	}
	return b.send(r)
}

func (b *bench) send(r *http.Request) (int, string) {
	b.t.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (b *bench) get(path string) (int, string) {
	b.t.Helper()
	return b.do("GET", path, "", nil)
}

// form sends a form, with the token.
func (b *bench) form(path string, values url.Values) (int, string) {
	b.t.Helper()
	values.Set("csrf", b.token)
	return b.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// json sends a JSON text to the API.
func (b *bench) json(method, path, body string) (int, string) {
	b.t.Helper()
	return b.do(method, path, "application/json", strings.NewReader(body))
}

// upload sends a form with a file, and the token before it.
func (b *bench) upload(path, name string, file []byte, values map[string]string) (int, string) {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fields := map[string]string{"csrf": b.token}
	for k, v := range values {
		fields[k] = v
	}
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	return b.do("POST", path, w.FormDataContentType(), &body)
}

// config returns settings by their names in files.
func config(t *testing.T, lines ...string) profile.Config {
	t.Helper()
	c, err := vendors.Default().Parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// contains expects texts in a page.
func (b *bench) contains(page string, texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.t.Errorf("the answer has no %q:\n%s", text, page)
		}
	}
}

func (b *bench) status(what string, got, want int) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: answer %d, want %d", what, got, want)
	}
}

// filled fills the wildcards of a route.
func filled(route string) string {
	return strings.NewReplacer("{line}", "1", "{kind}", "ca", "{name}", "style.css").Replace(route)
}

func TestSpoken(t *testing.T) {
	for seconds, want := range map[int64]string{0: "0 s", 59: "59 s", 60: "1 min 0 s", 3599: "59 min 59 s", 14400: "4 h 0 min 0 s"} {
		if got := fmt.Sprint(spoken(seconds)); got != want {
			t.Errorf("%d seconds are %q, want %q", seconds, got, want)
		}
	}
}
