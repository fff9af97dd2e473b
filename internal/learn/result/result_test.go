package result

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"provsim/device"
	"provsim/device/vendors"
	"provsim/fleet/scenario"
	"provsim/internal/learn"
)

// hostile are findings with texts from a log that would break out of a file.
func hostile() *learn.Findings {
	const evil = "\x1b[31m<script>\"'#: {a: b}\n- x"
	at := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	yealink, _ := vendors.Lookup("yealink")
	f := &learn.Findings{
		From: at, Until: at.Add(24 * time.Hour), Phones: 2, Counts: learn.Counts{Requests: 10, Timed: 10},
		Logs:      []learn.Log{{Name: "/home/anna/" + evil, Format: "combined", Lines: 3, Dropped: map[string]int{"x": 2}, Note: evil}},
		Vendors:   []learn.Vendor{{Name: "yealink", Phones: 2, Periods: []learn.Period{{Period: 1800, Phones: 1}, {Period: 86400, Phones: 1}}, Products: []learn.Product{{Name: "T46S", Known: true, Phones: 2, Software: map[string]int{evil: 1}}}}},
		Names:     []learn.Named{{Vendor: "yealink", Name: "anna" + evil, Class: "config", Kind: learn.Real, Served: 1, Missed: 2}, {Vendor: "yealink", Name: "{mac}.boot", Kind: learn.Expected, Missed: 2, Known: true}},
		Waves:     []learn.Wave{{Kind: learn.PowerCut, At: at, Phones: 2, Share: 1, Peak10: 2, Back50: 1, Back90: 2, Back99: -1, Begins: []int{2}, Backs: []int{0, 1}}},
		Bans:      []learn.Ban{{From: at, Lasted: 60, Misses: 4, Status: 403}},
		Sites:     []learn.Site{{Devices: 2, Addresses: 1}},
		Strangers: []learn.Stranger{{Agent: "anna" + evil, Requests: 7}},
		Hours:     []learn.HourCounts{{At: at, Hour: learn.Hour{Requests: 10, Runs: 2}}, {At: at.Add(30 * time.Hour), Hour: learn.Hour{Requests: 1, Runs: 1}}},
		Server:    learn.Server{Times: []learn.ServerTimes{{Class: "configuration", Count: 10, P50: 0.004, P90: 0.01, P99: 0.02}}, Workers: 3, Peak: 400, Queued: 300},
		List: []learn.Phone{
			{MAC: device.MAC{0, 0x15, 0x65, 1, 2, 3}, Named: true, Vendor: yealink, Product: "T46S", Web: true},
			{MAC: device.MAC{0, 0x15, 0x65, 1, 2, 4}, Named: true, Vendor: yealink, Product: "T46S", Web: true},
			{Vendor: yealink, Web: true},
		},
	}
	return f
}

