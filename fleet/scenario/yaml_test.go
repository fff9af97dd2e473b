package scenario

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"provsim/device"
	"provsim/internal/fetch/model"
)

func parse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every kind of value that a scenario has, in YAML and as Go values.
func TestYAMLSaysWhatGoSays(t *testing.T) {
	got := parse(t, `
name: all
seed: 18446744073709551615
devices: 1_000
duration: 90m
population:
  mac: 00-21-F2-00-01-00
  addresses: 198.18.0.0/15
  products: [{product: G504N, weight: 2.5}, {software: 3.10}]
  settings: [{set: {Resync Periodic: 60, DBID_RESYNC_ON_RESET: 1}}]
  quirks: [delay-lists]
  version: 7
  new: 30%
  tftp: {block-size: 1428, size: true}
  tls: {min: "1.0", max: "1.2"}
  options: [150=0x7f000001, 160=http://h/]
sites: [{name: a, devices: 20, loss: 0.5, rate: 1.5M, clock: -48h}]
phases: [{devices: 0.25, over: 1m}, {at: 2m, batch: 10, every: 1m}]
events:
  - {at: 5m, every: 10m, times: 3, power-cut: {devices: 10%, site: a, for: 30s}}
  - {at: 1h, outage: {for: 1m, kind: error}}
server:
  http: {workers: 8, resync: 5ms, tls: {shape: lognormal, median: 1ms, p99: 9ms}, full: 503}
thresholds: [failed > 1%]
`)
	want := &Scenario{
		Name: "all", Seed: 1<<64 - 1, Devices: 1000, Duration: 90 * time.Minute,
		Population: Population{
			MAC: device.MAC{0x00, 0x21, 0xf2, 0, 1, 0}, Addresses: got.Population.Addresses,
			Products: []Product{{Name: "G504N", Weight: 2.5}, {Software: "3.10"}},
			Settings: []SettingsMix{{Set: map[string]string{"Resync Periodic": "60", "DBID_RESYNC_ON_RESET": "1"}}},
			Quirks:   []string{"delay-lists"}, Version: "7", New: 0.3, TFTP: TFTPOptions{BlockSize: 1428, Size: true}, TLS: device.TLSRange{Min: 10, Max: 12},
			Options: []string{"150=0x7f000001", "160=http://h/"},
		},
		Sites:  []Site{{Name: "a", Devices: 20, Loss: 0.5, Rate: 1_500_000, Clock: -48 * time.Hour}},
		Phases: []Phase{{Devices: 0.25, Over: time.Minute}, {At: 2 * time.Minute, Batch: 10, Every: time.Minute}},
		Events: []Event{
			{At: 5 * time.Minute, Every: 10 * time.Minute, Times: 3, PowerCut: &PowerCut{Part: Part{Devices: 0.1, Site: "a"}, For: 30 * time.Second}},
			{At: time.Hour, Outage: &Outage{For: time.Minute, Kind: model.Erring}},
		},
		Server:     DefaultServer(),
		Thresholds: []string{"failed > 1%"},
	}
	want.Server.HTTP.Workers, want.Server.HTTP.Resync, want.Server.HTTP.Full = 8, model.Fixed(5*time.Millisecond), model.Unavailable
	want.Server.HTTP.TLS = model.Dist{Shape: model.LogNormal, Median: time.Millisecond, P99: 9 * time.Millisecond}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(want.Population.Addresses)); diff != "" {
		t.Errorf("scenario (-want +got):\n%s", diff)
	}
	if got := got.Population.Addresses.String(); got != "198.18.0.0/15" {
		t.Errorf("addresses are %s", got)
	}
}

