package agent

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/agent"
	"provsim/internal/web/app"
)

const key = "00112233445566778899aabbccddeeff"

// AG-CFG-1, AG-CFG-2, AG-CFG-3: the fields letter by letter, rows, errors, and the key never
// shown back.
func TestPage(t *testing.T) {
	log := role.NewLog(io.Discard, false, time.Now())
	a := agent.Start(agent.Options{Config: agent.Config{Period: agent.UsualPeriod}, Host: "h", Log: log})
	t.Cleanup(a.Close)
	p, err := New(Config{Access: app.Access{Address: "127.0.0.1:0", User: "admin", Password: "correct horse"}, Log: log}, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	read := func(resp *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	_, first := read(client.PostForm(p.URL()+"login", url.Values{"user": {"admin"}, "password": {"correct horse"}}))
	for _, want := range []string{
		`>Ovoc IP Address:</label>`, `placeholder="Type Ovoc Ip Address"`, `>IPP Manager Service Key:</label>`, `placeholder="Type IPP Manager Service Key"`,
		`<legend>Tenants</legend>`, `>+</button>`, `placeholder="type tenant name"`, `>X</button>`, `>Loop Period Seconds:</label>`, `value="5"`,
		`>Save Parameters</button>`, "The Agent is not configured",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the page lacks %s:\n%s", want, first)
		}
	}
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(first)[1]
	save := func(form url.Values) (int, string) {
		form.Set("csrf", token)
		code, body := read(client.PostForm(p.URL(), form))
		if strings.Contains(body, key) {
			t.Errorf("the page shows the key:\n%s", body)
		}
		return code, body
	}
	good := func() url.Values {
		return url.Values{"manager": {"127.0.0.1:9"}, "key": {key}, "tenant": {"A", "", "B"}, "period": {"59"}, "do": {"save"}}
	}
	for field, values := range map[string][]string{"period": {"0", "60", "5.5", "5s", ""}, "manager": {"http://h", "<b>"}, "key": {"short"}, "tenant": {"a/b"}} {
		for _, value := range values {
			form := good()
			form.Set(field, value)
			if code, body := save(form); code != 422 || !strings.Contains(body, `class="fault"`) || strings.Contains(body, "<b>") || a.State().Ready {
				t.Errorf("%s=%q: %d", field, value, code)
			}
		}
	}
	form := good()
	form.Set("do", "+")
	if _, body := save(form); strings.Count(body, "type tenant name") != 4 || a.State().Ready {
		t.Errorf("after +:\n%s", body)
	}
	form.Set("do", "X0")
	if _, body := save(form); strings.Count(body, "type tenant name") != 2 || strings.Contains(body, `value="A"`) {
		t.Errorf("after X:\n%s", body)
	}
	if code, body := save(good()); code != 200 || !strings.Contains(body, "A key is saved.") || strings.Contains(body, "not configured") {
		t.Errorf("saved: %d\n%s", code, body)
	}
	form = good()
	form.Set("key", "")
	if code, _ := save(form); code != 200 || !a.State().HasKey || len(a.State().Config.Tenants) != 2 || a.State().Config.Period != 59*time.Second {
		t.Errorf("saved without a key: %d, %+v", code, a.State())
	}
	form = good()
	token = "wrong"
	if code, _ := save(form); code != 403 {
		t.Errorf("without the token: %d, want 403", code)
	}
}
