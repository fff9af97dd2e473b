package devicemanager

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/internal/role/ippm"
)

var (
	noon  = time.Date(2019, 2, 17, 7, 35, 11, 0, time.UTC)
	away  = netip.MustParseAddr("127.0.2.1")
	phone = device.MAC{0, 0x90, 0x8f, 0x60, 0x2a, 0xac}
)

const userAgent = "AUDC-IPPhone/2.2.8.61 (440HDG-Rev0; 00908F602AAC)"

// stand is a machine with a tenant that has a template, and a phone in it.
func stand(t *testing.T, c Config, tenant Tenant) *Machine {
	t.Helper()
	m := New(c)
	m.Start("00112233445566778899aabbccddeeff")
	if tenant.Name == "" {
		tenant.Name = "Lab"
	}
	if tenant.Templates == nil {
		tenant.Templates = map[string]string{"440HD": "voip/line/0/enabled=1"}
	}
	if err := m.SetTenant(tenant); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"sessionId":"a033bb54","emsUserName":"system","emsUserPassword":"ea148b6d47bdb45ebb6c6983cae8dfd3","mac":"00908f602aac","ip":"127.0.2.1","model":"440HD","status":"started","region":%q}`, tenant.Name)
	if a := m.KeepAlive(noon, away, []byte(body)); a.Status != 200 || string(a.Body) != `{"requests":[]}` {
		t.Fatalf("keep-alive: %d %s", a.Status, a.Body)
	}
	return m
}

func get(m *Machine, method, path string) Answer {
	return m.File(noon, Ask{Method: method, Path: path, Host: "10.1.1.1", UserAgent: userAgent, Port: 80})
}

// DM-KA-1, DM-KA-3 and the vector of the specification.
func TestKeepAlive(t *testing.T) {
	m := New(Config{})
	a := m.KeepAlive(noon, away, []byte(`{"mac":"00908FABCDEF","status":"started","region":"Nir",}`))
	d, ok := m.Look(noon, device.MAC{0, 0x90, 0x8f, 0xab, 0xcd, 0xef})
	if a.Status != 200 || string(a.Body) != `{"requests":[]}` || !a.Keep || !ok || d.Tenant != "Nir" || d.Status != Started || d.ExternalIP != away {
		t.Fatalf("%d %s, device %+v", a.Status, a.Body, d)
	}
	a = m.KeepAlive(noon, away, []byte(`{"mac":"00:90:8f:ab:cd:ef","status":"registered","region":"Other","odd":7,"ip":"http://127.0.2.9/"}`))
	d, _ = m.Look(noon, d.MAC)
	if a.Status != 200 || d.Tenant != "Nir" || d.Status != Registered || d.Field("odd") != "7" {
		t.Errorf("a known device: %d, %+v", a.Status, d)
	}
	if a = m.KeepAlive(noon.Add(time.Hour), away, []byte(`{"mac":"00:90:8f:ab:cd:ef","status":"registered","region":"Other","odd":7,"ip":"http://127.0.2.9/","sessionId":"1"}`)); a.Keep {
		t.Error("a keep-alive that brings nothing new waits for the disk")
	}
	for _, body := range []string{``, `{}`, `[]`, `null`, `{"mac":"x"}`, `{"mac":"000000000000"}`, `{"mac":["00908fabcdef"]}`, `{"mac":"00908fabcdef"`} {
		if a := m.KeepAlive(noon, away, []byte(body)); a.Status != 400 {
			t.Errorf("%s: %d, want 400", body, a.Status)
		}
	}
	if a := m.KeepAlive(noon, away, []byte(`{"mac":"00908fabcd00","region":"a/../b"}`)); a.Status != 200 {
		t.Errorf("a bad region: %d", a.Status)
	} else if d, _ := m.Look(noon, device.MAC{0, 0x90, 0x8f, 0xab, 0xcd, 0}); d.Tenant != DefaultTenant {
		t.Errorf("a bad region makes tenant %q", d.Tenant)
	}
}

// DM-KA-2 with the vector of the stand-in digest.
func TestStrictAuth(t *testing.T) {
	m := New(Config{StrictAuth: true, User: "system", Password: "system"})
	for digest, want := range map[string]int{"ea148b6d47bdb45ebb6c6983cae8dfd3": 200, "EA148B6D47BDB45EBB6C6983CAE8DFD3": 200, "": 401, strings.Repeat("0", 32): 401} {
		body := `{"sessionId":"a033bb54","emsUserName":"system","emsUserPassword":"` + digest + `","mac":"00908f602aac"}`
		if a := m.KeepAlive(noon, away, []byte(body)); a.Status != want {
			t.Errorf("digest %q: %d, want %d", digest, a.Status, want)
		}
	}
}

// DM-PH-1, DM-PH-2, DM-PH-3 and the vector of the specification.
func TestPlaceholders(t *testing.T) {
	levels := []map[string]string{{"B": "9"}, {}, {"A": "%ITCS_B%"}, {"A": "1", "B": "2"}}
	if got, unknown := expand("x=%ITCS_A%/%ITCS_B%", levels); got != "x=%ITCS_B%/9" || len(unknown) != 0 {
		t.Errorf("got %q, unresolved %q", got, unknown)
	}
	m := stand(t, Config{}, Tenant{
		Text:      "tenant/line one\n%ITCS_A%=tenant\n[site Berlin]\nsite/line=%ITCS_A%\n%ITCS_C%=site\n",
		Templates: map[string]string{"440HD": "a=%ITCS_A% %ITCS_C% %ITCS_P_X% %itcs_A% 100%\nnone=%ITCS_None%\nfw=%ITCS_FirmwareFile% %ITCS_MAC% %ITCS_Site%\n%ITCS_A%=template\n%ITCS_C%=template\n%ITCS_P_X%=private\n; comment\n"},
	})
	if err := m.SetDevice(phone, "Lab", "Berlin", "own=%ITCS_D%\n%ITCS_D%=%ITCS_A%"); err != nil {
		t.Fatal(err)
	}
	a := get(m, "GET", "/configfiles/00908F602AAC.cfg")
	want := "include Audiocodes_440HD_global_GENERIC_empty.cfg\n" +
		"a=tenant site private %itcs_A% 100%\nnone=%ITCS_None%\nfw=440HD.img 00908f602aac Berlin\n" +
		"tenant/line=one\nsite/line=tenant\nown=%ITCS_A%\nsystem/type=440HD\n"
	if string(a.Body) != want || a.Header["X-Unresolved"] != "1" || a.Header["X-Template-Name"] != "Lab_440HD" || a.Header["Content-Type"] != "application/octet-stream" {
		t.Errorf("DM-FILE-1: %v, got\n%s\nwant\n%s", a.Header, a.Body, want)
	}
	for text, place := range map[string]place{"%ITCS_P_X%=1": inTenant, "[site A]": inTemplate, "name": inDevice, "[site a/b]": inTenant, "=x": inDevice} {
		if _, _, err := parseSettings(text, place); err == nil || !strings.HasPrefix(err.Error(), "line 1: ") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// A phone's own fields cannot add lines to a file.
func TestFieldsStayInTheirLine(t *testing.T) {
	m := stand(t, Config{}, Tenant{Templates: map[string]string{"440HD": "user=%ITCS_UserName%"}})
	m.KeepAlive(noon, away, []byte(`{"mac":"00908f602aac","model":"440HD","userName":"a\nprovisioning/method=DISABLE\r\u2028x"}`))
	if a := get(m, "GET", "/configfiles/00908f602aac.cfg"); !strings.Contains(string(a.Body), "user=aprovisioning/method=DISABLEx\nsystem/type") {
		t.Errorf("the file is\n%s", a.Body)
	}
}

// DM-URL-1, DM-URL-3, DM-URL-4.
func TestURLSpace(t *testing.T) {
	m := stand(t, Config{Parts: map[string][]byte{"part.cfg": []byte("p=1\n")}}, Tenant{})
	for path, want := range map[string]int{
		"/ipp/tenant/Lab/00908f602aac.cfg": 200, "/ipp/region/Lab/00-90-8F-60-2A-AC.cfg": 200, "/configfiles/00:90:8f:60:2a:ac.cfg": 200,
		"/dynamicconfigfiles/00908f602aac.cfg": 200, "/configfiles/part.cfg": 200, "/ipp/tenant/Lab/part.cfg": 200, "/dynamicconfigfiles/part.cfg": 200,
		"/configfiles/Audiocodes_440HD_global_GENERIC_empty.cfg": 200, "/configfiles/00908f602aag.cfg": 404, "/configfiles/00908f602aac": 404,
		"/configfiles/": 404, "/": 404, "/configfiles/../part.cfg": 404, "/ipp/tenant/None/00908f602aac.cfg": 404,
		"/ipp/tenant/Default/00908f602aac.cfg": 404, "/CONFIGFILES/part.cfg": 404,
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if a := get(m, method, path); a.Status != want {
				t.Errorf("%s %s: %d, want %d", method, path, a.Status, want)
			}
		}
	}
	if a := get(m, "PUT", "/configfiles/part.cfg"); a.Status != 405 {
		t.Errorf("PUT: %d, want 405", a.Status)
	}
	if a := get(m, "GET", "/ipp/tenant/Default/00908f602aac.cfg"); string(a.Body) != "tenant Default and type 440HD not found url" {
		t.Errorf("DM-URL-4: %s", a.Body)
	}
	for ua, want := range map[string]string{
		"AUDC-IPPhone-430HD_UC_0.0.0.0/0": "430HD", userAgent: "440HD", "Genesys /2.2.16.142.46 (420HDG-Rev2-AC494; ..)": "420HD",
		"AUDC/3.4.6.604 AUDC-IPPhone-C450HD_UC_3.4.6.604/1": "C450HD", "curl/8": "", "": "",
	} {
		if got := ModelOf(ua); got != want {
			t.Errorf("DM-URL-4: %q is %q, want %q", ua, got, want)
		}
	}
	ask := Ask{Method: "GET", Path: "/configfiles/00908f602aac.cfg", UserAgent: "curl/8", Port: 80}
	if a := m.File(noon, ask); a.Status != 200 {
		t.Errorf("the record's model: %d", a.Status)
	}
	m.config.StrictUA = true
	if a := m.File(noon, ask); a.Status != 404 {
		t.Errorf("strict-ua: %d, want 404", a.Status)
	}
}

// DM-FILE-2 and DM-FILE-3, byte by byte.
func TestGenericFile(t *testing.T) {
	const rest = "provisioning/method=STATIC\nprovisioning/configuration/url=http://HOST/configfiles/\nprovisioning/firmware/url=http://HOST/firmwarefiles/\n" +
		"ems_server/user_name=system\nems_server/user_password={\"VvlZOp5/5pM=\"}\n"
	for _, c := range []struct {
		path, host string
		port       uint16
		ports      []uint16
		kept, want string
	}{
		{"/ipp/dhcpoption160.cfg", "10.1.1.1", 80, []uint16{80, 8081}, "10.1.1.1:8081", "10.1.1.1"},
		{"/ipp/dhcpoption160.cfg", "10.1.1.1:8080", 8080, []uint16{8080}, "10.1.1.1:8080", "10.1.1.1:8080"},
		{"/ipp/dhcpoption160.cfg", "[fd00::1]:8080", 8080, nil, "[fd00::1]:8080", "[fd00::1]:8080"},
		{"/ipp/httpproxy/00908f602aac.cfg", "10.9.9.9:8000", 80, nil, "10.9.9.9:8000", "10.9.9.9:8000"},
	} {
		a := New(Config{Ports: c.ports}).File(noon, Ask{Method: "GET", Path: c.path, Host: c.host, Port: c.port})
		want := "ems_server/keep_alive_period=60\nems_server/provisioning/url=http://" + c.kept + "/\n" + strings.ReplaceAll(rest, "HOST", c.want)
		if string(a.Body) != want {
			t.Errorf("%s of %s: got\n%s\nwant\n%s", c.path, c.host, a.Body, want)
		}
	}
}

// DM-ST-1.
func TestOffline(t *testing.T) {
	m := stand(t, Config{}, Tenant{Templates: map[string]string{"440HD": "ems_server/keep_alive_period=%ITCS_KA%\n%ITCS_KA%=10"}})
	status := func(after time.Duration) string {
		d, _ := m.Look(noon.Add(after), phone)
		return d.Status
	}
	if a, b := status(21*time.Minute), status(21*time.Minute+time.Second); a != Started || b != Offline {
		t.Errorf("after 21 min %q, later %q", a, b)
	}
	if first, second := m.Tick(noon.Add(time.Hour)), m.Tick(noon.Add(time.Hour)); len(first) != 1 || first[0].Event != "offline" || len(second) != 0 {
		t.Errorf("the log has %v and %v", first, second)
	}
	if err := m.SetDevice(phone, "Lab", "", "ems_server/keep_alive_period=0"); err != nil || status(1000*time.Hour) != Started {
		t.Errorf("%v; with period 0 the device is %q", err, status(1000*time.Hour))
	}
}

// DM-AL-1.
func TestAlarms(t *testing.T) {
	m := stand(t, Config{}, Tenant{})
	for i := range mostAlarms + 5 {
		body := fmt.Sprintf(`{"sessionId":"1","alerts":[{"uniqueId":%d,"name":"IPPHONE REGISTRATION FAILURE","date":"2019-02-17T07:35:11","severity":"4","source":"IPPhone/00908F602AAC","additionalInfo1":"n%d",},],}`, i, i)
		if a := m.Alert(noon, away, []byte(body)); a.Status != 200 || string(a.Body) != "{}" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	d, _ := m.Look(noon, phone)
	if len(d.Alarms) != mostAlarms || d.Alarms[0].Info != "n1004" || d.Alarms[0].Severity != "major" || !d.Alarms[0].Time.Equal(noon) || len(m.AllAlarms(10)) != 10 {
		t.Errorf("%d alarms, the newest %+v", len(d.Alarms), d.Alarms[0])
	}
}

func order(t *testing.T, m *Machine, name, value string) []Call {
	t.Helper()
	calls, err := m.Act(noon, Order{Name: name, Value: value, Devices: []device.MAC{phone}})
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// DM-ACT-2, DM-ACT-3: in mode direct an action is a request at once.
func TestDirect(t *testing.T) {
	m := stand(t, Config{User: "system"}, Tenant{})
	for i, a := range ippm.Actions {
		value := ""
		if a.Name == "IPPhoneSendMessage" {
			value = `He said "go"`
		}
		calls := order(t, m, a.Name, value)
		if len(calls) != 1 || calls[0].Request.Path != a.Path || calls[0].Request.IP != "127.0.2.1" || calls[0].Request.ID != uint64(i+1) {
			t.Errorf("%s: %+v", a.Name, calls)
		}
		var body map[string]string
		if a.Method == "PUT" && (json.Unmarshal(calls[0].Request.Body, &body) != nil || len(body["sessionId"]) != 8 || len(body["emsUserPassword"]) != 32 || body[a.Value] != value) {
			t.Errorf("%s has the body %s", a.Name, calls[0].Request.Body)
		}
	}
	for _, o := range []Order{
		{Name: "Reboot", Devices: []device.MAC{phone}}, {Name: "IPPhoneReset"}, {Name: "IPPhoneReset", Devices: []device.MAC{{2}}},
		{Name: "IPPhoneReset", Value: "soon", Devices: []device.MAC{phone}}, {Name: "IPPhoneSendMessage", Devices: []device.MAC{phone}},
		{Name: "IPPhoneReset", Devices: []device.MAC{phone}, Life: time.Second}, {Name: "IPPhoneStatus", Value: "x", Devices: []device.MAC{phone}},
	} {
		if _, err := m.Act(noon, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// DM-ACT-4, DM-ACT-6, DM-TEN-2: in mode nat-file an action is in one file, and in no other.
func TestByFile(t *testing.T) {
	m := stand(t, Config{}, Tenant{NAT: true})
	if calls := order(t, m, "IPPhoneReset", ""); len(calls) != 0 {
		t.Fatal("a phone behind a NAT is called")
	}
	order(t, m, "IPPhoneSendMessage", "two\nlines")
	const path = "/configfiles/00908f602aac.cfg"
	if strings.Contains(string(get(m, "HEAD", path).Body), "action") {
		t.Error("HEAD takes the actions")
	}
	want := "system/type=440HD\nems_server/action/0/id=1\nems_server/action/0/name=IPPhoneReset\nems_server/action/0/value=\n" +
		"ems_server/action/1/id=2\nems_server/action/1/name=IPPhoneSendMessage\nems_server/action/1/value=two lines\n"
	if body := string(get(m, "GET", path).Body); !strings.HasSuffix(body, want) {
		t.Errorf("the file is\n%s", body)
	}
	if body := string(get(m, "POST", path).Body); strings.Contains(body, "action") {
		t.Errorf("an action is handed over twice:\n%s", body)
	}
	order(t, m, "IPPhoneReset", "")
	late := m.File(noon.Add(25*time.Hour), Ask{Method: "GET", Path: path, UserAgent: userAgent})
	if strings.Contains(string(late.Body), "action") {
		t.Error("an action lives longer than a day")
	}
}

// DM-KA-4.
func TestByKeepAlive(t *testing.T) {
	m := stand(t, Config{Strings: true}, Tenant{NAT: true, KeepAlive: true})
	for range 4 {
		order(t, m, "IPPhoneReset", "")
	}
	order(t, m, "IPPhoneUpdateConfiguration", "")
	body := []byte(`{"mac":"00908f602aac","model":"440HD"}`)
	first, second := m.KeepAlive(noon, away, body), m.KeepAlive(noon, away, body)
	var list struct{ Requests []string }
	if err := json.Unmarshal(first.Body, &list); err != nil || len(list.Requests) != 3 || list.Requests[0] != `{"cmd":"reset"}` || !strings.HasPrefix(list.Requests[2], `{"method":"PUT","path":"/rest/v1/command/UpdateConfigurationHandler","body":{`) {
		t.Errorf("%v: %s", err, first.Body)
	}
	if string(second.Body) != `{"requests":[]}` {
		t.Errorf("handed over twice: %s", second.Body)
	}
	m.config.Strings = false
	order(t, m, "IPPhoneReset", "")
	var objects ippm.List
	if a := m.KeepAlive(noon.Add(299*time.Second), away, body); json.Unmarshal(a.Body, &objects) != nil || len(objects.Requests) != 1 || objects.Requests[0].ID != 0 {
		t.Errorf("objects: %s", a.Body)
	}
	order(t, m, "IPPhoneReset", "")
	if a := m.KeepAlive(noon.Add(300*time.Second), away, body); string(a.Body) != `{"requests":[]}` {
		t.Errorf("expired and sent: %s", a.Body)
	}
}

const key = "00112233445566778899aabbccddeeff"

func poll(m *Machine, agent string) (ippm.List, Answer) {
	body := fmt.Sprintf(`{"agentName":%q,"version":"ours-1","tenants":["Lab"],"sessionId":"01234567"}`, agent)
	a := m.Poll(noon, key, []byte(body))
	var list ippm.List
	if json.Unmarshal(a.Body, &list) != nil {
		return ippm.List{}, a
	}
	return list, a
}

// DM-WIRE-1 to DM-WIRE-6 (DM-WIRE-3, DM-WIRE-4), DM-ACT-5, DM-PG-3 and the row of the seed.
func TestAgents(t *testing.T) {
	m := stand(t, Config{}, Tenant{NAT: true, Agent: true})
	order(t, m, "IPPhoneSendMessage", "hello")
	if _, a := poll(m, "lab7-127.0.1.1"); a.Status != 409 {
		t.Errorf("Agents off: %d, want 409", a.Status)
	}
	m.SetAgents(true, "")
	for body, want := range map[string]int{
		`{`: 400, `{"agentName":"a","version":"ours-2","tenants":["Lab"]}`: 400, `{"agentName":"a","version":"ours-1","tenants":[]}`: 400,
		`{"agentName":"a","version":"ours-1","tenants":["Lab","Default"]}`: 403, `{"agentName":"a","version":"ours-1","tenants":["None"]}`: 403,
	} {
		if a := m.Poll(noon, key, []byte(body)); a.Status != want {
			t.Errorf("%s: %d, want %d", body, a.Status, want)
		}
	}
	for _, wrong := range []string{"", strings.ToUpper(key), key + "0"} {
		if a := m.Poll(noon, wrong, []byte(`{}`)); a.Status != 401 || len(m.AgentRows()) != 0 {
			t.Errorf("key %q: %d", wrong, a.Status)
		}
	}
	first, a := poll(m, "WIN-PRIRP35V2QS-10.59.160.108")
	other, b := poll(m, "lab7-127.0.1.1")
	if len(first.Requests) != 1 || len(other.Requests) != 0 || first.Requests[0].Expires != 0 {
		t.Fatalf("two Agents get %d and %d", len(first.Requests), len(other.Requests))
	}
	m.Handed(b, true)
	m.Handed(a, false) // the manager could not write it
	again, a := poll(m, "lab7-127.0.1.1")
	m.Handed(a, true)
	if none, _ := poll(m, "lab7-127.0.1.1"); len(again.Requests) != 1 || len(none.Requests) != 0 {
		t.Errorf("after a cut %d, after delivery %d; want 1 and 0", len(again.Requests), len(none.Requests))
	}
	m.Report(noon, key, []byte(`{"agentName":"WIN-PRIRP35V2QS-10.59.160.108","id":7,"name":"IPPhoneSendMessage","ip":"10.38.2.4","result":"OK"}`))
	if row := m.AgentRows()[0].Actions; len(row) != 1 || row[0] != "2019-02-17 07:35:11, IPPhoneSendMessage, 10.38.2.4, PRIRP35V2QS, OK" {
		t.Errorf("the row is %q", row)
	}
	order(t, m, "IPPhoneReset", "")
	if err := m.RemoveTenant("Lab"); err != nil {
		t.Fatal(err)
	}
	if _, a := poll(m, "lab7-127.0.1.1"); a.Status != 403 {
		t.Errorf("a tenant that was removed: %d, want 403", a.Status)
	}
}

// DM-WIRE-2: at most 1,000 a reply, in order; DM-ACT-7: every nth is lost.
func TestLongLists(t *testing.T) {
	m := stand(t, Config{LoseEach: 4}, Tenant{NAT: true, Agent: true})
	m.SetAgents(true, "")
	for range 1500 {
		order(t, m, "IPPhoneReset", "")
	}
	var ids []uint64
	for range 3 {
		list, a := poll(m, "a-127.0.0.1")
		m.Handed(a, true)
		for _, r := range list.Requests {
			ids = append(ids, r.ID)
		}
		if len(list.Requests) > 1000 {
			t.Errorf("%d in a reply", len(list.Requests))
		}
	}
	if len(ids) != 1125 || ids[0] != 1 || ids[3] != 5 || ids[1124] != 1499 {
		t.Errorf("%d actions, want all but each fourth of 1,500", len(ids))
	}
}

// After a restart the devices are there and no number is given twice.
func TestRestart(t *testing.T) {
	m := stand(t, Config{}, Tenant{NAT: true, Text: "a=1\n[site B]\nb=2"})
	if err := m.SetDevice(phone, "Lab", "B", "c=3"); err != nil {
		t.Fatal(err)
	}
	order(t, m, "IPPhoneReset", "")
	entries, err := m.Changes()
	if err != nil {
		t.Fatal(err)
	}
	next := New(Config{})
	for _, e := range entries {
		if err := next.Load(e.Bucket, e.Key, e.Value); err != nil {
			t.Fatal(err)
		}
	}
	next.Start("another")
	if _, got := next.Agents(); got != key || next.next <= m.next {
		t.Errorf("key %q, next number %d after %d", got, next.next, m.next)
	}
	if a := get(next, "GET", "/configfiles/00908f602aac.cfg"); !strings.Contains(string(a.Body), "a=1\nb=2\nc=3\nsystem/type=440HD\n") || strings.Contains(string(a.Body), "action") {
		t.Errorf("the file is\n%s", a.Body)
	}
	if again, err := m.Changes(); err != nil || len(again) != 0 {
		t.Errorf("%v, changes twice: %d", err, len(again))
	}
	m.Again(entries)
	if again, err := m.Changes(); err != nil || len(again) != len(entries) {
		t.Errorf("%v, after a failure %d entries, want %d", err, len(again), len(entries))
	}
}

func FuzzBodies(f *testing.F) {
	f.Add([]byte(`{"mac":"00908f602aac","status":"started","region":"Nir",}`))
	f.Add([]byte(`{"alerts":[{"name":"x","source":"IPPhone/00908f602aac","severity":4}]}`))
	f.Add([]byte(`{"agentName":"a-b","version":"ours-1","tenants":["Lab"],"id":7,"name":"IPPhoneReset","ip":"x","result":"OK"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := New(Config{})
		m.Start(key)
		m.SetAgents(true, "")
		for _, a := range []Answer{m.KeepAlive(noon, away, body), m.Alert(noon, away, body), m.Poll(noon, key, body), m.Report(noon, key, body)} {
			if !json.Valid(a.Body) || a.Status < 200 || a.Status > 503 {
				t.Errorf("%d %q", a.Status, a.Body)
			}
		}
		entries, err := m.Changes()
		if err != nil {
			t.Fatal(err)
		}
		next := New(Config{})
		for _, e := range entries {
			if e.Value != nil && next.Load(e.Bucket, e.Key, e.Value) != nil {
				t.Errorf("what was stored cannot be loaded: %s", e.Value)
			}
		}
	})
}

func FuzzSettings(f *testing.F) {
	f.Add("a b\n%ITCS_A%=1\n[site B]\nc=%ITCS_A%")
	f.Fuzz(func(t *testing.T, text string) {
		s, sites, err := parseSettings(text, inTenant)
		if err != nil {
			return
		}
		for _, part := range append(sites, Site{Settings: s}) {
			for _, line := range part.Lines {
				if strings.ContainsAny(line.format(), "\n\r") || line.Name == "" {
					t.Errorf("line %q", line)
				}
			}
		}
	})
}
