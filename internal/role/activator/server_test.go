package activator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/internal/role"
	"provsim/internal/role/teleware"
)

// story is an Activator with an account server.
type story struct {
	*Server
	web, root string
	http      *httptest.Server
	teleware  *teleware.Server
	log       *safe
}

type safe struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newStory(t *testing.T, c Config) *story {
	t.Helper()
	accounts, err := teleware.ReadAccounts(strings.NewReader("mac,user,password,server,reseller\n" +
		"0004f21a2457,2001,s3cret,sip.example.net,Acme\n0004f21a2458,20<02,\"p\"\"&w\",sip.example.net,Acme\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := &story{web: t.TempDir(), root: t.TempDir(), log: &safe{}}
	log := role.NewLog(s.log, false, time.Now())
	s.teleware = &teleware.Server{Accounts: accounts, Log: log}
	accountServer := httptest.NewServer(s.teleware)
	t.Cleanup(accountServer.Close)
	to, err := url.Parse(accountServer.URL + teleware.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.Server, err = Open(Options{Config: c, Root: s.root, WebRoot: s.web, Templates: Sample(), Teleware: to, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	s.http = httptest.NewServer(s.Server)
	t.Cleanup(func() { s.http.Close(); s.Server.Close() })
	return s
}

func (s *story) do(t *testing.T, method, path, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

const form = "seq=1&sn=00E0C8100001&time=1228908600&class=DHCP&subclass=67&severity=6&name=PhoneProvisioning&mac=%s&ip=192.168.100.100&rand=%s&option66="

// Messages 5 to 16 of the conversation: lengths and digests of what is published
// (ACT-PUB-1, ACT-PUB-2), and the answers as written. The images are called .ld (SMG-C-5).
func TestConversation(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	resp, body := s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "020319816065"))
	if resp.StatusCode != 200 || body != "OK\n" || resp.Header.Get("Content-Type") != "text/plain" {
		t.Fatalf("event: %d %q %v", resp.StatusCode, body, resp.Header)
	}
	for name, want := range map[string]struct {
		length int
		sum    string
	}{
		"0004f21a2457.cfg":       {217, "c5b84eb10a4e27248b3ccbb669796a1d5a71f06328afe7e8717d5caf4d300891"},
		"phone-0004f21a2457.cfg": {208, "2d4b6c7f323854c834a4355da6f520e3be244117de7496f2d42edbfeddde7f81"},
		"phone1.cfg":             {99, "0ff426e8d6af8a340776ba4b54fa8a52d7d93703fe8d7861e849642e658b4245"},
		"sip.cfg":                {102, "4e367e9555f142a135fc38841a7d5f8aeaa68a2c12ed9b86b29f37b1c95bdb00"},
		"bootrom.ld":             {64, "c422e7070cb1cb455b5de9afee0d975e303d0239c72030cd7414ab5c382d3ae8"},
		"sip.ld":                 {64, "eafca4c0fae9d1fc15080c4a3b9170bfbecec255164f6328fbf663279481e808"},
	} {
		resp, body := s.do(t, "GET", "/phoneprovisioning/020319816065/"+name, "")
		sum := sha256.Sum256([]byte(body))
		if resp.StatusCode != 200 || len(body) != want.length || hex.EncodeToString(sum[:]) != want.sum {
			t.Errorf("%s: %d, %d bytes, SHA-256 %x\n%s", name, resp.StatusCode, len(body), sum, body)
		}
		if resp, body := s.do(t, "HEAD", "/phoneprovisioning/020319816065/"+name, ""); resp.ContentLength != int64(want.length) || body != "" {
			t.Errorf("HEAD %s: length %d", name, resp.ContentLength)
		}
	}
	if kind := func() string {
		r, _ := s.do(t, "GET", "/phoneprovisioning/020319816065/sip.cfg", "")
		return r.Header.Get("Content-Type")
	}(); kind != "text/xml" {
		t.Errorf("a configuration has type %q", kind)
	}
	if _, err := os.Stat(filepath.Join(s.root, "cfgs/TeleWare/Acme/0004f21a2457/sip.cfg")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(s.root, "cfgs/TeleWare/Acme/0004f21a2457/sip.ld")); err == nil {
		t.Error("the account's folder has an image")
	}
	info, err := os.Stat(filepath.Join(s.web, published, "020319816065", "phone-0004f21a2457.cfg"))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v, want 0640", info.Mode(), err)
	}
	const put = "/phoneprovisioning/020319816065/0004f21a2457-boot.log"
	for _, want := range []int{201, 204} {
		if resp, _ := s.do(t, "PUT", put, "1210113004|boot |4|00|Image bootrom.ld has not changed\n"); resp.StatusCode != want {
			t.Errorf("PUT: %d, want %d", resp.StatusCode, want)
		}
	}
	if _, body := s.do(t, "GET", put, ""); !strings.HasPrefix(body, "1210113004|boot") {
		t.Errorf("the uploaded log reads %q", body)
	}
	if resp, _ := s.do(t, "PUT", "/phoneprovisioning/020319816065/0004f21a2457-app.log", strings.Repeat("a", MostUpload+1)); resp.StatusCode != 413 {
		t.Errorf("a log that is too long: %d", resp.StatusCode)
	}
	if strings.Contains(s.log.String(), "s3cret") || strings.Contains(s.log.String(), "020319816065") {
		t.Errorf("the log has a password or a number:\n%s", s.log)
	}
}

// ACT-GET-2: one and the same answer, byte by byte.
func TestOneAnswer404(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "1"))
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2458", "2"))
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "3")) // replaces 1
	var first string
	for _, path := range []string{
		"/", "/phoneprovisioning", "/phoneprovisioning/", "/phoneprovisioning/3", "/phoneprovisioning/3/", "/phoneprovisioning/1/sip.ld",
		"/phoneprovisioning/9/sip.ld", "/phoneprovisioning/3/0004f21a2458.cfg", "/phoneprovisioning/2/0004f21a2457.cfg", "/phoneprovisioning/3/../3/sip.ld",
		"/phoneprovisioning/3//sip.ld", "/phoneprovisioning/3/%2e%2e/2/sip.ld", "/phoneprovisioning/3/sip.ld/", "/phoneprovisioning/3%2fsip.ld",
		"/phoneprovisioning/.new-1/sip.ld", "/phoneprovisioning/3/2345-12450-001.sip.ld", "/phoneprovisioning/3/a%00b",
	} {
		resp, body := s.do(t, "GET", path, "")
		got := fmt.Sprint(resp.StatusCode, resp.Header["Content-Type"], resp.ContentLength, len(resp.Header), body)
		if first == "" {
			first = got
		}
		if got != first || resp.StatusCode != 404 || body != "Not Found\n" {
			t.Errorf("%s: %s, want %s", path, got, first)
		}
	}
	if resp, _ := s.do(t, "GET", "/phoneprovisioning/3/sip.ld", ""); resp.StatusCode != 200 {
		t.Errorf("the phone's own file: %d", resp.StatusCode)
	}
}

