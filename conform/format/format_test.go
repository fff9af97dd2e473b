package format

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"provsim/conform"
	"provsim/conform/check"
	"provsim/device"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// sample is a report with a result of every kind, and with texts that a hostile
// server may have written.
func sample() *conform.Report {
	one := func(id string, level check.Level, f check.Finding, known bool) conform.Result {
		return conform.Result{
			Check: check.Check{
				ID: id, Title: "title of " + id, Requirement: "A server does <this> & that.", Source: "RFC 1350 section 2",
				Level: level, Tags: []check.Tag{check.Security},
				Advice: check.Advices{
					check.Nginx: {In: "server", Config: "autoindex off;"}, check.Apache: {In: "Directory", Config: "Options -Indexes"},
					check.AnyServer: {Text: "list no files"},
				},
			},
			Finding: f, Known: known, Began: time.Second, Took: 250 * time.Millisecond,
		}
	}
	return &conform.Report{
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: 3 * time.Second,
		Target: check.Target{
			ProfileRule: `[--key hush]https://user:hush@prov.example/$MA.cfg`,
			Phones:      []check.Phone{{MAC: device.MAC{0, 0x21, 0xf2, 1, 0x1b, 0x19}}},
			HTTPS:       "https://user:hush@prov.example/",
		},
		Results: []conform.Result{
			one("tftp/1", check.Must, check.Pass("41 bytes"), false),
			one("tftp/2", check.Must, check.Fail("error 1", "`<script>` # SKIP |x|"), false),
			one("tftp/3", check.Should, check.Fail("error 2", "silence").With("a firewall?"), true),
			one("http/1", check.Info, check.Fail("a date", "none"), false),
			one("http/2", check.Must, check.Skip("no HTTP server is known"), false),
			one("http/3", check.Must, check.Skip("no HTTP server is known"), false),
			one("http/4", check.Should, check.Finding{Verdict: check.Errored, Detail: "no connection"}, false),
		},
	}
}

func written(t *testing.T, f Format, r *conform.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			file := filepath.Join("testdata", "report."+f.Name)
			got := written(t, f, sample())
			if *rewrite {
				if err := os.WriteFile(file, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("golden (-), written (+); -rewrite takes it over:\n%s", diff)
			}
		})
	}
}

func TestNoFormatTellsSecrets(t *testing.T) {
	for _, f := range Formats() {
		if text := written(t, f, sample()); bytes.Contains(text, []byte("hush")) {
			t.Errorf("%s tells a secret of the target:\n%s", f.Name, text)
		}
	}
}

// The JSON form of a report is a baseline that knows its failures.
func TestReportIsABaseline(t *testing.T) {
	known, err := conform.ReadBaseline(bytes.NewReader(written(t, Format{Write: JSON}, sample())))
	want := []conform.Known{
		{ID: "tftp/2", Expected: "error 1", Actual: "`<script>` # SKIP |x|"},
		{ID: "tftp/3", Expected: "error 2", Actual: "silence"},
		{ID: "http/1", Expected: "a date", Actual: "none"},
	}
	if diff := cmp.Diff(want, known); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, bad := range []string{"", "{", "[]", "{}", `{"format":2}`} {
		if _, err := conform.ReadBaseline(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is taken for a report", bad)
		}
	}
}

func validate(t *testing.T, schema, document []byte) error {
	t.Helper()
	s, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", s); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(d)
}

func TestJSONMatchesItsSchema(t *testing.T) {
	text := written(t, Format{Write: JSON}, sample())
	if err := validate(t, Schema, text); err != nil {
		t.Error(err)
	}
	if err := validate(t, Schema, bytes.Replace(text, []byte(`"verdict": "pass"`), []byte(`"verdict": "good"`), 1)); err == nil {
		t.Error("the schema takes an unknown verdict")
	}
}

// schemaModule holds a copy of the schema of OASIS for its own tests.
const schemaModule = "github.com/securego/gosec/v2@v2.29.0"

func TestSARIFMatchesItsSchema(t *testing.T) {
	answer, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", schemaModule).Output()
	if err != nil {
		t.Skipf("the schema of SARIF is in the module %s, which cannot be had: %v", schemaModule, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(answer, &module); err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile(filepath.Join(module.Dir, "report", "sarif", "testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, Format{Write: SARIF}, sample())
	if err := validate(t, schema, text); err != nil {
		t.Error(err)
	}
	if err := validate(t, schema, bytes.Replace(text, []byte(`"kind": "fail"`), []byte(`"kind": "good"`), 1)); err == nil {
		t.Error("the schema takes an unknown kind")
	}
}

// junit.xsd holds what build servers read of JUnit's form, which has no schema
// of its own.
func TestJUnitMatchesItsSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: Debian's package libxml2-utils")
	}
	check := func(document []byte) error {
		c := exec.CommandContext(t.Context(), xmllint, "--noout", "--schema", filepath.Join("testdata", "junit.xsd"), "-")
		c.Stdin = bytes.NewReader(document)
		return c.Run()
	}
	text := written(t, Format{Write: JUnit}, sample())
	if err := check(text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	if err := check(bytes.Replace(text, []byte("<skipped "), []byte("<left-out "), 1)); err == nil {
		t.Error("the schema takes an unknown element")
	}
}

// Perl's harness reads the same points as it would of version 13.
func TestTAPIsReadByAHarness(t *testing.T) {
	prove, err := exec.LookPath("prove")
	if err != nil {
		t.Skip("prove is not installed: Debian's package perl")
	}
	file := filepath.Join(t.TempDir(), "report.tap")
	text := bytes.Replace(written(t, Format{Write: TAP}, sample()), []byte("version 14"), []byte("version 13"), 1)
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), prove, "--exec", "cat", file).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("Failed tests:  2, 7")) || bytes.Contains(out, []byte("Parse error")) {
		t.Errorf("%v, want tests 2 and 7 to have failed and nothing else:\n%s", err, out)
	}
}

