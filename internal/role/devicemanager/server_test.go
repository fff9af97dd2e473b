package devicemanager

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/role"
	"provsim/internal/role/ippm"
	"provsim/internal/testing/peer"
)

func open(t *testing.T, o Options) (*Server, *httptest.Server) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Key, o.Agents, o.Log = key, true, role.NewLog(io.Discard, false, time.Now())
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	return s, front
}

func post(t *testing.T, url, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(ippm.KeyHeader, key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(got), err
}

const (
	started  = `{"mac":"00908f602aac","status":"started","region":"Lab"}`
	labPoll  = `{"agentName":"a-127.0.0.1","version":"ours-1","tenants":["Lab"]}`
	withList = `{"requests":[{"id":1,`
)

// DM-WIRE-4, DM-ACT-7: a reply that is cut leaves its list, which the next poll
// has.
func TestCutReplyLeavesTheList(t *testing.T) {
	faults := map[string]Fault{"poll": {Cut: true, Share: 1}}
	s, front := open(t, Options{Faults: faults})
	if err := s.Change(func(m *Machine) error { return m.SetTenant(Tenant{Name: "Lab", NAT: true, Agent: true}) }); err != nil {
		t.Fatal(err)
	}
	if code, body, err := post(t, front.URL+ippm.KeepAlive, started); code != 200 {
		t.Fatalf("%d %s %v", code, body, err)
	}
	if err := s.Act(Order{Name: "IPPhoneReset", Devices: []device.MAC{phone}}); err != nil {
		t.Fatal(err)
	}
	if _, body, err := post(t, front.URL+ippm.Poll, labPoll); err == nil {
		t.Errorf("the reply is whole: %s", body)
	}
	s.Read(func(time.Time, *Machine) { delete(faults, "poll") })
	if _, body, err := post(t, front.URL+ippm.Poll, labPoll); err != nil || !strings.HasPrefix(body, withList) {
		t.Errorf("the next poll has %s, %v", body, err)
	}
	if _, body, err := post(t, front.URL+ippm.Poll, labPoll); err != nil || body != `{"requests":[]}` {
		t.Errorf("the poll after it has %s, %v", body, err)
	}
}

// DM-ACT-7, and section 10: 503 above the most requests in flight.
func TestFaults(t *testing.T) {
	_, front := open(t, Options{InFlight: 1, Faults: map[string]Fault{
		"keep-alive": {Status: 500, Share: 1}, "report": {Status: 401, Share: 1}, "alarm": {Hang: true, Share: 1}, "file": {Delay: time.Millisecond, Share: 1},
	}})
	for path, want := range map[string]int{ippm.KeepAlive: 500, ippm.Report: 401, genericFile: 200, "/nothing": 404, "/c/x" + ippm.KeepAlive: 500} {
		if code, _, err := post(t, front.URL+path, started); code != want {
			t.Errorf("%s: %d %v, want %d", path, code, err, want)
		}
	}
	ended := make(chan error)
	client := &http.Client{Timeout: 2 * time.Second}
	go func() {
		for {
			resp, err := client.Post(front.URL+ippm.Alert, "", strings.NewReader("{}"))
			if err != nil {
				ended <- err
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusServiceUnavailable { // the place was taken
				ended <- nil
				return
			}
		}
	}()
	busy := false
	for !busy {
		select {
		case err := <-ended:
			t.Fatalf("no request was refused while another one hung: %v", err)
		default:
			code, _, _ := post(t, front.URL+genericFile, "")
			busy = code == http.StatusServiceUnavailable
		}
	}
	if err := <-ended; err == nil {
		t.Error("the fault 'hang' answers")
	}
}

// DM-SEC-1: whatever address a phone claims, the manager calls no address outside of
// --device-nets, and resolves no name.
func TestPhonesLeadNowhere(t *testing.T) {
	trap := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("somebody was called: %s", r.URL) }))
	defer trap.Close()
	at := netip.MustParseAddrPort(trap.Listener.Addr().String())
	log := &lines{}
	s, front := open(t, Options{Caller: ippm.CallerOptions{Nets: ippm.Nets{netip.MustParsePrefix("127.0.2.0/24")}, Port: at.Port()}})
	s.options.Log = role.NewLog(log, false, time.Now())
	addresses := []string{
		"127.0.0.1", "localhost", "http://localhost/", trap.URL, trap.URL + "/rest/v1/status", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]",
		"::1", "http://[::1]/", "http://127.0.2.1@127.0.0.1/", "http://127.0.0.1#@127.0.2.1/", "127.0.2.1.127.0.0.1.nip.io", "127.0.2.1%lo", "0.0.0.0", "169.254.169.254", "file:///etc/passwd", "127.0.2.1:22", "127.0.2.1/../x", "",
	}
	for i, address := range addresses {
		body, err := json.Marshal(map[string]string{"mac": fmt.Sprintf("00908f0000%02x", i), "ip": address, "userAgent": trap.URL})
		if err != nil {
			t.Fatal(err)
		}
		if code, _, err := post(t, front.URL+ippm.KeepAlive, string(body)); code != http.StatusOK {
			t.Fatalf("%s: %d %v", address, code, err)
		}
		if err := s.Act(Order{Name: "IPPhoneUpdateFirmware", Value: trap.URL, Devices: []device.MAC{{0, 0x90, 0x8f, 0, 0, byte(i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	peer.Await(t, "a refusal of each call", func(context.Context) error {
		if strings.Count(log.String(), "REFUSED") != len(addresses) {
			return fmt.Errorf("want %d calls that are REFUSED:\n%s", len(addresses), log)
		}
		return nil
	})
}

// lines is a log that a test reads.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// DM-URL-1: the paths of customers.
func TestCustomers(t *testing.T) {
	_, none := open(t, Options{})
	_, two := open(t, Options{Config: Config{Customers: []string{"acme"}}})
	for _, c := range []struct {
		url  string
		code int
		body string
	}{
		{none.URL + "/c/acme" + ippm.KeepAlive, 422, `"No customers"`}, {two.URL + "/c/other" + ippm.KeepAlive, 404, `"Unknown customer 'other'"`},
		{two.URL + "/c/acme" + ippm.KeepAlive, 200, `{"requests":[]}`}, {two.URL + "/c/acme/p/desk" + ippm.First, 200, `{"requests":[]}`}, {two.URL + "/c/acme/configfiles/x.cfg", 404, `"Not found"`},
	} {
		if code, body, err := post(t, c.url, started); code != c.code || body != c.body {
			t.Errorf("%s: %d %s %v; want %d %s", c.url, code, body, err, c.code, c.body)
		}
	}
}

// A database that is in use, or a file that is not a database, is an error in words. A
// body that is too long is refused.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	_, front := open(t, Options{Dir: dir})
	if _, err := Open(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another manager has it open") {
		t.Errorf("a second manager: %v", err)
	}
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "manager.db"), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: bad}); err == nil || !strings.Contains(err.Error(), "manager.db") {
		t.Errorf("a file that is no database: %v", err)
	}
	if code, _, err := post(t, front.URL+ippm.KeepAlive, strings.Repeat(" ", ippm.MostBody+1)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("DM-KA-1: a long body: %d %v", code, err)
	}
}
