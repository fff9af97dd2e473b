package conform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"provsim/conform/check"
	"provsim/profile/rule"
)

// reportFormat is the version of a report's JSON form. It changes when a reader
// of the old form would misread the new one.
const reportFormat = 1

// reportForm is a report as JSON; report.schema.json describes it.
type reportForm struct {
	Format      int            `json:"format"`
	Began       time.Time      `json:"began"`
	Took        float64        `json:"took"` // seconds
	Interrupted bool           `json:"interrupted"`
	OK          bool           `json:"ok"`
	Target      targetForm     `json:"target"`
	Counts      map[string]int `json:"counts"`            // by verdict, and "known"
	Servers     []check.Server `json:"servers,omitempty"` // that have named themselves
	Vendors     []Vendor       `json:"vendors,omitempty"` // in a report of several
	Results     []resultForm   `json:"results"`
}

// targetForm is what a report says about its target. Rules are without their
// secrets, and certificates are left out.
type targetForm struct {
	ProfileRule string   `json:"profile_rule,omitempty"`
	Option66    string   `json:"option66,omitempty"`
	UpgradeRule string   `json:"upgrade_rule,omitempty"`
	Phones      []string `json:"phones,omitempty"`
	List        string   `json:"phones_file,omitempty"` // in place of them
	TFTP        string   `json:"tftp,omitempty"`
	HTTP        string   `json:"http,omitempty"`
	HTTPS       string   `json:"https,omitempty"`
	DHCP        string   `json:"dhcp,omitempty"`
	IPOffice    string   `json:"ip_office,omitempty"`
	Base        int      `json:"base,omitempty"`       // of its ports
	PortShift   int      `json:"port_shift,omitempty"` // of its ports
}

type resultForm struct {
	ID          string                  `json:"id"`
	Vendor      string                  `json:"vendor,omitempty"` // in a report of several
	Title       string                  `json:"title"`
	Requirement string                  `json:"requirement"`
	Source      string                  `json:"source"`
	Level       check.Level             `json:"level"`
	Tags        []check.Tag             `json:"tags,omitempty"`
	Verdict     check.Verdict           `json:"verdict"`
	Known       bool                    `json:"known,omitempty"`
	Expected    string                  `json:"expected,omitempty"`
	Actual      string                  `json:"actual,omitempty"`
	Detail      string                  `json:"detail,omitempty"`
	Advice      map[check.Server]string `json:"advice,omitempty"` // of what is not met, in a line
	Config      map[check.Server]string `json:"config,omitempty"` // lines for the servers' configurations
	Began       float64                 `json:"began"`            // seconds since the examination began
	Took        float64                 `json:"took"`             // seconds
}

// MarshalJSON returns the report as programs read it. No secret of the target is
// in it.
func (r *Report) MarshalJSON() ([]byte, error) {
	form := reportForm{
		Format: reportFormat, Began: r.Began.UTC(), Took: r.Took.Seconds(), Interrupted: r.Interrupted, OK: r.OK(),
		Target: describe(&r.Target), Counts: map[string]int{"known": r.Known()}, Servers: r.Servers, Vendors: r.Vendors, Results: []resultForm{},
	}
	for v := check.Passed; v <= check.Errored; v++ {
		form.Counts[v.String()] = r.Count(v)
	}
	for _, result := range r.Results {
		c := result.Check
		f := resultForm{
			ID: c.ID, Vendor: result.Vendor, Title: c.Title, Requirement: c.Requirement, Source: c.Source, Level: c.Level, Tags: c.Tags,
			Verdict: result.Verdict, Known: result.Known,
			Expected: result.Expected, Actual: result.Actual, Detail: result.Detail,
			Began: result.Began.Seconds(), Took: result.Took.Seconds(),
		}
		if result.Verdict == check.Failed {
			f.Advice, f.Config = map[check.Server]string{}, map[check.Server]string{}
			for server, a := range c.Advice {
				f.Advice[server] = a.String()
				if a.Config != "" {
					f.Config[server] = a.Config
				}
			}
		}
		form.Results = append(form.Results, f)
	}
	return json.Marshal(form)
}

// describe returns what a report says about its target.
func describe(t *check.Target) targetForm {
	form := targetForm{
		ProfileRule: redacted(t.ProfileRule), Option66: redacted66(t.Option66), UpgradeRule: redacted(t.UpgradeRule),
		TFTP: t.TFTP.Server, HTTP: redactedURL(t.HTTP), HTTPS: redactedURL(t.HTTPS), DHCP: t.DHCP.Interface + t.DHCP.Relay,
	}
	if u := t.IPOffice; u.Address.IsValid() {
		form.IPOffice, form.Base, form.PortShift = u.Address.String(), u.Base, u.Shift
	}
	if form.List = t.List; t.List != "" {
		return form
	}
	for _, phone := range t.Phones {
		form.Phones = append(form.Phones, phone.MAC.String())
	}
	return form
}

// TargetFlags returns the flags of the command line that name the target, without
// its secrets.
func (r *Report) TargetFlags() (words []string) {
	t := describe(&r.Target)
	for _, flag := range []struct{ name, value string }{
		{"profile-rule", t.ProfileRule}, {"option66", t.Option66}, {"upgrade-rule", t.UpgradeRule},
		{"tftp", t.TFTP}, {"http", t.HTTP}, {"https", t.HTTPS}, {"dhcp", t.DHCP}, {"ip-office", t.IPOffice}, {"phones", t.List},
	} {
		if flag.value != "" {
			words = append(words, "--"+flag.name+" '"+flag.value+"'")
		}
	}
	if t.IPOffice != "" {
		words = append(words, fmt.Sprintf("--base %d --port-shift %d", t.Base, t.PortShift))
	}
	for _, mac := range t.Phones {
		words = append(words, "--mac "+mac)
	}
	return words
}

// redacted returns a rule for people; one that does not parse may hold anything.
func redacted(text string) string { return rule.Show(text) }

// redactedURL returns a URL without what may be a user and a password.
func redactedURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "a text that is no URL"
	}
	u.User = nil
	return u.String()
}

func redacted66(value string) string {
	if value == "" {
		return ""
	}
	r, _, err := rule.ParseOption66(value, "x")
	if err != nil {
		return "a text that is of no use"
	}
	if r.User == "" && r.Password == "" {
		return value
	}
	return r.Redacted()
}

// A Known is a finding of an earlier examination that no longer counts.
type Known struct{ ID, Vendor, Expected, Actual string }

// maxBaseline is the size in bytes of the largest report that ReadBaseline takes.
const maxBaseline = 16 << 20

// ReadBaseline reads the failures of an earlier report in JSON, for
// [Options].Baseline.
func ReadBaseline(r io.Reader) ([]Known, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBaseline+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxBaseline:
		return nil, fmt.Errorf("baseline: want a report of at most %d bytes", maxBaseline)
	}
	var form struct {
		Format  int `json:"format"`
		Results []struct {
			ID, Vendor, Expected, Actual string
			Verdict                      string
		} `json:"results"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return nil, fmt.Errorf("baseline: want a report in JSON: %w", err)
	}
	switch {
	case form.Format == 0:
		return nil, errors.New("baseline: found JSON without a format, want a report of an examination")
	case form.Format != reportFormat:
		return nil, fmt.Errorf("baseline: found format %d, want %d", form.Format, reportFormat)
	}
	var known []Known
	for _, result := range form.Results {
		if result.Verdict == check.Failed.String() {
			known = append(known, Known{result.ID, result.Vendor, result.Expected, result.Actual})
		}
	}
	return known, nil
}
