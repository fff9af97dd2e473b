package phone

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"provsim/device"
)

// The Provision page has the settings of FV-SET-1, by the document's names, in
// its order, with unit and default.
func TestProvisionPage(t *testing.T) {
	b := start(t, setup{})
	var got []string
	for _, f := range b.look().fields(nil) {
		got = append(got, f.Name+": "+f.Word(f.Default))
	}
	want := []string{
		"Provision Enable: Enable", "Resync On Reset: Enable", "Resync Random Delay: 40 seconds", "Resync Periodic: 3600 seconds",
		"Resync Error Retry Delay: 3600 seconds", "Forced Resync Delay: 14400 seconds", "Resync After Upgrade: Enable", "Option 66: Enable",
		"Config File Name: $PN.conf", "Profile Rule: empty", "Upgrade Enable: Enable", "Upgrade Error Retry Delay: 3600 seconds", "Upgrade Rule: empty",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	page, last := mustGet(b, "/provision"), 0
	for _, line := range want {
		name, _, _ := strings.Cut(line, ":")
		at := strings.Index(page, ">"+name+"</label>")
		if at < last {
			t.Errorf("%s has no label after those before it", name)
		}
		last = at
	}
}

// Save stores, and a reboot makes what is stored effective (FV-RS-12).
func TestSaveTakesEffectAtTheReboot(t *testing.T) {
	b := start(t, setup{})
	status, _ := b.form("/provision", url.Values{"save": {"1"}, "DBID_RESYNC_PERIODIC": {" 60 "}, "DBID_PRV_OPTION66_ENABLED": {"0"}, "DBID_RESYNC_RANDOM_DELAY": {"40"}})
	b.status("Save", status, http.StatusSeeOther)
	b.contains(mustGet(b, "/provision"), "2 settings are stored", "until the reboot: 3600 seconds", "Reboot now")
	if v, _ := b.look().stored.Config.Get("DBID_RESYNC_PERIODIC"); v != "60" {
		t.Errorf("Resync Periodic is stored as %q", v)
	}
	if _, there := b.look().stored.Config.Get("DBID_RESYNC_RANDOM_DELAY"); there {
		t.Error("a setting that has not changed is stored")
	}
	b.rebootBy("/reboot")
	if page := mustGet(b, "/provision"); strings.Contains(page, "until the reboot") {
		t.Error("after the reboot the page still waits for it")
	}
}

// rebootBy presses a button that makes the phone reboot, and logs in again.
func (b *bench) rebootBy(path string) {
	b.t.Helper()
	status, page := b.form(path, url.Values{"sure": {"yes"}})
	b.status(path, status, http.StatusOK)
	b.contains(page, "The phone reboots", `data-return="/login"`)
	b.wait(device.Leased)
	b.login()
}

// A field that cannot be stored says why beside itself, and nothing is stored.
func TestFaultsBesideTheFields(t *testing.T) {
	b := start(t, setup{})
	before := b.look().stored
	status, page := b.form("/provision", url.Values{"save": {"1"}, "DBID_RESYNC_PERIODIC": {"often"}, "DBID_FORCED_RESYNC_DELAY": {"7"}, "DBID_PRV_ENABLE": {"2"}, "DBID_PRV_CONFIG_FILE_NAME": {"a\nb"}})
	b.status("Save", status, http.StatusUnprocessableEntity)
	b.contains(page, `id="fault-DBID_RESYNC_PERIODIC" aria-live="polite"><span class="wrong">Found &#34;often&#34;`, `value="often"`, `aria-invalid="true"`, "Nothing is stored", `value="7"`)
	if b.look().stored != before {
		t.Error("something is stored")
	}
	status, _ = b.form("/provision", url.Values{"save": {"1"}, "DBID_PROFILE_RULE": {"http://"}})
	b.status("a bad rule, which the phone stores and then fails with", status, http.StatusSeeOther)
	b.contains(mustGet(b, "/provision"), "fails with bad-rule")
}

// The preview says what macros expand to and where the phone would fetch from,
// for settings that are typed and not stored.
func TestPreview(t *testing.T) {
	b := start(t, setup{lease: device.Lease{Offer: device.TextOffer(66, "192.0.2.1:1069")}})
	for _, tt := range []struct{ rule, body, resync, upgrade string }{
		{"option 66 with the file's name as shipped", `{}`, "tftp://192.0.2.1:1069/IP542N.conf", ""},
		{"another file's name", `{"Config File Name":"$MAU-$IP.cfg"}`, "tftp://192.0.2.1:1069/0021F2011B19-192.0.2.20.cfg", ""},
		{"a rule has no effect while Option 66 is on", `{"Profile Rule":"http://h/x"}`, "tftp://192.0.2.1:1069/IP542N.conf", ""},
		{"a rule", `{"Option 66":"0","Profile Rule":"[--key 'k'] HTTPS://u:p@h:8443/$PN/fv$(MAU:6).conf"}`, "https://h:8443/IP542N/fv011B19.conf", ""},
		{"a rule without a host", `{"Option 66":"0","Profile Rule":"/x"}`, "tftp://192.0.2.1:1069/x", ""},
		{"a rule that does not parse", `{"Option 66":"0","Profile Rule":"http://"}`, "bad-rule", ""},
		{"an upgrade", `{"Upgrade Rule":"http://h/$HWVER.bin"}`, "tftp://192.0.2.1:1069/IP542N.conf", "http://h/v1.0.1.bin"},
		{"an upgrade over https is refused", `{"Upgrade Rule":"https://h/x.bin"}`, "tftp://192.0.2.1:1069/IP542N.conf", "https-upgrade"},
	} {
		status, body := b.json("POST", "/api/preview", tt.body)
		b.status(tt.rule, status, http.StatusOK)
		var p preview
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		if got := p.Fetches[0].Outcome + p.Fetches[0].URL; got != tt.resync {
			t.Errorf("%s: the resync would be %q, want %q", tt.rule, got, tt.resync)
		}
		if got := p.Fetches[1]; tt.upgrade != "" && got.URL != tt.upgrade && got.Outcome != tt.upgrade {
			t.Errorf("%s: the upgrade would be %+v, want %q", tt.rule, got, tt.upgrade)
		}
	}
	if b.look().stored.Config.Len() != 0 {
		t.Error("a preview is stored")
	}
}

func TestSaveByAPI(t *testing.T) {
	b := start(t, setup{})
	status, body := b.json("PATCH", "/api/settings", `{"Resync Periodic":"60","DBID_RESYNC_RANDOM_DELAY":"0"}`)
	b.status("by both names", status, http.StatusOK)
	b.contains(body, `"changed": 2`)
	for _, tt := range []struct {
		rule, body string
		want       int
	}{
		{"a value out of range", `{"Option 66":"2"}`, http.StatusUnprocessableEntity},
		{"a setting that the page does not have", `{"DBID_SIP_PASSWORD":"x"}`, http.StatusUnprocessableEntity},
		{"no JSON", `hello`, http.StatusBadRequest},
		{"a number for a text", `{"Resync Periodic":60}`, http.StatusBadRequest},
	} {
		status, _ := b.json("PATCH", "/api/settings", tt.body)
		b.status(tt.rule, status, tt.want)
	}
	status, _ = b.do("PATCH", "/api/settings", "text/plain", strings.NewReader("{}"))
	b.status("another type of body", status, http.StatusUnsupportedMediaType)
	waiting := b.page.status(b.look()).Waiting
	if !slices.Equal(waiting, []string{"Resync Random Delay", "Resync Periodic"}) {
		t.Errorf("%q wait for the reboot", waiting)
	}
}