// What is wrong is named with file, line, column and path, together with what is
// wanted; all faults at once.
func TestFaultsSayWhere(t *testing.T) {
	for _, c := range []struct{ why, text, want string }{
		{"unknown key", "devises: 7\n", `test.yaml:1:1: devises: is unknown, did you mean "devices"?`},
		{"unknown key, nothing near", "sites:\n  - xyz: 1\n", "test.yaml:2:5: site 1, xyz: is unknown, want one of name, weight, devices, loss, delay, rate, clock"},
		{"second key", "seed: 1\nseed: 2\n", "test.yaml:2:1: seed: found a second time, the first is on line 1"},
		{"no number", "devices: many\n", `test.yaml:1:10: devices: found "many", want a whole number`},
		{"too many", "devices: 9000000\n", "test.yaml:1:10: devices: found 9000000, want 1 to 5000000"},
		{"no unit", "duration: 90\n", `test.yaml:1:11: duration: found "90", want a time with its unit such as 90s, 5m or 24h`},
		{"no part", "population: {version: 1, new: 30}\n", `test.yaml:1:31: population.new: found "30", want a part such as 30% or 0.3`},
		{"list wanted", "events: 5\n", `test.yaml:1:9: events: found "5", want a list`},
		{"mapping wanted", "population: []\n", "test.yaml:1:13: population: found a list, want keys and values"},
		{"nothing", "name:\n", "test.yaml:1:6: name: found nothing, want a value"},
		{"no scenario", "", "test.yaml: found nothing, want a scenario"},
		{"two documents", "name: a\n---\nname: b\n", "test.yaml:2:1: found a second document, want one in a file"},
		{"no YAML", "name: [\n", "test.yaml:1: is no YAML: did not find expected node content"},
		{"merge key", "population: &p {version: 1}\nconfiguration:\n  <<: *p\n", `test.yaml:3:3: configuration: found "<<", want the keys written out: they are not merged`},
		{"setting misspelt", "population: {settings: [{set: {Resync Periodik: 60}}]}\n", `test.yaml:1:49: setting "Resync Periodik": is unknown to the device, did you mean "Resync Periodic"?`},
		{"setting out of range", "population: {settings: [{set: {Resync On Reset: 2}}]}\n", `test.yaml:1:49: setting "Resync On Reset": found "2", want 0 or 1`},
		{"two events in one", "events: [{at: 1s, reboot: {}, resync: {}}]\n", "test.yaml:1:15: event 1, at: found 2 kinds of event, want one of power-cut, outage, rollout, firmware, calls, resync, reboot"},
		{"length missing", "events: [{power-cut: {}}]\n", "test.yaml:1:22: event 1, power-cut.for: found 0s, want 1ms to 744h"},
		{"no such site", "events: [{reboot: {site: b}}]\nsites: [{name: a}]\n", `test.yaml:1:26: event 1, reboot.site: found "b", want the name of a site, one of ["a"]`},
		{"phases too small", "phases: [{devices: 30%}]\n", "test.yaml:1:9: phases: found 30% of the devices in all phases, want 100%"},
		{"server", "server: {http: {workers: 0}}\n", "test.yaml:1:26: server.http.workers: found 0, want 1 to 1000000"},
		{"outages overlap", "events: [{every: 1m, outage: {for: 2m}}]\n", "test.yaml:1:9: events: found one from 0s to 2m0s and one from 1m0s, want outages that do not overlap"},
		{"too few addresses", "population: {addresses: 192.0.2.0/24}\n", "test.yaml:1:25: population.addresses: found 192.0.2.0/24 with 254 addresses for devices, want 1000"},
		{"counting a word", "events: [{every: 1h, rollout: {version: x}}]\n", `test.yaml:1:41: event 1, rollout.version: found "x", want a whole number, to which each repetition adds 1`},
		{"threshold", "thresholds: [failed > 1%, often > 3]\n", "test.yaml:1:27: threshold 2: "},
		{"setting of a rollout", "events: [{at: 1h, rollout: {version: 2, settings: {Nothing: 1}}}]\n", `test.yaml:1:61: event 1, rollout, setting "Nothing": is unknown to the device`},
		{"setting of all", "configuration: {settings: {Nothing: 1}}\n", `test.yaml:1:37: setting "Nothing": is unknown to the device`},
	} {
		_, err := Parse("test.yaml", []byte(c.text))
		var all *Error
		if !errors.As(err, &all) {
			t.Errorf("%s: found %v, want a *Error", c.why, err)
			continue
		}
		if got := all.Faults[0].String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s:\nfound %s\nwant  %s", c.why, got, c.want)
		}
	}
	_, err := Parse("f", []byte("seed: a\nname: {}\nx: 1\n"))
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 3 {
		t.Errorf("found %d lines for 3 faults:\n%v", lines, err)
	}
}

// The secret key of a rule that does not parse stays out of the error.
func TestFaultsKeepSecrets(t *testing.T) {
	_, err := Parse("f", []byte(`population: {profile-rule: "[--key s3cret] ftp://u:pa55@h/x"}`))
	if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "pa55") {
		t.Errorf("found %v, want an error without secrets", err)
	}
}

