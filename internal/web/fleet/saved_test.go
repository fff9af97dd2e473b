package fleet

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"provsim/fleet"
	"provsim/internal/journal"
	"provsim/internal/report"
)

// plan runs the town in virtual time.
func plan(t *testing.T, o fleet.Options) *fleet.Result {
	t.Helper()
	s, err := fleet.ParseScenario("town.yaml", []byte(strings.Replace(town, "%", "town", 1)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := fleet.Plan(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ended is the dashboard of saved results, without a journal yet.
func ended(t *testing.T) *stand {
	t.Helper()
	r := plan(t, fleet.Options{})
	page, err := New(config("town", nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	page.Show(report.New(r.Run(), r.Tally.Totals(), nil), nil)
	return (&stand{t: t, page: page, client: newClient(t)}).login()
}

// Results without a journal have everything but the devices. With the journals of
// all shards the devices are those of the run.
func TestSavedRun(t *testing.T) {
	s := ended(t)
	page := s.get("/overview")
	for _, text := range []string{"What happened", "chart-devices", "chart-queue", "The modelled server", "The run has ended after"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if strings.Contains(page, "/devices?") || strings.Contains(page, "data-live") {
		t.Error("the page leads to devices that do not exist, or waits for news")
	}
	status, body := s.ask("GET", "/devices", "")
	if status != http.StatusNotFound || !strings.Contains(body, "--events") {
		t.Errorf("the devices answer %d: %s", status, body)
	}
	if err := s.page.ReadJournals(t.Context(), shards(t)...); err != nil {
		t.Fatal(err)
	}
	var l listing
	s.json("/api/devices?state=idle", &l)
	if l.Total != 120 || l.Devices[17].MAC != "0021f2000011" || l.Devices[17].Outcome != "unchanged" {
		t.Errorf("found %d devices, the one of number 17 is %+v", l.Total, l.Devices[17])
	}
	if page := s.get("/devices/0021f2000011"); !strings.Contains(page, "<code>resync.done</code>") {
		t.Errorf("the device's page has no journal:\n%s", page)
	}
}

// shards writes the journals of both halves of the town.
func shards(t *testing.T) (files []string) {
	for i := range 2 {
		var lines bytes.Buffer
		plan(t, fleet.Options{Shard: fleet.Shard{Index: i, Count: 2}, Journal: journal.NewJSON(&lines)})
		files = append(files, file(t, &lines))
	}
	return files
}

func file(t *testing.T, content io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), report.JournalFile)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The error of a damaged journal names the line. The page stays as it was.
func TestDamagedJournal(t *testing.T) {
	s := ended(t)
	good := `{"t":1,"device":"0021f2000000","seq":1,"event":"boot"}` + "\n"
	for text, want := range map[string]string{
		good + "x\n": "line 2",
		`{"t":3000000,"device":"0021f2000000","seq":1,"event":"boot"}`: "instant",
	} {
		err := s.page.ReadJournals(t.Context(), file(t, strings.NewReader(text)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), report.JournalFile) {
			t.Errorf("%q gives %v, want the file and %q", text, err, want)
		}
	}
	if status, _ := s.ask("GET", "/devices", ""); status != http.StatusNotFound {
		t.Errorf("the devices answer %d", status)
	}
}
