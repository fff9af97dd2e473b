package teleware

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/role"
)

const list = "mac,user,password,server,reseller\n0004f21a2457,2001,s3cret,sip.example.net,Acme\n"

func read(t *testing.T, text string) Accounts {
	t.Helper()
	a, err := ReadAccounts(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TW-2, TW-3 and message 8 of the conversation.
func TestAnswer(t *testing.T) {
	a := read(t, list)
	for _, c := range []struct {
		form   string
		xml    bool
		status int
		body   string
	}{
		{"mac=0004f21a2457&sn=00E0C8100001", false, 200, "user=2001&password=s3cret&server=sip.example.net&reseller=Acme"},
		{"mac=0004f21a2457", true, 200, `<account user="2001" password="s3cret" server="sip.example.net" reseller="Acme"/>`},
		{"mac=0004f21a2458", false, 404, "error=unknown-mac"},
		{"mac=00:04:f2:1a:24:57", false, 400, "error=bad-mac"},
		{"", false, 400, "error=bad-mac"},
		{"mac=%00", true, 400, "error=bad-mac"},
	} {
		form, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // asking twice gives the same
			if _, got := a.Answer(form, c.xml); got.Status != c.status || got.Body != c.body {
				t.Errorf("%q: got %d %q, want %d %q", c.form, got.Status, got.Body, c.status, c.body)
			}
		}
	}
}

// TW-1: errors name the line and keep the password to themselves.
func TestReadAccountsRefuses(t *testing.T) {
	const row = "0004f21a2457,2001,hunter2,s,Acme\n"
	for text, want := range map[string]string{
		"":                           "line 1: want a header",
		"mac,user,password,server\n": `the column "reseller" is missing`,
		"mac,user,password,server,reseller,mac\n":                   `"mac" stands twice`,
		"mac,user,password,server,what\n":                           `column 5: found "what"`,
		"mac,user,password,server,reseller\nx" + row:                "line 2: MAC address",
		"mac,user,password,server,reseller\n" + row + row:           "line 3: 0004f21a2457 has an account already",
		"mac,user,password,server,reseller\n0004f21a2457,hunter2\n": "line 2, column 1: wrong number of fields",
	} {
		_, err := ReadAccounts(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: error %v, want %q in it and no password", text, err, want)
		}
	}
}

func TestServer(t *testing.T) {
	var out strings.Builder
	s := &Server{Accounts: read(t, list), User: "tw", Password: "pass-word", Log: role.NewLog(&out, false, time.Now())}
	ask := func(method, path, body, user, password string) (int, string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	const form = "mac=0004f21a2457"
	for _, c := range []struct {
		method, path, body, user, password string
		want                               int
	}{
		{"POST", Path, form, "tw", "pass-word", 200},
		{"POST", Path, form, "", "", 401},
		{"POST", Path, form, "tw", "wrong", 401},
		{"POST", Path, form, "xx", "pass-word", 401},
		{"GET", Path, "", "tw", "pass-word", http.StatusMethodNotAllowed},
		{"POST", Path + "/", form, "tw", "pass-word", 404},
		{"POST", Path, strings.Repeat("a", mostBody+1), "tw", "pass-word", 400},
		{"POST", Path, "mac=%zz", "tw", "pass-word", 400},
	} {
		if got, _ := ask(c.method, c.path, c.body, c.user, c.password); got != c.want {
			t.Errorf("%s %s by %q: status %d, want %d", c.method, c.path, c.user, got, c.want)
		}
	}
	s.Fault.Down = true
	if got, _ := ask("POST", Path, form, "tw", "pass-word"); got != 503 {
		t.Errorf("while it is down: status %d, want 503", got)
	}
	s.Fault = Fault{Unknown: true}
	if got, body := ask("POST", Path, form, "tw", "pass-word"); got != 404 || body != "error=unknown-mac" {
		t.Errorf("with the fault 'unknown': %d %q", got, body)
	}
	if page := fmt.Sprint(s.Tables()); !strings.Contains(page, "2001") || strings.Contains(page, "s3cret") {
		t.Errorf("the page shows %s", page)
	}
	for _, secret := range []string{"s3cret", "pass-word"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, out.String())
		}
	}
	if !strings.Contains(out.String(), "0004f21a2457  account") {
		t.Errorf("the log does not say who asked:\n%s", out.String())
	}
}

func FuzzReadAccounts(f *testing.F) {
	f.Add(list)
	f.Add("mac,user,password,server,reseller\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ReadAccounts(strings.NewReader(text))
		if err != nil && a != nil {
			t.Errorf("accounts beside the error %v", err)
		}
		for mac := range a {
			if got, answer := a.Answer(url.Values{"mac": {mac.String()}}, true); got != mac || answer.Status != 200 || mac == (device.MAC{}) {
				t.Errorf("%v is in the list and gets %d", mac, answer.Status)
			}
		}
	})
}
