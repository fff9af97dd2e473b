package phone

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/encrypt"
	"provsim/profile"
)

// A phone that reboots cannot be reached, and its sessions have ended when it is
// back, on the same port.
func TestUnreachableInAReboot(t *testing.T) {
	b := start(t, setup{tune: func(m *device.Model) { m.BootTime = 2 * time.Second }})
	before := b.page.URL()
	status, page := b.form("/reboot", url.Values{})
	b.status("the last page before the reboot", status, http.StatusOK)
	b.contains(page, "it will be back")
	b.wait(device.Rebooting)
	if conn, err := net.Dial("tcp", mustURL(t, before).Host); err == nil {
		conn.Close()
		t.Error("somebody listens in the reboot")
	}
	b.wait(device.Booted)
	if b.page.URL() != before {
		t.Errorf("the page moved from %s to %s", before, b.page.URL())
	}
	status, _ = b.get("/status")
	b.status("the old session", status, http.StatusSeeOther)
	b.login()
	mustGet(b, "/status")
}

// A factory reset wants to be confirmed, and takes all but the firmware.
func TestFactoryReset(t *testing.T) {
	c := issue(t)
	b := start(t, setup{stored: device.Stored{Config: config(t, "DBID_RESYNC_PERIODIC=1"), Version: "7", Software: "v9", Certificates: &c}})
	status, _ := b.form("/reset", url.Values{})
	b.status("a reset that is not confirmed", status, http.StatusBadRequest)
	b.rebootBy("/reset")
	s := b.look().stored
	if s.Config.Len() != 0 || s.Version != "" || s.Certificates != nil || s.Software != "v9" {
		t.Errorf("after the reset the phone has %+v", s)
	}
}

// Lines go off and on hook, and a resync waits for the end of the call.
func TestLines(t *testing.T) {
	b := start(t, setup{stored: device.Stored{Config: config(t, "DBID_RESYNC_RANDOM_DELAY=0", "DBID_FORCED_RESYNC_DELAY=600")}, lease: device.Lease{Offer: device.TextOffer(66, "192.0.2.1")}})
	b.wait(device.ResyncDone)
	status, _ := b.form("/lines/3", url.Values{"hook": {"off"}})
	b.status("off hook", status, http.StatusSeeOther)
	b.contains(mustGet(b, "/lines"), "Stopped: a line is active", "off hook, active")
	status, _ = b.form("/resync", url.Values{})
	b.status("a resync in a call", status, http.StatusSeeOther)
	b.contains(mustGet(b, "/status"), "waits for the end of the call")
	status, _ = b.json("PUT", "/api/lines/3", `{"active":false}`)
	b.status("on hook", status, http.StatusOK)
	b.wait(device.ResyncDone)
	if left := b.page.status(b.look()).IdleLeft; left < 590 || left > 600 {
		t.Errorf("the idle counter has %d seconds left, want some 600", left)
	}
	for path, hook := range map[string]string{"/lines/0": "off", "/lines/5": "off", "/lines/x": "off"} {
		status, _ := b.form(path, url.Values{"hook": {hook}})
		b.status(path, status, http.StatusNotFound)
	}
	status, _ = b.form("/lines/1", url.Values{"hook": {"up"}})
	b.status("a hook that is neither", status, http.StatusBadRequest)
}

