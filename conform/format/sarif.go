package format

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"provsim/conform"
	"provsim/conform/check"
)

// The parts of SARIF 2.1.0 (OASIS, section 3) that a report has.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool      sarifTool       `json:"tool"`
		Invoked   []sarifCall     `json:"invocations"`
		Artifacts []sarifArtifact `json:"artifacts"`
		Results   []sarifResult   `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifCall struct {
		Successful bool        `json:"executionSuccessful"`
		Start      string      `json:"startTimeUtc"`
		End        string      `json:"endTimeUtc"`
		Notes      []sarifNote `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNote struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifArtifact struct {
		Location sarifURI   `json:"location"`
		Contents *sarifText `json:"contents,omitempty"`
	}
	sarifURI struct {
		URI string `json:"uri"`
	}
	sarifRule struct {
		ID         string        `json:"id"`
		Short      sarifText     `json:"shortDescription"`
		Full       sarifText     `json:"fullDescription"`
		Help       sarifText     `json:"help"`
		Default    sarifDefaults `json:"defaultConfiguration"`
		Properties sarifBag      `json:"properties"`
	}
	sarifDefaults struct {
		Level string `json:"level"`
	}
	sarifBag struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifPlace       `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Baseline     string             `json:"baselineState,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifPlace struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifURI    `json:"artifactLocation"`
		Region   sarifRegion `json:"region"`
	}
	sarifRegion struct {
		Line int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
)

// The words of SARIF for levels (section 3.27.10) and verdicts (section 3.27.9).
var (
	sarifLevels = map[check.Level]string{check.Must: "error", check.Should: "warning", check.Info: "note"}
	sarifKinds  = map[check.Verdict]string{
		check.Passed: "pass", check.Failed: "fail", check.Skipped: "notApplicable", check.Errored: "open",
	}
)

// SARIF writes what has failed for programs that collect findings of many tools.
// Checks that could not be carried out are notifications of the run.
func SARIF(w io.Writer, r *conform.Report) error { return sarif(w, r, false) }

// SARIFAll is [SARIF] with a result for each check, also for those that passed.
func SARIFAll(w io.Writer, r *conform.Report) error { return sarif(w, r, true) }

func sarif(w io.Writer, r *conform.Report, all bool) error {
	call := sarifCall{
		Successful: !r.Interrupted,
		Start:      r.Began.UTC().Format(sarifTime), End: r.Began.Add(r.Took).UTC().Format(sarifTime),
	}
	rules, results, indexes := []sarifRule{}, []sarifResult{}, map[string]int{} // of rules, by ID
	for i := range r.Results {
		result := &r.Results[i]
		if result.Verdict == check.Errored {
			call.Notes = append(call.Notes, sarifNote{"error", sarifText{result.Name() + " could not be carried out: " + result.Detail}})
		}
		if all || result.Verdict == check.Failed {
			index, known := indexes[result.Check.ID]
			if !known {
				index = len(rules)
				indexes[result.Check.ID] = index
				rules = append(rules, rule(result.Check, r.Servers))
			}
			results = append(results, found(r, index, result))
		}
	}
	return encode(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:    sarifTool{sarifDriver{Name: "provsim check", Rules: rules}},
			Invoked: []sarifCall{call}, Artifacts: []sarifArtifact{artifact(r)}, Results: results,
		}},
	})
}

const sarifTime = "2006-01-02T15:04:05.000Z"

func rule(c check.Check, inUse []check.Server) sarifRule {
	var help strings.Builder
	fmt.Fprintf(&help, "Source: %s.\n", c.Source)
	advise(&help, "", c.Advice, inUse)
	tags := []string{path.Dir(c.ID)}
	for _, t := range c.Tags {
		tags = append(tags, string(t))
	}
	return sarifRule{
		ID: c.ID, Short: sarifText{c.Title}, Full: sarifText{c.Requirement}, Help: sarifText{strings.TrimSuffix(help.String(), "\n")},
		Default: sarifDefaults{sarifLevels[c.Level]}, Properties: sarifBag{tags},
	}
}

// commandLine names what stands for a target that no file describes. Programs
// that show findings want each to have a place in a file.
const commandLine = "provsim-check"

// artifact returns the target file, or what was asked on the command line.
func artifact(r *conform.Report) sarifArtifact {
	if r.Target.Source.File != "" {
		return sarifArtifact{Location: sarifURI{filepath.ToSlash(r.Target.Source.File)}}
	}
	return sarifArtifact{Location: sarifURI{commandLine}, Contents: &sarifText{"provsim check " + strings.Join(r.TargetFlags(), " ")}}
}

// keys are those of a target file that a group of checks is about, the first one
// that is there.
var keys = map[string][]string{
	"tftp":  {"tftp", "profile-rule", "option66"},
	"http":  {"http", "profile-rule", "option66"},
	"https": {"https", "profile-rule", "option66"},
	"dhcp":  {"dhcp"}, "ip-office": {"ip-office"},
}

// line returns the line of the target file that a group of checks is about.
func line(r *conform.Report, group string) int {
	for _, key := range append(keys[group], "profile-rule", "option66") {
		if line := r.Target.Source.Lines[key]; line > 0 {
			return line
		}
	}
	return 1
}

// fingerprint is the same for the same check of the same target in every run.
func fingerprint(r *conform.Report, id string) string {
	asked, _ := json.Marshal(r.TargetFlags()) // of texts, which cannot fail
	return fmt.Sprintf("%x", sha256.Sum256(append([]byte(id), asked...)))[:32]
}

// found returns a result. Its level is none unless it is a failure, as section
// 3.27.10 wants it.
func found(report *conform.Report, index int, r *conform.Result) sarifResult {
	group := path.Dir(r.Check.ID)
	mark := fingerprint(report, r.Name())
	s := sarifResult{
		RuleID: r.Check.ID, RuleIndex: index, Kind: sarifKinds[r.Verdict], Level: "none",
		Message: sarifText{r.Actual},
		Locations: []sarifPlace{{
			Physical: sarifPhysical{artifact(report).Location, sarifRegion{line(report, group)}},
			Logical:  []sarifLogical{{Name: group, Kind: "module"}},
		}},
		// GitHub reads the first name only.
		Fingerprints: map[string]string{"primaryLocationLineHash": mark + ":1", "provsim/v1": mark},
	}
	switch r.Verdict {
	case check.Failed:
		s.Level = sarifLevels[r.Check.Level]
		s.Message.Text = "expected: " + r.Expected + "; actual: " + r.Actual
		if r.Known {
			s.Baseline, s.Suppressions = "unchanged", []sarifSuppression{{"external"}}
		}
	case check.Skipped, check.Errored:
		s.Message.Text = r.Detail
	}
	if s.Message.Text == "" {
		s.Message.Text = r.Check.Title
	}
	if r.Vendor != "" {
		s.Message.Text = r.Vendor + ": " + s.Message.Text
	}
	return s
}