// A person who sees only the end of the report on a terminal sees what has failed,
// with advice for the server in use.
func TestFailuresStandAtTheEnd(t *testing.T) {
	r := sample()
	r.Servers = []check.Server{check.Nginx}
	text := string(written(t, Format{Write: Text}, r))
	if at := strings.Index(text, "fail  tftp/2"); at < strings.Index(text, "pass  tftp/1") || at < strings.Index(text, "skip ") {
		t.Errorf("a failure stands before what has passed or was skipped:\n%s", text)
	}
	if !strings.Contains(text, "nginx, in server:\n") || !strings.Contains(text, "any server: list no files\n") || strings.Contains(text, "Apache") {
		t.Errorf("want advice for nginx and for any server only:\n%s", text)
	}
}

func TestQuietTellsFailuresOnly(t *testing.T) {
	text := string(written(t, Format{Write: TextStyle{Quiet: true}.Write}, sample()))
	for _, absent := range []string{"pass ", "skip ", "known "} {
		if strings.Contains(text, "\n"+absent) || strings.HasPrefix(text, absent) {
			t.Errorf("a line %q:\n%s", absent, text)
		}
	}
	if !strings.Contains(text, "fail  tftp/2") || !strings.Contains(text, "error no connection\n      http/4") {
		t.Errorf("a failure is missing:\n%s", text)
	}
}

func TestColoursAreByLevel(t *testing.T) {
	text := string(written(t, Format{Write: TextStyle{Colour: true}.Write}, sample()))
	for _, want := range []string{"\x1b[32mpass ", "\x1b[31mfail ", "\x1b[36minfo "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	if plain := written(t, Format{Write: Text}, sample()); bytes.Contains(plain, []byte("\x1b")) {
		t.Errorf("escape sequences in plain text: %q", plain)
	}
}

// GitHub takes results with a place in a file and a fingerprint only.
func TestSARIFHasWhatGitHubWants(t *testing.T) {
	type log struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	read := func(r *conform.Report) (l log) {
		if err := json.Unmarshal(written(t, Format{Write: SARIF}, r), &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	fromFile := sample()
	fromFile.Target.Source = check.Source{File: "setup/target.yaml", Lines: map[string]int{"profile-rule": 3, "tftp": 7}}
	first, second := read(sample()).Runs[0].Results, read(fromFile).Runs[0].Results
	var ids []string
	for i, r := range first {
		ids = append(ids, r.RuleID)
		if r.Locations[0].PhysicalLocation.ArtifactLocation.URI != "provsim-check" || r.Locations[0].PhysicalLocation.Region.StartLine != 1 {
			t.Errorf("%s: place %+v, want line 1 of provsim-check", r.RuleID, r.Locations[0])
		}
		if r.PartialFingerprints["primaryLocationLineHash"] == "" || i > 0 && r.PartialFingerprints["primaryLocationLineHash"] == first[0].PartialFingerprints["primaryLocationLineHash"] {
			t.Errorf("%s: fingerprints %v, want one of its own", r.RuleID, r.PartialFingerprints)
		}
	}
	if diff := cmp.Diff([]string{"tftp/2", "tftp/3", "http/1"}, ids); diff != "" {
		t.Errorf("failed checks (-), results (+):\n%s", diff)
	}
	for _, r := range second {
		want := map[string]int{"tftp/2": 7, "tftp/3": 7, "http/1": 3}[r.RuleID]
		if got := r.Locations[0].PhysicalLocation; got.ArtifactLocation.URI != "setup/target.yaml" || got.Region.StartLine != want {
			t.Errorf("%s: place %+v, want line %d of the target file", r.RuleID, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	var b strings.Builder
	c := sample().Results[0].Check
	if err := Explain(&b, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{c.ID, c.Title, c.Requirement, c.Source, "must", "security", "autoindex off;"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

func TestRanges(t *testing.T) {
	for _, test := range []struct{ ids, want string }{
		{"tftp/1", "tftp/1"}, {"tftp/1 tftp/2", "tftp/1 tftp/2"}, {"tftp/1 tftp/2 tftp/3 tftp/5 http/6", "tftp/1–3 tftp/5 http/6"},
		{"own/x own/y own/z", "own/x own/y own/z"},
	} {
		if got := ranges(strings.Fields(test.ids)); got != test.want {
			t.Errorf("%s is listed as %s, want %s", test.ids, got, test.want)
		}
	}
}