// What is not there takes as long as any other thing that is not there: a wrong number, one
// that has expired or was replaced, a folder, and another phone's file (ACT-GET-2). The
// shortest of many tries leaves out what else the machine does.
func TestOneAnswerInTime(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "1"))
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "3")) // replaces 1
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2458", "2"))
	s.with(func(now time.Time, m *Machine) []Action { // an hour passes for one of them
		m.trees["2"].Published = now.Add(-m.Life())
		return m.Tick(now)
	})
	paths := []string{"/phoneprovisioning/9/sip.ld", "/phoneprovisioning/1/sip.ld", "/phoneprovisioning/2/sip.ld", "/phoneprovisioning/3/", "/phoneprovisioning/3/0004f21a2458.cfg"}
	shortest := make([]time.Duration, len(paths))
	var first string
	for round := range 1000 {
		for i, path := range paths {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", path, nil)
			began := time.Now()
			s.ServeHTTP(w, r)
			if took := time.Since(began); round == 0 || took < shortest[i] {
				shortest[i] = took
			}
			if got := fmt.Sprint(w.Code, w.Header(), w.Body); first == "" {
				first = got
			} else if got != first {
				t.Fatalf("%s: %s, want %s", path, got, first)
			}
		}
	}
	if low, high := slices.Min(shortest), slices.Max(shortest); high > 3*low+20*time.Microsecond {
		t.Errorf("the answers take %v, want them alike", shortest)
	}
}

