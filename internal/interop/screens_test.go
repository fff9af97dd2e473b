//go:build linux

package interop

import (
	"fmt"
	"strings"
	"testing"

	"provsim/device/vendors"
	"provsim/internal/lab"
)

// A screen is a page in one of its states.
type screen struct {
	name string
	path string
	see  func(d *visitor) // leads to the state
}

var screenList = []screen{
	{"login", "/login", nil},
	{"status", "/status", nil},
	{"provision", "/provision", nil},
	{"provision-faults", "/provision", func(d *visitor) {
		d.fill("#DBID_PROFILE_RULE", "http://prov.example.com:80800/x")
		d.fill("#DBID_RESYNC_PERIODIC", "often")
		d.click(`button[name="save"]`, ".notice.bad")
	}},
	{"provision-saved", "/provision", func(d *visitor) {
		d.fill("#DBID_PROFILE_RULE", "[--key 'a secret'] https://phone:secret@prov.example.com/$PN/fv$(MAU).conf")
		d.choose("#DBID_PRV_OPTION66_ENABLED", "0")
		d.save()
	}},
	{"security", "/security", nil},
	{"lines", "/lines", func(d *visitor) { d.click(`[aria-label="Line 2 off hook"]`, "#counter") }},
	{"journal", "/journal", nil},
	{"password", "/password", nil},
	{"error", "/nowhere", nil},
	{"reboot", "/security", func(d *visitor) {
		d.click(`form[action="/reboot"] button`, "[data-return]")
		evaluate[bool](d.tab, `for (let i = setTimeout(() => {}); i > 0; i--) clearTimeout(i); true`) // or the login follows
	}},
}

var (
	widths  = []int64{360, 1280}
	schemes = []string{"light", "dark"}
)

// TestScreens checks in both widths and colour schemes that no page is wider than
// its window and that each is accessible, and makes pictures where these are wanted.
func TestScreens(t *testing.T) {
	t.Parallel()
	d := seatAtLab(t)
	for _, s := range screenList {
		t.Run(s.name, func(t *testing.T) {
			d.t = t
			d.visit(s)
			checked := d.loadAxe()
			for _, width := range widths {
				for _, scheme := range schemes {
					d.looks(width, scheme)
					d.fits(width)
					if checked {
						d.accessible(fmt.Sprint(width, " ", scheme))
					}
					d.picture(s.name, width, scheme)
				}
			}
		})
	}
}

// seatAtLab is a phone with certificates that has applied a file, and then failed
// to get another one.
func seatAtLab(t *testing.T) *visitor {
	t.Helper()
	l, err := lab.Start(lab.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	settings := []string{"DBID_RESYNC_RANDOM_DELAY=0", "DBID_RESYNC_ERROR_RETRY_DELAY=600", "DBID_RESYNC_PERIODIC=1", "DBID_LINE_KEY_2=BLF:7012", "DBID_MYSTERY=<b>not bold</b>"}
	l.Files.Put("IP542N.conf", vendors.Default().Tree.Example(ours, 2208, settings...))
	d := seat(t, l.Addr("tftp").String())
	d.login()
	d.uploadAll(fine(t))
	d.click(`a[href="/status"]`, "#state")
	d.press(`form[action="/resync"] button`)
	d.applied("2208")
	l.Files.Delete("IP542N.conf")
	d.failed()
	return d
}

// visit opens a page, after a login where it needs one.
func (d *visitor) visit(s screen) {
	d.t.Helper()
	d.looks(1280, "light")
	if s.path != "/login" && !strings.Contains(d.text(), "Log out") {
		d.login()
	}
	d.open(strings.TrimSuffix(d.phone, "/") + s.path)
	if s.see != nil {
		s.see(d)
	}
}

// fits expects that nothing has to be scrolled sideways.
func (d *visitor) fits(width int64) {
	d.t.Helper()
	if wide := evaluate[int64](d.tab, "document.documentElement.scrollWidth"); wide > width {
		d.t.Errorf("the page is %d wide in a window of %d", wide, width)
	}
}