// An uploaded image is judged like a fetched one (FV-UP-6), and installed like it,
// except for the URL of the latest upgrade.
func TestFirmware(t *testing.T) {
	b := start(t, setup{stored: device.Stored{UpgradeURL: "http://h/old.bin"}})
	mine := vendors.Default().Image("IP542N", "v3.4.0", []byte("image"))
	other := vendors.Default().Image("G502N", "v3.4.0", []byte("image"))
	for rule, image := range map[string][]byte{
		"another product's": other, "a damaged one": append(mine, 'x'), "one without bytes": {},
	} {
		status, page := b.upload("/security/firmware", "x.bin", image, nil)
		b.status(rule, status, http.StatusUnprocessableEntity)
		b.contains(page, "notice bad")
	}
	b.form("/lines/1", url.Values{"hook": {"off"}})
	status, page := b.upload("/security/firmware", "x.bin", mine, nil)
	b.status("in a call", status, http.StatusUnprocessableEntity)
	b.contains(page, "hang up first")
	b.form("/lines/1", url.Values{"hook": {"on"}})

	status, page = b.upload("/security/firmware", "x.bin", mine, nil)
	b.status("a good one", status, http.StatusOK)
	b.contains(page, "Firmware v3.4.0 is installed")
	b.wait(device.UpgradeDone)
	b.wait(device.Leased)
	b.login()
	if s := b.look(); s.status.Identity.Software != "v3.4.0" || s.stored.UpgradeURL != "http://h/old.bin" {
		t.Errorf("the phone runs %s, and did the upgrade %s", s.status.Identity.Software, s.stored.UpgradeURL)
	}
	status, _ = b.do("PUT", "/api/firmware?name=..%2FG502_F107_S334.bin", "application/octet-stream", strings.NewReader("any other file"))
	b.status("a file without a header", status, http.StatusOK)
	b.wait(device.Leased)
	if got := b.look().status.Identity.Software; got != "G502_F107_S334" {
		t.Errorf("the phone runs %q, want the file's name", got)
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"a.bin": "a.bin", "/x/y/a.bin": "a.bin", `C:\fw\a.bin`: "a.bin", "": "firmware", "..": "firmware", "a\r\nb\x1b[0m": "ab[0m",
		strings.Repeat("ä", 200): strings.Repeat("ä", 100),
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

// What is downloaded brings a phone back that was reset, version included.
func TestBackup(t *testing.T) {
	b := start(t, setup{stored: device.Stored{Version: "7", Config: config(t, "DBID_RESYNC_PERIODIC=60", "DBID_MYSTERY=a\tb", "DBID_PROFILE_RULE=[--key k] http://u:p@h/x")}})
	before, file := b.look().stored, mustGet(b, "/security/configuration")
	b.rebootBy("/reset")
	status, _ := b.upload("/security/configuration", "x.conf", []byte(file), nil)
	b.status("the upload", status, http.StatusSeeOther)
	b.contains(mustGet(b, "/security"), "4 settings of the file are stored")
	after := b.look().stored
	for name, value := range before.Config.All() {
		if got, _ := after.Config.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if after.Version != "7" {
		t.Errorf("the version is %q, want that of the file", after.Version)
	}
}

// of makes a phone one of a vendor.
func of(p *device.Personality) func(*device.Model) {
	return func(m *device.Model) {
		epoch, boot := m.Epoch, m.BootTime
		*m = *device.NewModel(p, encrypt.Ciphers()[0])
		m.Epoch, m.BootTime = epoch, boot
	}
}

// Where the page of a vendor's phone takes no firmware it has no form for it, and the
// API says so.
func TestFirmwareOfEachVendor(t *testing.T) {
	for _, p := range vendors.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			b := start(t, setup{tune: of(p)})
			if got := strings.Contains(mustGet(b, "/security"), "Upload firmware"); got != p.TakesImage {
				t.Errorf("the page has a form for firmware: %v, want %v", got, p.TakesImage)
			}
			if p.TakesImage {
				return
			}
			status, body := b.do("PUT", "/api/firmware?name=9.9.9.rom", "application/octet-stream", strings.NewReader("image"))
			b.status("an image", status, http.StatusConflict)
			b.contains(body, "the page of "+p.Vendor+" phones takes none")
		})
	}
}

// Each vendor's phone takes its own download back, under the name that it asks for.
func TestBackupOfEachVendor(t *testing.T) {
	for _, p := range vendors.All() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			var want profile.Config
			for parameter := range p.Parameters.All() {
				with, err := want.With(parameter.Name, cmp.Or(parameter.Default, "1"))
				if err != nil {
					t.Fatal(err)
				}
				want = with
			}
			b := start(t, setup{stored: device.Stored{Config: want}, tune: of(p)})
			got, err := p.Parse([]byte(mustGet(b, "/security/configuration")))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range want.All() {
				if back, ok := got.Get(name); !ok || back != value {
					t.Errorf("%s is %q in the download, want %q", name, back, value)
				}
			}
			if name := b.look().fileName(); !strings.Contains(strings.ToLower(name), "0021f2011b19.") {
				t.Errorf("the file is called %q, want the name that the phone asks for", name)
			}
		})
	}
}

// What the phone would not apply of a file is left out and told; a file that is no
// configuration is refused.
func TestUploadOfConfiguration(t *testing.T) {
	b := start(t, setup{})
	status, body := b.do("PUT", "/api/configuration", "text/plain", strings.NewReader("DBID_RESYNC_PERIODIC=often\nhello\nDBID_OTHER=1\n"))
	b.status("a file with faults", status, http.StatusOK)
	b.contains(body, `"changed": 1`, "Line 2 is left out", "DBID_RESYNC_PERIODIC is left out")
	for rule, file := range map[string]string{"an error page": "<html>", "nothing": "\n", "JSON": "{}"} {
		status, _ := b.do("PUT", "/api/configuration", "text/plain", strings.NewReader(file))
		b.status(rule, status, http.StatusBadRequest)
	}
	if got := b.look().stored.Config.Len(); got != 1 {
		t.Errorf("%d settings are stored, want 1", got)
	}
}

// Resync now, and what keeps the phone from it.
func TestResync(t *testing.T) {
	b := start(t, setup{stored: device.Stored{Config: config(t, "DBID_PRV_ENABLE=0")}})
	status, body := b.json("POST", "/api/resync", "")
	b.status("with Provision Enable off", status, http.StatusConflict)
	b.contains(body, "Provision Enable is off")
	b = start(t, setup{lease: device.Lease{Offer: device.TextOffer(66, "192.0.2.1")}})
	status, _ = b.json("POST", "/api/resync", "")
	b.status("as shipped", status, http.StatusOK)
	b.wait(device.ResyncDone)
}
