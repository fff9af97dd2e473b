package fleet

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"provsim/device"
	"provsim/device/vendors"
)

// Phones whose vendor has a redirection service ask it first, and then the server that it
// names, also after a power cut. The service needs nothing of the server.
func TestPlanOfRedirection(t *testing.T) {
	tried := 0
	for _, vendor := range vendors.All() {
		if _, _, ok := vendor.Expand("redirect-server", ""); !ok {
			continue
		}
		tried++
		records, r := story(t, fmt.Sprintf(`
devices: 20
duration: 2h
population: {vendor: %s, redirect-server: "http://service.example.net/way/"}
server: {redirect: "http://files.example.net:8080/phones/"}
events: [{at: 1h, power-cut: {for: 1m}}]
`, vendor.Name))
		served := 0
		asked := map[device.MAC][]string{}
		for _, record := range records {
			if u, err := url.Parse(record.URL); err == nil && u.Host != "" && (record.Kind == device.Transferred || record.Kind == device.ResyncDone) {
				asked[record.Device] = append(asked[record.Device], u.Hostname())
				served += strings.Count(u.Hostname(), "files")
			}
		}
		for mac, hosts := range asked {
			if text := strings.Join(hosts, " "); !strings.HasPrefix(text, "service") || strings.Count(text, "service") > 2 || strings.Count(text, "files") < 2 || !strings.HasSuffix(text, "files.example.net") {
				t.Errorf("%s: %v asked %s", vendor.Name, mac, text)
			}
		}
		if int64(served) != r.Server.Requests {
			t.Errorf("%s: the server has %d requests, the phones made %d", vendor.Name, r.Server.Requests, served)
		}
		totals := r.Tally.Totals()
		if sum := totals.Summary(r.Run(), nil); len(asked) != 20 || sum.Provisioned.Count != 20 || totals.Failing != 0 {
			t.Errorf("%s: %d asked, %d provisioned, %d failing", vendor.Name, len(asked), sum.Provisioned.Count, totals.Failing)
		}
	}
	if tried < 6 {
		t.Errorf("%d vendors have a redirection service", tried)
	}
}

// Parse refuses a redirect server that is not an address, or that no phone asks. No error
// shows its password.
func TestRedirectionRefused(t *testing.T) {
	for text, want := range map[string]string{
		"population: {vendor: snom, redirect-server: \"https://u:secret@/\"}":                                             "redirect.example.net",
		"population: {vendor: snom, redirect-server: secret}":                                                             "redirect.example.net",
		"population: {vendor: polycom, redirect-server: \"https://u:secret@h/\"}":                                         "no phone asks",
		"population: {vendor: snom, redirect-server: \"https://h/\"}\nserver: {redirect: \"gopher://u:secret@h/\"}":       "http://192.0.2.1/",
		"population: {products: [{vendor: polycom}, {vendor: snom}], redirect-server: \"http://h/\", option66: 10.0.0.1}": "",
	} {
		_, err := ParseScenario("s.yaml", []byte(text+"\n"))
		if want == "" && err == nil {
			continue
		}
		if err == nil || want == "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
