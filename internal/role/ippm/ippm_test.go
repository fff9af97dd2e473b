package ippm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// AG-ID-1, DM-PG-3 and the vectors of the specification.
func TestNames(t *testing.T) {
	for _, c := range [][3]string{{"WIN-PRIRP35V2QS", "10.59.160.108", "PRIRP35V2QS"}, {"lab7", "127.0.1.1", "lab7"}, {"a-b", "::1", "a-b"}} {
		name := AgentName(c[0], c[1])
		if name != c[0]+"-"+c[1] || HostOf(name) != c[2] {
			t.Errorf("%q: name %q, host %q; want host %q", c, name, HostOf(name), c[2])
		}
	}
}

// DM-WIRE-2: the object of the specification, byte by byte.
func TestRequestIsWrittenAsSpecified(t *testing.T) {
	r := Request{
		ID: 7, Name: "IPPhoneSendMessage", Tenant: "Devices_Agents", MAC: "00908f602aac", IP: "10.38.2.4", Method: "PUT",
		Path: "/rest/v1/command/SendMessageHandler", Body: json.RawMessage(`{}`), Expires: 1550389811,
	}
	got, err := json.Marshal(List{[]Request{r}})
	want := `{"requests":[{"id":7,"name":"IPPhoneSendMessage","tenant":"Devices_Agents","mac":"00908f602aac","ip":"10.38.2.4","method":"PUT","path":"/rest/v1/command/SendMessageHandler","body":{},"expires":1550389811}]}`
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
	if phone, _ := json.Marshal(r.ForPhone()); string(phone) != `{"method":"PUT","path":"/rest/v1/command/SendMessageHandler","body":{}}` {
		t.Errorf("a phone gets %s", phone)
	}
}

// DM-KA-1.
func TestForgive(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"1",}`: `{"a":"1"}`, `{"a":[1, 2 , ] ,}`: `{"a":[1, 2 ] }`, `{"a":",}"}`: `{"a":",}"}`, `{"a":"\",}",}`: `{"a":"\",}"}`,
		`{,}`: `{}`, `{"a":1,,}`: `{"a":1,}`, ``: ``, `"`: `"`,
	} {
		if got := string(Forgive([]byte(text))); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"mac":"00908FABCDEF","status":"started","region":"Nir",}`))
	f.Add([]byte(`{"alerts":[{"uniqueId":2,},],}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if json.Valid(body) && string(Forgive(body)) != string(body) {
			t.Errorf("good JSON is changed: %q to %q", body, Forgive(body))
		}
		fields, err := Fields(body)
		if (fields == nil) == (err == nil) {
			t.Errorf("%q: fields %v beside the error %v", body, fields, err)
		}
	})
}

// DM-SEC-1: only literal addresses of the networks.
func TestAddress(t *testing.T) {
	nets, err := ParseNets("127.0.0.0/8, 10.1.0.0/16,fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"127.0.2.1": "127.0.2.1", "http://10.1.2.3/": "10.1.2.3", "https://10.1.2.3:9/x": "10.1.2.3", "fd00::7": "fd00::7",
		"http://[fd00::7]:80/": "fd00::7", "::ffff:127.0.0.1": "127.0.0.1",
		// What a call would lead elsewhere by.
		"8.8.8.8": "", "10.2.0.1": "", "localhost": "", "http://localhost/": "", "2130706433": "", "0x7f000001": "", "0177.0.0.1": "", "127.1": "",
		"::1": "", "::ffff:8.8.8.8": "", "64:ff9b::7f00:1": "", "fe80::1%eth0": "", "fd00::1%25eth0": "", "0.0.0.0": "", "::": "", "224.0.0.1": "",
		"127.0.0.1.evil.example": "", "http://127.0.0.1@8.8.8.8/": "", "http://8.8.8.8#@127.0.0.1/": "", "127.0.0.1:22": "", "": "", " 127.0.0.1": "",
		"http://169.254.169.254/latest": "", "file:///etc/passwd": "", "http://127.0.0.1\n.evil/": "",
	} {
		got, err := nets.Address(text)
		if want == "" && err == nil || want != "" && (err != nil || got != netip.MustParseAddr(want)) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
	if _, err := ParseNets("127.0.0.0/8,phones"); err == nil || !strings.Contains(err.Error(), `found "phones"`) {
		t.Errorf("error %v", err)
	}
}

// DM-SEC-1 and DM-WIRE-5: the result of a call, and that no redirect is followed.
func TestCaller(t *testing.T) {
	asked := make(chan string, 10)
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer trap.Close()
	phone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path + " " + r.Host
		switch r.URL.Path {
		case "/rest/v1/status":
		case "/rest/v1/redirect":
			http.Redirect(w, r, trap.URL+"/rest/v1/status", http.StatusFound)
		case "/rest/v1/slow":
			<-r.Context().Done()
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer phone.Close()
	at := netip.MustParseAddrPort(phone.Listener.Addr().String())
	nets := Nets{netip.MustParsePrefix("127.0.0.0/8")}
	c := NewCaller(CallerOptions{Nets: nets, Port: at.Port(), Timeout: 300 * time.Millisecond})
	for _, x := range []struct{ method, ip, path, want string }{
		{"GET", "127.0.0.1", "/rest/v1/status", OK},
		{"GET", "127.0.0.1", "/rest/v1/redirect", "HTTP 302"},
		{"PUT", "127.0.0.1", "/rest/v1/none", "HTTP 404"},
		{"GET", "127.0.0.1", "/rest/v1/slow", Timeout},
		{"GET", "127.9.9.9", "/rest/v1/status", Refused},
		{"GET", "127.0.0.1", "/admin", Refused},
		{"GET", "127.0.0.1", "/rest/v1/../../admin", Refused},
		{"GET", "127.0.0.1", "/rest/v1/%2e%2e/admin", Refused},
		{"GET", "127.0.0.1", "/rest/v1/status?x=1", Refused},
		{"GET", "127.0.0.1", "//evil.example/rest/v1/status", Refused},
		{"GET", "127.0.0.1", "http://evil.example/rest/v1/status", Refused},
		{"DELETE", "127.0.0.1", "/rest/v1/status", Refused},
		{"GET", "localhost", "/rest/v1/status", Refused},
	} {
		if got, _ := c.Do(t.Context(), Request{Method: x.method, IP: x.ip, Path: x.path}); got != x.want {
			t.Errorf("%s %s at %s: %s, want %s", x.method, x.path, x.ip, got, x.want)
		}
	}
	if len(asked) != 4 {
		t.Errorf("the phone got %d requests, want 4", len(asked))
	}
	secure := NewCaller(CallerOptions{Nets: nets, Port: at.Port(), HTTPS: true, Timeout: time.Minute})
	if got, _ := secure.Do(t.Context(), Request{Method: "GET", IP: "127.0.0.1", Path: "/rest/v1/status"}); got != TLS {
		t.Errorf("HTTPS to a port of HTTP: %s, want TLS", got)
	}
	tls := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer tls.Close()
	secure.options.Port = netip.MustParseAddrPort(tls.Listener.Addr().String()).Port()
	if got, _ := secure.Do(t.Context(), Request{Method: "GET", IP: "127.0.0.1", Path: "/rest/v1/status"}); got != OK {
		t.Errorf("a phone's own certificate: %s, want OK", got)
	}
}
