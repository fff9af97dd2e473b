package format

import (
	"io"
	"path"

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
		Tool    sarifTool     `json:"tool"`
		Invoked []sarifCall   `json:"invocations"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifCall struct {
		Successful bool   `json:"executionSuccessful"`
		Start      string `json:"startTimeUtc"`
		End        string `json:"endTimeUtc"`
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
		Baseline     string             `json:"baselineState,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifPlace struct {
		Logical []sarifLogical `json:"logicalLocations"`
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

// SARIF writes the report for programs that collect findings of many tools.
func SARIF(w io.Writer, r *conform.Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: "provsim check", Rules: []sarifRule{}}},
		Invoked: []sarifCall{{
			Successful: !r.Interrupted,
			Start:      r.Began.UTC().Format(sarifTime), End: r.Began.Add(r.Took).UTC().Format(sarifTime),
		}},
		Results: []sarifResult{},
	}
	for i := range r.Results {
		result := &r.Results[i]
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule(result.Check))
		run.Results = append(run.Results, found(i, result))
	}
	return encode(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

const sarifTime = "2006-01-02T15:04:05.000Z"

func rule(c check.Check) sarifRule {
	help := "Source: " + c.Source + "."
	for _, server := range servers(c) {
		help += "\n" + string(server) + ": " + c.Advice[server]
	}
	tags := []string{path.Dir(c.ID)}
	for _, t := range c.Tags {
		tags = append(tags, string(t))
	}
	return sarifRule{
		ID: c.ID, Short: sarifText{c.Title}, Full: sarifText{c.Requirement}, Help: sarifText{help},
		Default: sarifDefaults{sarifLevels[c.Level]}, Properties: sarifBag{tags},
	}
}

// found returns a result. Its level is none unless it is a failure, as section
// 3.27.10 wants it.
func found(index int, r *conform.Result) sarifResult {
	s := sarifResult{
		RuleID: r.Check.ID, RuleIndex: index, Kind: sarifKinds[r.Verdict], Level: "none",
		Message:   sarifText{r.Actual},
		Locations: []sarifPlace{{[]sarifLogical{{Name: path.Dir(r.Check.ID), Kind: "module"}}}},
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
	return s
}
