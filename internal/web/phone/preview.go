package phone

import (
	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// preview is what would come of settings at the next boot.
type preview struct {
	Rules   []expansion `json:"rules"`
	Fetches []fetch     `json:"fetches"`
}

// expansion is a rule or a file's name with its macros expanded, without secrets.
type expansion struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Fault string `json:"fault,omitempty"`
}

// fetch is what one job would ask for.
type fetch struct {
	Job     string `json:"job"`
	Enabled bool   `json:"enabled"`
	URL     string `json:"url,omitempty"`
	Outcome string `json:"outcome,omitempty"` // where nothing would be fetched
	Note    string `json:"note,omitempty"`
}

// onPaper boots a phone of paper in place of the real one, with its lease. It
// shares nothing with it that the driver's goroutine may change.
func (s *snapshot) onPaper(stored device.Stored) (*device.Device, device.Firmware) {
	model := *s.model
	model.Memo = nil
	paper := device.New(&model, s.status.Identity, &stored)
	paper.Step(device.Input{Kind: device.PowerOn}, nil)
	paper.Step(device.Input{Kind: device.GotLease, Lease: s.lease}, nil)
	return paper, model.Personality.Boot(&model, stored.Config)
}

// preview asks a phone of paper that has the settings what it would fetch.
func (s *snapshot) preview(change profile.Config) preview {
	stored := *s.stored
	stored.Config = stored.Config.Merge(change)
	paper, firmware := s.onPaper(stored)
	timers := firmware.Timers()
	p := preview{Rules: s.expansions(stored.Config)}
	for _, job := range []struct {
		job     resync.Job
		enabled bool
	}{{resync.Resync, timers.Provision}, {resync.Upgrade, timers.Upgrade}} {
		_, url, verdict := firmware.Request(paper, job.job)
		f := fetch{Job: job.job.String(), Enabled: job.enabled, URL: url, Outcome: verdict.Outcome.String(), Note: verdict.Note}
		if job.job == resync.Upgrade && s.empty(stored.Config, profile.UpgradeRule) {
			f = fetch{Job: f.Job, Enabled: job.enabled, Note: "Upgrade Rule is empty, nothing is fetched"}
		}
		p.Fetches = append(p.Fetches, f)
	}
	return p
}

func (s *snapshot) empty(c profile.Config, kind profile.Type) bool {
	p, _ := s.model.Parameters.First(kind)
	r, err := profile.ParseRule(value(c, p))
	return err == nil && r.IsZero()
}

// expansions returns what the macros of the rules and the file's name come to.
func (s *snapshot) expansions(c profile.Config) []expansion {
	vars := s.model.Personality.Vars(s.status.Identity, s.lease)
	syntax := s.model.Personality.Macros(s.model.Quirks)
	var list []expansion
	for p := range s.model.Parameters.All() {
		text := value(c, p)
		switch p.Type {
		case profile.FileName:
			list = append(list, expansion{Name: p.Web, Text: macro.Expand(text, vars, syntax)})
		case profile.ProfileRule, profile.UpgradeRule:
			r, err := profile.ParseRule(text)
			if err != nil {
				list = append(list, expansion{Name: p.Web, Text: redacted(text), Fault: err.Error()})
			} else if !r.IsZero() {
				list = append(list, expansion{Name: p.Web, Text: r.Expand(vars, syntax).Redacted()})
			}
		}
	}
	return list
}
