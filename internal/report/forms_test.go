package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"provsim/internal/report"
	"provsim/internal/tally"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
)

var rewrite = flag.Bool("rewrite", false, "write the golden reports in testdata anew")

// form writes one form of the results.
func form(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextIsAsPeopleReadIt(t *testing.T) {
	invalid := newMorning(100, 1)
	invalid.run.Invalid = []string{"the schedule was 2.1 s late", "no port was left"}
	shard := newMorning(100, 2).shard(t, 1)
	m := newMorning(1000, 1)
	failed := m.results(t, "p99(fetch) > 500ms", "failed > 50%", "p99(upgrade) > 1m")
	compared := m.results(t)
	var err error
	if compared.Against, err = report.Compare(compared, m.results(t)); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*report.Results{
		"failed": failed, "invalid": invalid.results(t, "bans > 0"), "shard": shard, "against": compared,
	} {
		file := filepath.Join("testdata", name+".txt")
		got := form(t, r.Text)
		if *rewrite {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestPageNeedsNothingFromElsewhere(t *testing.T) {
	page := form(t, newMorning(200, 1).results(t, "bans > 0").HTML)
	outside := regexp.MustCompile(`(?i)<script|<link|<img|<iframe|@import|\bsrc=|\bhref=|url\(|\son[a-z]+="`)
	if found := outside.FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	for _, address := range regexp.MustCompile(`[a-z]+://[^\s"<]*`).FindAllString(page, -1) {
		if !strings.HasPrefix(address, "http://www.w3.org/") && address != "tftp://192.168.1.10" {
			t.Errorf("the page names %s, want no address but its server's and those of XML name spaces", address)
		}
	}
	if !strings.Contains(page, "prefers-color-scheme: dark") || strings.Contains(page, "ZgotmplZ") {
		t.Error("the page has no dark colours, or a value that its template refused")
	}
	if strings.Contains(page, "a new version <b>") || !strings.Contains(page, "a new version &lt;b&gt;") {
		t.Error("a name of the scenario is not escaped")
	}
}

// Whether the run counts comes before what it says.
func TestPageSaysValidityFirst(t *testing.T) {
	m := newMorning(40, 1)
	m.run.Invalid = []string{"no port was left"}
	page := form(t, m.results(t).HTML)
	verdict, answer := strings.Index(page, "no port was left"), strings.Index(page, "What happened")
	if verdict < 0 || answer < verdict {
		t.Errorf("the verdict stands at %d, the answer at %d, want the verdict first", verdict, answer)
	}
}

// Colours of plots follow the reader's choice of light or dark: none is fixed.
func TestPlotsOfThePageHaveNoFixedColours(t *testing.T) {
	page := form(t, newMorning(40, 1).results(t).HTML)
	_, body, _ := strings.Cut(page, "<main>")
	if found := regexp.MustCompile(`#[0-9A-Fa-f]{6}\b`).FindString(body); found != "" {
		t.Errorf("a plot has the fixed colour %s", found)
	}
	if n := strings.Count(body, "<svg"); n < 8 || n%2 != 0 {
		t.Errorf("%d plots, want each for wide and narrow screens", n)
	}
}

func TestPlotFilesAreWhole(t *testing.T) {
	dir := written(t, newMorning(40, 1).results(t))
	for _, name := range files(t, dir) {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Ext(name) {
		case ".png":
			if picture, err := png.Decode(f); err != nil || picture.Bounds().Dx() < 1000 {
				t.Errorf("%s: error %v, or less than 1000 points wide", name, err)
			}
		case ".svg":
			if err := wellFormed(f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		f.Close()
	}
}

func wellFormed(r io.Reader) error {
	d := xml.NewDecoder(r)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestJUnit(t *testing.T) {
	m := newMorning(200, 1)
	m.run.Started = time.Date(2026, 12, 1, 7, 0, 0, 0, time.FixedZone("CET", 3600))
	m.run.Invalid = []string{`no port & no "descriptor" was left`}
	got := form(t, m.results(t, "failed > 0", "failed > 99%", "p99(upgrade) > 1s").JUnit)
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="tftp-morning" tests="4" failures="1" errors="1" skipped="1" time="2400.000" timestamp="2026-12-01T06:00:00">
  <testcase classname="provsim" name="the run is valid">
    <error message="no port &amp; no &#34;descriptor&#34; was left"></error>
  </testcase>
  <testcase classname="provsim.thresholds" name="not failed &gt; 0">
    <failure message="found 57, want not failed &gt; 0"></failure>
  </testcase>
  <testcase classname="provsim.thresholds" name="not failed &gt; 99%"></testcase>
  <testcase classname="provsim.thresholds" name="not p99(upgrade) &gt; 1s">
    <skipped message="nothing to measure"></skipped>
  </testcase>
</testsuite>
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The log is that of other HdrHistogram programs: a line for each histogram,
// which is tagged, and spans the run.
func TestHistogramLog(t *testing.T) {
	r := newMorning(40, 1).results(t)
	text, err := os.ReadFile(filepath.Join(written(t, r), "histograms.hlog"))
	if err != nil {
		t.Fatal(err)
	}
	head := regexp.MustCompile(`^#\[Logged with provsim v0\.3\.0 by [^\n]*\]\n#\[Histogram log format version 1\.3\]\n#\[StartTime: 0 [^\n]*\n#\[BaseTime: 0 [^\n]*\n"StartTimestamp",`)
	if !head.Match(text) {
		t.Errorf("found the head %.300q", text)
	}
	line := regexp.MustCompile(`(?m)^Tag=service\.resync\.applied,0\.000000,2400\.000000,\d+\.\d+,HISTF[A-Za-z0-9+/=]+$`)
	if !line.Match(text) {
		t.Errorf("found no line of the service time in %.2000q", text)
	}
	log := hdrhistogram.NewHistogramLogReader(bytes.NewReader(text))
	for {
		hdr, err := log.NextIntervalHistogram()
		if err != nil || hdr == nil {
			t.Fatalf("error %v, or no histogram of the lag", err)
		}
		if hdr.Tag() == "lag" {
			if n := hdr.TotalCount(); n != 160 {
				t.Errorf("%d values of lag, want 160", n)
			}
			break
		}
	}
}

func TestCompare(t *testing.T) {
	before, now := newMorning(200, 1), newMorning(200, 1)
	now.seed = 8
	now.run.Version = "v0.4.0"
	r := now.results(t)
	c, err := report.Compare(r, before.results(t))
	if err != nil {
		t.Fatal(err)
	}
	r.Against = c
	if c.Before.Version != "v0.3.0" {
		t.Errorf("the earlier run is of %s, want v0.3.0", c.Before.Version)
	}
	rows := map[string]report.Difference{}
	for _, row := range c.Rows {
		rows[row.Name] = row
	}
	resyncs := rows["resyncs"]
	if *resyncs.Before != 800 || *resyncs.Now != 800 || resyncs.Unit != report.Number {
		t.Errorf("resyncs %v, want 800 in both", resyncs)
	}
	if row := rows["p99 behind schedule"]; *row.Before != 0 || *row.Now != 0 {
		t.Errorf("lag %v, want none in virtual time", row)
	}
	if !strings.Contains(form(t, r.HTML), "Against the earlier run") {
		t.Error("the page has no comparison")
	}
	if !strings.Contains(asJSON(t, r), `"against": {`) {
		t.Error("the JSON has no comparison")
	}
}

func TestCompareRefuses(t *testing.T) {
	now := newMorning(20, 1).results(t)
	other := newMorning(20, 1)
	other.run.Digest = "sha256:0"
	for rule, before := range map[string]*report.Results{
		"another scenario": other.results(t),
		"other devices":    newMorning(21, 1).results(t),
	} {
		if _, err := report.Compare(now, before); !errors.Is(err, report.ErrOtherScenario) {
			t.Errorf("%s: error %v, want ErrOtherScenario", rule, err)
		}
	}
}

func TestThisMachineIsKnown(t *testing.T) {
	m := report.ThisMachine()
	if m.OS == "" || m.Arch == "" || m.CPUs < 1 || !strings.HasPrefix(m.Go, "go") {
		t.Errorf("found %+v", m)
	}
	if m.OS == "linux" && m.Memory < 1<<20 {
		t.Errorf("found %d bytes of memory, want what Linux says", m.Memory)
	}
}

// A report can be made of any totals, also of none.
func TestReportOfNothing(t *testing.T) {
	totals := tally.New(tally.Config{}).Totals()
	r := report.New(tally.Run{Scenario: "nothing", Shards: 1}, totals, nil)
	if text := form(t, r.Text); !strings.Contains(text, "No resync started.") {
		t.Errorf("found %q", text)
	}
	if _, err := report.Read(written(t, r)); err != nil {
		t.Error(err)
	}
}
