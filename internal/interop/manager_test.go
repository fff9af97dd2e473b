//go:build linux

package interop

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"provsim/internal/lab"
	"provsim/internal/testing/peer"
)

// deviceManager is a Device Manager in a process of its own.
type deviceManager struct {
	*peer.Program
	plain, tls, page string
}

// serviceKey is what Agents show.
const serviceKey = "00112233445566778899aabbccddeeff"

// managerFiles makes what a manager and its Agent read.
func managerFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cert, key := issue(t, caECDSA(), lab.Leaf{Name: "manager", Hosts: []string{"127.0.0.1"}})
	for name, body := range map[string][]byte{
		"cert.pem": cert, "key.pem": key, "ca.pem": caECDSA().PEM(), "service.key": []byte(serviceKey), "token": []byte("token"), "440HD.cfg": []byte("a=1"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func startManager(t *testing.T, command, files, state string, more ...string) *deviceManager {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "output.log")
	args := []string{
		"serve", "device-manager", "--state", state, "--listen", "127.0.0.1:0", "--listen", "https://127.0.0.1:0", "--agents", "--web", "127.0.0.1:0",
		"--cert", filepath.Join(files, "cert.pem"), "--key", filepath.Join(files, "key.pem"), "--service-key-file", filepath.Join(files, "service.key"),
		"--api-token-file", filepath.Join(files, "token"),
	}
	m := &deviceManager{Program: peer.Start(t, dir, logHas(log, "listens at https"), command, append(args, more...)...)}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	find := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(string(text))
		if found == nil {
			t.Fatalf("no %s in\n%s", pattern, text)
		}
		return found[1]
	}
	m.plain, m.tls, m.page = find(`listens at (http://\S+)`), find(`listens at https://(\S+)`), find(`page is at (http://\S+)/,`)
	return m
}

// script asks the manager as a script does.
func (m *deviceManager) script(t *testing.T, method, path, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, m.page+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, got, err)
	}
	return string(got)
}

const branch = `{"name":"Branch","nat":true,"agent":true,"templates":{"440HD":"a=1"}}`

