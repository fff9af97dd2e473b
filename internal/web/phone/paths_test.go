package phone

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
)

// A Cisco SPA phone's own paths take a rule and no session (SPA-TRG-1, SPA-UP-3).
func TestPathsOfTheVendor(t *testing.T) {
	spa, err := vendors.Lookup("cisco-spa")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 10)
	b := start(t, setup{
		without: true, body: "<flat-profile/>", asked: asked,
		tune: func(m *device.Model) { m.Personality, m.Parameters = spa, spa.Parameters },
	})
	get := func(path, password string, header ...string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(b.page.URL(), "/")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			r.SetBasicAuth(ShippedUser, password)
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		status, _ := b.send(r)
		return status
	}
	const rule = "[--uid%20u]http://192.0.2.9/$MA.xml"
	b.status("without a password", get("/admin/resync?"+rule, ""), http.StatusUnauthorized)
	b.status("with another one", get("/admin/resync?"+rule, "guess"), http.StatusUnauthorized)
	b.status("from another site's page", get("/admin/resync?"+rule, ShippedPassword, "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
	b.status("with a bad escape", get("/admin/resync?%zz", ShippedPassword), http.StatusBadRequest)
	b.status("with a line end", get("/admin/resync?http://a/%0a", ShippedPassword), http.StatusBadRequest)
	b.status("a rule", get("/admin/resync?"+rule, ShippedPassword), http.StatusOK)
	if got := <-asked; got != "http://192.0.2.9/0021f2011b19.xml" {
		t.Errorf("the phone asks for %s", got)
	}
	b.wait(device.ResyncDone)
	b.status("an image", get("/admin/upgrade?"+url.PathEscape("http://192.0.2.9/spa-7-6-2.bin"), ShippedPassword), http.StatusOK)
	if got := <-asked; got != "http://192.0.2.9/spa-7-6-2.bin" {
		t.Errorf("the phone asks for %s", got)
	}
	b.wait(device.UpgradeDone)
}