// An account with characters that XML escapes gives a file that parses to the
// same values.
func TestAccountIsEscaped(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2458", "5"))
	_, body := s.do(t, "GET", "/phoneprovisioning/5/phone-0004f21a2458.cfg", "")
	if !strings.Contains(body, `reg.1.auth.userId="20&lt;02"`) || !strings.Contains(body, `reg.1.auth.password="p&#34;&amp;w"`) {
		t.Errorf("the phone's file is %s", body)
	}
}

// A server that starts again knows its trees, and removes what was half made.
func TestStartsAgain(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "77"))
	s.do(t, "PUT", "/phoneprovisioning/77/0004f21a2457-boot.log", "x")
	half := filepath.Join(s.web, published, ".new-123")
	if err := errors.Join(os.MkdirAll(half, 0o750), os.WriteFile(filepath.Join(half, "sip.cfg"), nil, 0o640)); err != nil {
		t.Fatal(err)
	}
	s.http.Close()
	s.Server.Close()
	again, err := Open(Options{Root: s.root, WebRoot: s.web, Templates: Sample(), Log: role.NewLog(io.Discard, false, time.Now())})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := os.Stat(half); err == nil {
		t.Error("what was half made is still there")
	}
	trees := again.Trees()
	if len(trees) != 1 || trees[0].Number != "77" || trees[0].MAC != phoneA || len(trees[0].Uploads) != 1 || time.Since(trees[0].Published) > time.Minute {
		t.Errorf("trees %+v", trees)
	}
}

// Without an account nothing is published, and the log reports a full disk.
func TestNothingIsHalfPublished(t *testing.T) {
	s := newStory(t, Config{AnswerAfter: true})
	if resp, _ := s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2499", "1")); resp.StatusCode != 502 {
		t.Errorf("a phone without an account: %d, want 502", resp.StatusCode)
	}
	// The folder of accounts is a file: no tree can be made, as on a full disk.
	if err := os.WriteFile(filepath.Join(s.root, "cfgs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if resp, _ := s.do(t, "POST", EventPath, fmt.Sprintf(form, "0004f21a2457", "2")); resp.StatusCode != 502 {
		t.Errorf("a tree that cannot be made: %d, want 502", resp.StatusCode)
	}
	if entries, err := os.ReadDir(filepath.Join(s.web, published)); err != nil || len(entries) != 0 {
		t.Errorf("the web root has %v, %v, want nothing", entries, err)
	}
	if !strings.Contains(s.log.String(), "publish.failed") || !strings.Contains(s.log.String(), "unknown-mac") {
		t.Errorf("the log says\n%s", s.log)
	}
}

// The folders below the root are spelled as in the document (ACT-PUB-3, SMG-C-5): templates
// are in cfg_templates/default, and a reseller who changes one changes what is published.
func TestDefaultTemplates(t *testing.T) {
	root := t.TempDir()
	sample, err := DefaultTemplates(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "cfg_templates", "default", "sip.cfg")
	if text, err := os.ReadFile(file); err != nil || string(text) != string(sample["sip.cfg"]) {
		t.Fatalf("the sample's sip.cfg is %q, %v", text, err)
	}
	if err := os.WriteFile(file, []byte(`<sip a.b="1"/>`), 0o640); err != nil {
		t.Fatal(err)
	}
	if own, err := DefaultTemplates(root); err != nil || string(own["sip.cfg"]) != `<sip a.b="1"/>` {
		t.Errorf("a changed template is %q, %v", own["sip.cfg"], err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := DefaultTemplates(root); err == nil || !strings.Contains(err.Error(), "sip.cfg") {
		t.Errorf("without sip.cfg: error %v, want one that names it", err)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("/phoneprovisioning/1/sip.ld")
	f.Add("/phoneprovisioning/1/../x")
	f.Fuzz(func(t *testing.T, path string) {
		if number, name, ok := split(path); ok && (strings.ContainsAny(number+name, "/\\\x00") || name == ".." || name == "") {
			t.Errorf("%q gives number %q and name %q", path, number, name)
		}
	})
}