// curl is a phone and an Agent: the bodies of the specification (DM-KA-1,
// DM-WIRE-1), a file by POST (DM-URL-3), part of an image (DM-URL-1).
func TestCurlAsPhoneAndAgent(t *testing.T) {
	curl := peer.Find(t, "curl", "curl")
	command := buildCommand(t)
	files := managerFiles(t)
	images := t.TempDir()
	if err := os.WriteFile(filepath.Join(images, "440HD.img"), make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	m := startManager(t, command, files, t.TempDir(), "--firmware", images)
	m.script(t, "PUT", "tenants", branch)
	run := func(args ...string) string {
		t.Helper()
		args = append([]string{"-sS", "-w", " %{http_code}", "--cacert", filepath.Join(files, "ca.pem")}, args...)
		out, err := exec.CommandContext(t.Context(), curl, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("curl %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	key := "X-IPPM-Service-Key: " + serviceKey
	poll := `{"agentName":"WIN-PRIRP35V2QS-10.59.160.108","version":"ours-1","tenants":["Branch"],"sessionId":"01234567"}`
	for _, c := range []struct {
		want string
		args []string
	}{
		{`{"requests":[]} 200`, []string{"-d", `{"mac":"00908FABCDEF","status":"started","region":"Branch","model":"440HD","ip":"127.0.2.1",}`, m.plain + "/rest/v1/ipphoneMgrStatus/keep-alive"}},
		{`{} 200`, []string{"-d", `{"alerts":[{"name":"IPPHONE REQUIRES RESET","severity":"3","source":"IPPhone/00908fabcdef",},],}`, m.plain + "/rest/v1/ipphoneMgrAlert/alert"}},
		{"include Audiocodes_440HD_global_GENERIC_empty.cfg\na=1\nsystem/type=440HD\n 200", []string{"-d", "x", "https://" + m.tls + "/configfiles/00:90:8F:ab:cd:ef.cfg"}},
		{" 206", []string{"-o", filepath.Join(images, "part"), "-r", "0-111", m.plain + "/firmwarefiles/440HD.img"}},
		{" 404", []string{"--path-as-is", m.plain + "/firmwarefiles/../../etc/passwd"}},
		{" 404", []string{m.plain + "/firmwarefiles/..%2f..%2fetc%2fpasswd"}},
		{`{"error":"the service key is missing or wrong"} 401`, []string{"-d", poll, "https://" + m.tls + "/rest/v1/ipphoneMgrAgent/poll"}},
		{`{"requests":[]} 200`, []string{"-H", key, "-d", poll, "https://" + m.tls + "/rest/v1/ipphoneMgrAgent/poll"}},
	} {
		if got := run(c.args...); got != c.want {
			t.Errorf("curl %q: %q, want %q", c.args, got, c.want)
		}
	}
	if part, err := os.ReadFile(filepath.Join(images, "part")); err != nil || len(part) != 112 {
		t.Errorf("%v, %d bytes of the image, want 112", err, len(part))
	}
	m.script(t, "POST", "actions", `{"name":"IPPhoneReset","devices":["00908fabcdef"]}`)
	first := run("-H", key, "-d", poll, "https://"+m.tls+"/rest/v1/ipphoneMgrAgent/poll")
	second := run("-H", key, "-d", poll, "https://"+m.tls+"/rest/v1/ipphoneMgrAgent/poll")
	if !strings.HasPrefix(first, `{"requests":[{"id":1,"name":"IPPhoneReset","tenant":"Branch","mac":"00908fabcdef","ip":"127.0.2.1","method":"PUT","path":"/rest/v1/command/ResetGracefulHandler","body":{`) || second != `{"requests":[]} 200` {
		t.Errorf("the list is %s, then %s", first, second)
	}
}

// kills is how often a program is killed: a few times, or PROVSIM_KILLS times, such as
// the hundred of doc/device-manager.md.
func kills(t *testing.T, usual int) int {
	t.Helper()
	text, set := os.LookupEnv("PROVSIM_KILLS")
	if !set {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("PROVSIM_KILLS=%s, want a number above 0", text)
	}
	return n
}

// curl is the manager of a phone: the calls of the specification, from its site and
// from outside of it (AC-ACT-2, AC-WEB-1).
func TestCurlAsManager(t *testing.T) {
	curl := peer.Find(t, "curl", "curl")
	command := buildCommand(t)
	dir := t.TempDir()
	log, jar := filepath.Join(dir, "output.log"), filepath.Join(dir, "jar")
	port := peer.FreePorts(t, "tcp", "127.0.2.1", 1)
	peer.Start(t, dir, logHas(log, "resync.done"), command, "phone", "--vendor", "audiocodes", "--mac", "00:90:8f:60:2a:ac", "--ip", "127.0.2.1",
		"--device-port", fmt.Sprint(port), "--site", "127.0.1.0/24", "--boot-time", "100ms")
	at := fmt.Sprintf("http://127.0.2.1:%d", port)
	run := func(args ...string) string {
		args = append([]string{"-sSk", "-w", " %{http_code}", "--interface", "127.0.1.1"}, args...)
		out, err := exec.CommandContext(t.Context(), curl, args...).CombinedOutput()
		if err != nil {
			return err.Error()
		}
		return string(out)
	}
	const put = "/rest/v1/command/"
	for _, c := range []struct {
		want string
		args []string
	}{
		{`{} 200`, []string{"-X", "PUT", "-d", `{"text":"Hello","displayTime":"10"}`, at + put + "SendMessageHandler"}},
		{`{} 200`, []string{"-T", filepath.Join(dir, "body"), at + put + "SendMessageHandler"}},
		{`{} 200`, []string{"-X", "PUT", "-d", `{"text":"by TLS"}`, strings.Replace(at, "http", "https", 1) + put + "SendMessageHandler"}},
		{" 400", []string{"-X", "PUT", "-d", `{"text":"Hello",}`, at + put + "SendMessageHandler"}},
		{" 405", []string{at + put + "ResetGracefulHandler"}},
		{" 404", []string{"--path-as-is", at + "/rest/v1/../../etc/passwd"}},
		{" 413", []string{"-H", "Expect:", "-X", "PUT", "-d", strings.Repeat("x", 70_000), at + put + "SendMessageHandler"}},
		{"exit status 28", []string{"--interface", "127.0.0.2", "-m", "1", at + "/rest/v1/status"}}, // the NAT
		{`"status":"started"`, []string{at + "/rest/v1/status"}},
		{"URL=mainform.cgi?go=mainframe.htm", []string{at + "/"}},
		{"Login failed", []string{"-d", "user=admin", "--data-urlencode", "psw=MTIzNDU=", at + "/login.cgi"}},
		{"/mainform.cgi?go=mainframe.htm", []string{"-c", jar, "-d", "user=admin", "--data-urlencode", "psw=MTIzNA==", at + "/login.cgi"}},
		{"00:90:8F:60:2A:AC", []string{"-b", jar, at + "/mainform.cgi/network_status.htm"}},
		{`{} 200`, []string{"-X", "PUT", "-d", `{"schedulePeriod":""}`, at + put + "ResetGracefulHandler"}},
	} {
		if err := os.WriteFile(filepath.Join(dir, "body"), []byte(`{"text":"as a file"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := run(c.args...); !strings.Contains(got, c.want) {
			t.Errorf("curl %.200q: %q, want %q", c.args, got, c.want)
		}
	}
	for _, want := range []string{`message        "Hello"`, `message        "as a file"`, `message        "by TLS"`, "boot           request"} {
		peer.Await(t, want, logHas(log, want))
	}
}

// A manager that is killed again and again under load loses no device whose
// keep-alive it answered, gives no action twice, and opens its database again
// (DM-ACT-4).
func TestKilledManager(t *testing.T) {
	command := buildCommand(t)
	files, state := managerFiles(t), t.TempDir()
	var mu sync.Mutex
	answered, given := map[string]bool{}, map[uint64]bool{}
	next := 0
	for round := range kills(t, 6) {
		m := startManager(t, command, files, state)
		if round == 0 {
			m.script(t, "PUT", "tenants", branch)
		}
		var devices struct {
			Total   int
			Devices []struct{ MAC string }
		}
		if err := json.Unmarshal([]byte(m.script(t, "GET", "devices", "")), &devices); err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, d := range devices.Devices {
			there[d.MAC] = true
		}
		for mac := range answered {
			if !there[mac] {
				t.Fatalf("round %d: %s had its answer and is lost", round, mac)
			}
		}
		enough := make(chan struct{})
		var load sync.WaitGroup
		answers := 0
		for range 4 {
			load.Go(func() {
				for {
					mu.Lock()
					next++
					mac := fmt.Sprintf("00908f%06x", next)
					mu.Unlock()
					body := `{"mac":"` + mac + `","ip":"127.0.2.1","model":"440HD","status":"started","region":"Branch"}`
					resp, err := http.Post(m.plain+"/rest/v1/ipphoneMgrStatus/keep-alive", "application/json", strings.NewReader(body))
					if err != nil {
						return // killed
					}
					resp.Body.Close()
					order := `{"name":"IPPhoneReset","devices":["` + mac + `"]}`
					req, err := http.NewRequestWithContext(t.Context(), "POST", m.page+"/api/v1/actions", strings.NewReader(order))
					if err != nil {
						return
					}
					req.Header.Set("Authorization", "Bearer token")
					req.Header.Set("Content-Type", "application/json")
					if ordered, err := http.DefaultClient.Do(req); err == nil {
						ordered.Body.Close()
					}
					mu.Lock()
					if resp.StatusCode == http.StatusOK {
						answered[mac] = true
						if answers++; answers == 100*(round%6+1) {
							close(enough)
						}
					}
					mu.Unlock()
				}
			})
		}
		for n := range 2 {
			load.Go(func() {
				for {
					body := fmt.Sprintf(`{"agentName":"a%d-127.0.0.1","version":"ours-1","tenants":["Branch"]}`, n)
					req, err := http.NewRequestWithContext(t.Context(), "POST", m.plain+"/rest/v1/ipphoneMgrAgent/poll", strings.NewReader(body))
					if err != nil {
						return
					}
					req.Header.Set("X-IPPM-Service-Key", serviceKey)
					resp, err := http.DefaultClient.Do(req)
					if err != nil {
						return // killed
					}
					var list struct {
						Requests []struct{ ID uint64 }
					}
					err = json.NewDecoder(resp.Body).Decode(&list)
					resp.Body.Close()
					if err != nil {
						continue // cut by the kill
					}
					mu.Lock()
					for _, r := range list.Requests {
						if given[r.ID] {
							t.Errorf("round %d: action %d is given twice", round, r.ID)
						}
						given[r.ID] = true
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		m.Signal(t, syscall.SIGKILL)
		load.Wait()
	}
	if len(answered) < 2100 || len(given) == 0 {
		t.Errorf("only %d devices and %d actions", len(answered), len(given))
	}
	t.Logf("%d devices had their answer and are there, %d actions were handed over once", len(answered), len(given))
}

// An Agent that is killed in the middle of its list does none of it twice, and
// the next one does what comes after (AG-LOOP-3).
func TestKilledAgent(t *testing.T) {
	command := buildCommand(t)
	files := managerFiles(t)
	m := startManager(t, command, files, t.TempDir())
	m.script(t, "PUT", "tenants", branch)
	asked := make(chan string, 10_000)
	phone := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ SessionID string }
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			asked <- body.SessionID
		}
	}))
	defer phone.Close()
	_, port, err := net.SplitHostPort(phone.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	const phones = 20
	var list []string
	for n := range phones {
		mac := fmt.Sprintf("00908f0000%02x", n)
		list = append(list, mac)
		resp, err := http.Post(m.plain+"/rest/v1/ipphoneMgrStatus/keep-alive", "", strings.NewReader(`{"mac":"`+mac+`","ip":"127.0.0.1","region":"Branch"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	order, err := json.Marshal(map[string]any{"name": "IPPhoneReset", "devices": list})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for range kills(t, 4) {
		for range 10 {
			m.script(t, "POST", "actions", string(order))
		}
		dir := t.TempDir()
		agent := peer.Start(t, dir, logHas(filepath.Join(dir, "output.log"), "listens at"), command, "serve", "agent", "--manager", m.tls, "--period", "1",
			"--ca", filepath.Join(files, "ca.pem"), "--service-key-file", filepath.Join(files, "service.key"), "--tenant", "Branch", "--device-port", port)
		for range 50 {
			seen[<-asked]++
		}
		agent.Signal(t, syscall.SIGKILL)
	}
	for len(asked) > 0 {
		seen[<-asked]++
	}
	for session, n := range seen {
		if n > 1 {
			t.Errorf("the action with session %s was done %d times", session, n)
		}
	}
}

// The Agent's proxy in front of a real web server with TLS (AG-PX-1, AG-TLS-1).
func TestAgentBeforeNginx(t *testing.T) {
	nginx, curl := peer.Find(t, "nginx", "nginx"), peer.Find(t, "curl", "curl")
	command := buildCommand(t)
	files := managerFiles(t)
	dir := peer.PublicDir(t)
	peer.Publish(t, dir, map[string][]byte{"www/configfiles/x.cfg": []byte("a=1\n"), "www/firmwarefiles/440HD.img": make([]byte, 3<<20), "www/other/x": []byte("no")})
	cert, key := issue(t, caECDSA(), lab.Leaf{Name: "ovoc", Hosts: []string{"127.0.0.1"}})
	port := peer.FreePorts(t, "tcp", "127.0.0.1", 1)
	address := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
	config := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; events { }
http { log_format f '$host "$request" $status "$http_user_agent" $http_x_forwarded_for'; access_log %[1]s/access.log f;
client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s ssl; ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem; root %[1]s/www; location /rest/ { return 200 '{}'; } } }
`, dir, address)
	for name, body := range map[string][]byte{"nginx.conf": []byte(config), "cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	peer.Start(t, dir, peer.Listens(address), nginx, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log"))
	own := t.TempDir()
	log := filepath.Join(own, "output.log")
	peer.Start(t, own, logHas(log, "listens at https"), command, "serve", "agent", "--manager", address, "--ca", filepath.Join(files, "ca.pem"),
		"--service-key-file", filepath.Join(files, "service.key"), "--tenant", "Branch", "--period", "59", "--listen", "127.0.0.1:0", "--listen", "https://127.0.0.1:0")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`listens at (https?://\S+)`).FindAllStringSubmatch(string(text), -1)
	for _, base := range []string{at[0][1], at[1][1]} {
		for path, want := range map[string]string{
			"/configfiles/x.cfg?q=1": "200 4", "/firmwarefiles/440HD.img": "200 3145728", "/rest/v1/ipphoneMgrStatus/keep-alive": "200 2",
			"/other/x": "404 0", "/rest/v1/ipphoneMgrAgent/poll": "404 0", "/configfiles/none": "404",
		} {
			out, err := exec.CommandContext(t.Context(), curl, "-sSk", "-A", "AUDC-IPPhone/1", "-o", filepath.Join(own, "body"), "-w", "%{http_code} %{size_download}", base+path).CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), want) {
				t.Errorf("%s%s: %s %v, want %s", base, path, out, err, want)
			}
		}
	}
	access, err := os.ReadFile(filepath.Join(dir, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(access), `127.0.0.1 "GET /configfiles/x.cfg?q=1 HTTP/1.1" 200 "AUDC-IPPhone/1" 127.0.0.1`); n != 2 || strings.Contains(string(access), "/other/") {
		t.Errorf("nginx saw\n%s", access)
	}
}
