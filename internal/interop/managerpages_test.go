//go:build linux

package interop

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"provsim/internal/testing/peer"
)

// The pages of manager and Agent in a browser, by the steps of the document
// (sections 2.1, 2.3, 2.4 and 3), without JavaScript, in both widths and colour
// schemes (DM-PG-1, DM-PG-2, AG-CFG-1).
func TestManagerPages(t *testing.T) {
	command := buildCommand(t)
	files := managerFiles(t)
	password := filepath.Join(files, "password")
	if err := os.WriteFile(password, []byte(watcher), 0o600); err != nil {
		t.Fatal(err)
	}
	m := startManager(t, command, files, t.TempDir(), "--web-password-file", password)
	dir := t.TempDir()
	log := filepath.Join(dir, "output.log")
	peer.Start(t, dir, logHas(log, "listens at"), command, "serve", "agent", "--ca", filepath.Join(files, "ca.pem"), "--host", "WIN-LAB", "--web", "127.0.0.1:0", "--web-password-file", password)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	agent := regexp.MustCompile(`page is at (http://\S+)/,`).FindStringSubmatch(string(text))[1]
	resp, err := http.Post(m.plain+"/rest/v1/ipphoneMgrStatus/keep-alive", "", strings.NewReader(
		`{"mac":"00908f602aac","ip":"127.0.2.1","region":"Branch","model":"<b>440HD</b>","userName":"Alice","status":"registered","location":"<script>document.title='x'</script>"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()

	d := &visitor{tab: chromium(t)}
	d.withoutScript()
	login := func(at string, then css) {
		d.open(at)
		d.fill("#user", "admin")
		d.fill("#password", watcher)
		d.click("main button", then)
	}
	look := func(name string) {
		t.Helper()
		for _, width := range widths {
			for _, scheme := range schemes {
				d.looks(width, scheme)
				d.fits(width)
				d.picture("manager-"+name, width, scheme)
			}
		}
		d.looks(1280, "light")
	}
	login(m.page, "nav")
	d.shows("<b>440HD</b>", "Alice", "<script>document.title='x'</script>", "registered")
	look("devices")
	d.open(m.page + "/tenants/Branch")
	d.press("input[name=nat]")
	d.press("input[name=agent]")
	d.click("form button.main", ".notice.good")
	d.shows("nat-agent")
	d.fill("#address", "127.0.1.1")
	d.click("button[value=agent]", ".notice.good")
	d.shows("http://127.0.1.1/firmwarefiles/%ITCS_FirmwareFile%")
	look("tenant")
	d.open(m.page + "/agents/configuration")
	d.shows("Enable Manager Device Agents", serviceKey)
	look("configuration")
	d.open(m.page + "/devices/00908f602aac")
	look("device")

	login(agent, "nav")
	d.fill("#manager", m.tls)
	d.fill("#key", serviceKey)
	d.fill("input[name=tenant]", "Branch")
	d.fill("#period", "1")
	d.click("form button.main", ".notice.good")
	look("agent")
	if key := evaluate[string](d.tab, "document.documentElement.outerHTML"); strings.Contains(key, serviceKey) {
		t.Error("the Agent's page shows the key")
	}
	peer.Await(t, "the Agent's first poll", logHas(log, "poll               ok"))
	m.script(t, "POST", "actions", `{"name":"IPPhoneStatus","devices":["00908f602aac"]}`)
	peer.Await(t, "the action", logHas(log, "IPPhoneStatus"))
	login(m.page, "nav")
	d.open(m.page + "/agents")
	d.shows("Agent name", "Tenant names", "dates and time", "WIN-LAB-127.0.0.1", "Branch", "Last Actions")
	look("agents")

	axe := chromium(t) // axe-core needs the page's scripts
	for _, page := range []string{m.page + "/devices", m.page + "/devices/00908f602aac", m.page + "/tenants", m.page + "/tenants/Branch", m.page + "/alarms", m.page + "/agents/configuration", m.page + "/agents", m.page + "/log", agent + "/"} {
		d.tab = axe
		d.open(page)
		if strings.Contains(d.text(), "Log in") {
			d.fill("#user", "admin")
			d.fill("#password", watcher)
			d.click("main button", "nav")
			d.open(page)
		}
		if !d.loadAxe() {
			return
		}
		for _, scheme := range schemes {
			d.looks(360, scheme)
			d.accessible(fmt.Sprint(page, " ", scheme))
		}
	}
}