func files(t *testing.T, f *learn.Findings) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(dir, f); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// Texts from a log are only text in every file, whatever they hold, and the files
// are ones: the scenario and its list of phones are read as they were meant.
func TestFilesOfHostileLogs(t *testing.T) {
	all := files(t, hostile())
	for name, text := range all {
		if strings.Contains(text, "\x1b") || strings.Contains(text, "<script") && name != TextFile {
			t.Errorf("%s has the log's bytes", name)
		}
		if strings.HasSuffix(name, ".svg") {
			if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, name := range []string{PhonesFile, ScenarioFile, TextFile, PageFile, JSONFile, "hours.svg", "days.svg", "vendors.svg", "misses.svg", "wave-1.svg"} {
		if all[name] == "" {
			t.Errorf("%s is not written", name)
		}
	}
	s, err := scenario.Parse(ScenarioFile, []byte(all[ScenarioFile]))
	if err != nil {
		t.Fatalf("%v\n%s", err, all[ScenarioFile])
	}
	list, err := scenario.ReadPhones(PhonesFile, strings.NewReader(all[PhonesFile]))
	if err != nil || list.Len() != 3 || s.Devices != 3 || s.Population.Phones != PhonesFile {
		t.Errorf("the list has %v, error %v; the scenario %d of %q", list, err, s.Devices, s.Population.Phones)
	}
	if len(s.Population.Settings) != 2 || s.Server.HTTP.Workers != 3 || s.Server.Ban.After != 4 || s.Events[0].PowerCut == nil || len(s.Sites) != 1 {
		t.Errorf("the scenario is not what was learnt:\n%s", all[ScenarioFile])
	}
	f, err := Read(strings.NewReader(all[JSONFile]))
	if err != nil || len(f.Waves) != 1 || f.Waves[0].Phones != 2 {
		t.Errorf("the findings are read as %+v, error %v", f, err)
	}
}

// Findings for others have no name and no address of the logs, but as many phones of the
// same makers.
func TestAnonymise(t *testing.T) {
	f := hostile()
	Anonymise(f, []byte("key"))
	for name, text := range files(t, f) {
		if strings.Contains(text, "anna") || strings.Contains(text, "001565010203") {
			t.Errorf("%s tells what it should not", name)
		}
	}
	if !f.List[0].Vendor.Owns(f.List[0].MAC) || f.List[0].MAC == f.List[1].MAC {
		t.Errorf("the phones are %v and %v", f.List[0].MAC, f.List[1].MAC)
	}
	seen := make([]bool, 1<<24)
	for n := range uint32(1 << 24) {
		to := permuted(n, []byte("key"), []byte{1, 2, 3})
		if seen[to] {
			t.Fatalf("two addresses become %06x", to)
		}
		if seen[to] = true; n > 100_000 {
			break
		}
	}
	if permuted(7, []byte("a"), nil) == permuted(7, []byte("b"), nil) {
		t.Error("the key does not count")
	}
}

// What the logs do not tell is a default in the scenario, and is marked as one.
func TestDefaultsAreMarked(t *testing.T) {
	f := hostile()
	f.Waves, f.Bans, f.Server, f.Counts.Timed = nil, nil, learn.Server{}, 0
	text := string(Scenario(f))
	if n := strings.Count(text, "a default"); n != 4 {
		t.Errorf("found %d defaults, want the power cut, the time of requests, the workers, and the hint:\n%s", n, text)
	}
	if strings.Contains(text, "ban:") {
		t.Error("a ban is made up")
	}
	if _, err := scenario.Parse("x", []byte(text)); err != nil {
		t.Error(err)
	}
	var b bytes.Buffer
	if err := Document(&learn.Findings{}).Text(&b); err != nil || !strings.Contains(b.String(), "No phone was found") {
		t.Errorf("nothing found is reported as %q, %v", b.String(), err)
	}
}

// The settings of vendors with several periods are cut so that each vendor's phones have
// theirs in the parts that were seen.
func TestMixes(t *testing.T) {
	f := &learn.Findings{Vendors: []learn.Vendor{
		{Name: "yealink", Phones: 4, Periods: []learn.Period{{Period: 600, Phones: 3}, {Period: 1200, Phones: 1}}},
		{Name: "snom", Phones: 2, Periods: []learn.Period{{Period: 300, Phones: 1}}, NoPeriod: 1},
	}}
	parts := map[string]float64{}
	for _, m := range mixesOf(f) {
		for _, s := range m.set {
			parts[s.Name+"="+s.Value] += m.weight
		}
	}
	for setting, want := range map[string]float64{
		"static.auto_provision.repeat.minutes=10": 0.75, "static.auto_provision.repeat.minutes=20": 0.25, "settings_refresh_timer=300": 0.5, "settings_refresh_timer=0": 0.5,
	} {
		if got := parts[setting]; got != want {
			t.Errorf("%s has the part %v, want %v: %v", setting, got, want, parts)
		}
	}
}

// A period that the vendor's firmware does not take is left out of the scenario, and one
// that it takes is not.
func TestPeriodOutOfRange(t *testing.T) {
	for period, want := range map[learn.Seconds]int{76: 0, 7200: 3} {
		f := &learn.Findings{Vendors: []learn.Vendor{{Name: "polycom", Phones: 1, Periods: []learn.Period{{Period: period, Phones: 1}}}}}
		n := 0
		for _, m := range mixesOf(f) {
			n += len(m.set)
		}
		if n != want {
			t.Errorf("a period of %v s gives %d settings, want %d", period, n, want)
		}
	}
}

// Phones that a wave shows not to spread themselves get that setting: their default is
// another. Where no wave shows it they keep the default.
func TestNoRandomDelay(t *testing.T) {
	for delay, want := range map[learn.Seconds]string{-1: "", 0: "0", 40: "2"} {
		f := &learn.Findings{Vendors: []learn.Vendor{{Name: "cisco-spa", Phones: 1, Delay: delay, Periods: []learn.Period{{Period: 3600, Phones: 1}}}}}
		found := ""
		for _, s := range mixesOf(f)[0].set {
			if s.Name == "Resync_Random_Delay" {
				found = s.Value
			}
		}
		if found != want {
			t.Errorf("a delay of %v s is written as %q, want %q", delay, found, want)
		}
	}
}

// The page does not say that phones behind one address had no power: a lost line or a
// silent ban leaves the same log.
func TestPhonesBehindOneAddress(t *testing.T) {
	for addresses, want := range map[int]string{1: "behind one address fell silent together", 2: "came back after a power cut"} {
		f := hostile()
		f.Waves[0].Addresses = addresses
		var b bytes.Buffer
		if err := Document(f).Text(&b); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		if !strings.Contains(text, want) || strings.Contains(text, "came back after a power cut") != (addresses == 2) {
			t.Errorf("%d addresses: want %q in %s", addresses, want, text)
		}
	}
}
