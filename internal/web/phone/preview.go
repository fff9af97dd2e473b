package phone

import (
	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
	"provsim/resync"
)

// preview is the effect that settings would have at the next boot.
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

// fetch is the request of one job.
type fetch struct {
	Job     string `json:"job"`
	Enabled bool   `json:"enabled"`
	URL     string `json:"url,omitempty"`
	Outcome string `json:"outcome,omitempty"` // where nothing would be fetched
	Note    string `json:"note,omitempty"`
}

// trial boots a copy of the phone, with its lease. The copy shares nothing with the
// phone that the driver's goroutine may change.
func (s *snapshot) trial(stored device.Stored) *device.Device {
	return device.Rehearsal(s.model, s.status.Identity, &stored, s.lease)
}

// preview returns what a copy of the phone with the settings would fetch.
func (s *snapshot) preview(change profile.Config) preview {
	stored := *s.stored
	stored.Config = stored.Config.Merge(change)
	trial := s.trial(stored)
	timers := trial.Timers()
	p := preview{Rules: s.expansions(stored.Config)}
	for _, job := range []struct {
		job     resync.Job
		enabled bool
	}{{resync.Resync, timers.On(resync.Resync)}, {resync.Upgrade, timers.On(resync.Upgrade)}} {
		move := trial.FirstMove(job.job)
		f := fetch{Job: job.job.String(), Enabled: job.enabled, URL: move.URL, Outcome: move.Outcome.String(), Note: move.Note}
		if job.job == resync.Upgrade && s.empty(stored.Config, rule.Upgrade) {
			f = fetch{Job: f.Job, Enabled: job.enabled, Note: "Upgrade Rule is empty, nothing is fetched"}
		}
		p.Fetches = append(p.Fetches, f)
	}
	return p
}

func (s *snapshot) empty(c profile.Config, kind profile.Type) bool {
	p, _ := s.model.Parameters.First(kind)
	r, err := rule.Parse(value(c, p))
	return err == nil && r.IsZero()
}

// expansions returns the rules and the file's name with their macros expanded.
func (s *snapshot) expansions(c profile.Config) []expansion {
	vars := s.model.Personality.Vars(s.status.Identity, s.lease)
	syntax := s.model.Personality.Macros(s.model.Quirks)
	var list []expansion
	for p := range s.model.Parameters.All() {
		text := value(c, p)
		switch p.Type {
		case profile.FileName:
			list = append(list, expansion{Name: p.Web, Text: macro.Expand(text, vars, syntax)})
		case rule.Profile, rule.Upgrade:
			r, err := rule.Parse(text)
			if err != nil {
				list = append(list, expansion{Name: p.Web, Text: redacted(text), Fault: err.Error()})
			} else if !r.IsZero() {
				list = append(list, expansion{Name: p.Web, Text: r.Expand(vars, syntax).Redacted()})
			}
		}
	}
	return list
}