// Ten aliases in ten levels would be ten thousand million values.
func TestAliasesDoNotUnfoldForEver(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [1]\n")
	for i := 1; i < 10; i++ {
		prev := string(rune('0' + i - 1))
		b.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" + strings.Repeat("*a"+prev+",", 9) + "*a" + prev + "]\n")
	}
	text := strings.ReplaceAll(b.String(), "a0: &a0 [1]", "name: x\na0: &a0 {product: x}")
	text += "population: {products: [" + strings.Repeat("*a9,", 5) + "*a9]}\n"
	if _, err := Parse("f", []byte(text)); err == nil {
		t.Error("found no error")
	}
	flat := "population:\n  products:\n    - &p {product: a, weight: 1}\n" + strings.Repeat("    - *p\n", 30_000)
	if _, err := Parse("f", []byte(flat)); err == nil || !strings.Contains(err.Error(), "found more than") {
		t.Errorf("found %.200v, want an error about the number of values", err)
	}
	if _, err := Parse("f", make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("found %v, want an error about the size", err)
	}
}

// A default that is written out, a name and a threshold change nothing; all else
// does.
func TestDigest(t *testing.T) {
	base := parse(t, "seed: 1\nevents: [{at: 1h, calls: {per-hour: 1}}]\n").Digest()
	for text, same := range map[string]bool{
		"seed: 1\nevents: [{at: 1h, calls: {per-hour: 1}}]\nname: x\ndescription: y\nthresholds: [failed > 1%]\n":    true,
		"seed: 1\ndevices: 1000\nduration: 24h\nevents: [{at: 60m, calls: {per-hour: 1, length: 180s, lines: 1}}]\n": true,
		"seed: 1\npopulation: {option66: 192.0.2.1}\nphases: [{at: 0s}]\nevents: [{at: 1h, calls: {per-hour: 1}}]\n": true,
		"seed: 2\nevents: [{at: 1h, calls: {per-hour: 1}}]\n":                                                        false,
		"seed: 1\nevents: [{at: 1h, calls: {per-hour: 2}}]\n":                                                        false,
		"seed: 1\nevents: [{at: 1h, calls: {per-hour: 1}}]\nserver: {http: {workers: 3}}\n":                          false,
	} {
		if got := parse(t, text).Digest(); (got == base) != same {
			t.Errorf("%q: the digest is the same: %v, want %v", text, got == base, same)
		}
	}
	inGo := &Scenario{Seed: 1, Events: []Event{{At: time.Hour, Calls: &Calls{PerHour: 1}}}}
	if inGo.Digest() != base {
		t.Error("a scenario made in Go has another digest than its YAML form")
	}
}

func FuzzParseScenario(f *testing.F) {
	for _, e := range Examples() {
		f.Add(e.Text)
	}
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? {a: b}\n: c\n"))
	f.Add([]byte("population: {mac: ff:ff:ff:ff:ff:ff, addresses: ::/0}\n"))
	f.Add([]byte("events: [{at: 1h, every: 1s, outage: {for: 1ms, kind: slow, factor: .nan}}]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("f.yaml", text)
		var all *Error
		switch {
		case err != nil && !errors.As(err, &all):
			t.Fatalf("found %T, want a *Error", err)
		case err != nil:
			for _, fault := range all.Faults {
				if fault.Text == "" || fault.File != "f.yaml" {
					t.Fatalf("fault without text or file: %+v", fault)
				}
			}
		case s.Validate() != nil:
			t.Fatalf("parsed, but not valid: %v", s.Validate())
		default:
			s.Digest()
		}
	})
}

// The examples are files that users can copy.
func TestExamplesAreTheFiles(t *testing.T) {
	names := []string{}
	for _, e := range Examples() {
		names = append(names, e.Name)
		text, err := os.ReadFile("examples/" + e.Name + ".yaml")
		if err != nil || string(text) != string(e.Text) {
			t.Errorf("%s is not its file: %v", e.Name, err)
		}
		s := parse(t, string(e.Text))
		if s.Name != e.Name || s.Description == "" || len(s.Thresholds) == 0 && s.Tunnel == nil || !strings.Contains(string(e.Text), "What one learns") {
			t.Errorf("%s: want its name, a description, thresholds, and what one learns", e.Name)
		}
	}
	want := []string{"bad-key", "ban-on-404", "echo", "gateway-power-cut", "keep-alives", "mixed-office", "power-cut", "reconnect-storm", "rolling-upgrade", "server-outage", "steady-day"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
	if _, ok := FindExample("echo"); !ok {
		t.Error("echo is not found")
	}
}
