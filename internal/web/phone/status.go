package phone

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/profile/rule"
	"provsim/resync"
)

// status is the data of the Status page and of GET /api/status.
type status struct {
	Product  string `json:"product"`
	Serial   string `json:"serial"`
	MAC      string `json:"mac"`
	Hardware string `json:"hardware"`
	Software string `json:"software"`
	Address  string `json:"address,omitempty"`
	Option66 string `json:"option66,omitempty"`
	Lease    string `json:"lease,omitempty"` // what the latest lease said

	Doing  string `json:"doing"`
	Online bool   `json:"online"`
	Next   *due   `json:"next,omitempty"`
	Lines  []line `json:"lines"`
	// IdleLeft is what the forced-resync counter has left, in seconds (FV-RS-7).
	IdleLeft int64 `json:"idle_left"`

	Version     string     `json:"version"` // of the configuration applied last
	LastSuccess *time.Time `json:"last_success,omitempty"`
	Provision   bool       `json:"provision"` // Provision Enable is on
	Waiting     []string   `json:"waiting"`   // settings that a reboot makes effective
	Jobs        []job      `json:"jobs"`      // the latest outcomes, newest first
}

// due is the job that comes next.
type due struct {
	Job   string `json:"job"`
	Cause string `json:"cause"`
	Left  int64  `json:"left"`            // seconds
	Waits string `json:"waits,omitempty"` // what a job that is due waits for
}

type line struct {
	Number int  `json:"line"`
	Active bool `json:"active"`
}

// job is a job that has ended.
type job struct {
	When    string `json:"when"`
	Job     string `json:"job"`
	Outcome string `json:"outcome"`
	Good    bool   `json:"success"`
	URL     string `json:"url,omitempty"`
	Version string `json:"version,omitempty"`
	Note    string `json:"note,omitempty"`
}

// status describes a snapshot.
func (p *Page) status(s *snapshot) status {
	id := s.status.Identity
	v := status{
		Product: id.Product, Serial: id.Serial, MAC: id.MAC.Colons(), Hardware: id.Hardware, Software: id.Software,
		Option66: rule.Redact(s.lease.Offer.Text(66)), Doing: s.status.Doing(), Online: s.status.Online, Next: s.next(), Lines: s.lines(),
		IdleLeft: s.left(s.status.IdleAt), Version: s.stored.Version, Provision: s.status.Provision,
		Waiting: []string{}, Jobs: []job{},
	}
	if s.lease.Addr.IsValid() {
		v.Address, v.Lease = s.lease.Addr.String(), p.history.leaseNote()
	}
	if !s.stored.LastSuccess.IsZero() {
		v.LastSuccess = &s.stored.LastSuccess
	}
	for _, p := range s.waiting() {
		v.Waiting = append(v.Waiting, p.Web)
	}
	for _, e := range p.history.jobs() {
		v.Jobs = append(v.Jobs, job{e.When(), e.Job, e.Outcome, e.Good, e.URL, e.Version, e.Note})
	}
	return v
}

func (s *snapshot) next() *due {
	st := s.status
	if st.At == resync.Never {
		return nil
	}
	d := &due{Job: st.Next.String(), Cause: st.Cause.String(), Left: s.left(st.At)}
	switch {
	case st.Waits && st.InCall:
		d.Waits = "the end of the call"
	case st.Waits:
		d.Waits, d.Left = "the idle counter", s.left(st.IdleAt)
	}
	return d
}

func (s *snapshot) lines() []line {
	lines := make([]line, 0, device.Lines)
	for i, active := range s.status.Lines {
		lines = append(lines, line{i + 1, active})
	}
	return lines
}

// left returns the whole seconds until an instant, 0 where it is past or never.
func (s *snapshot) left(at time.Duration) int64 {
	if at == resync.Never || at <= s.now {
		return 0
	}
	return int64(math.Ceil((at - s.now).Seconds()))
}

// Spoken returns seconds in words; live.js counts down in this form.
func spoken(seconds int64) string {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %d min %d s", h, m, s)
	case m > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	}
	return fmt.Sprintf("%d s", s)
}

// Spoken returns what is left.
func (d *due) Spoken() string { return spoken(d.Left) }

// IdleSpoken returns what the counter has left.
func (s status) IdleSpoken() string { return spoken(s.IdleLeft) }

// Busy reports whether a line is active.
func (s status) Busy() bool {
	for _, l := range s.Lines {
		if l.Active {
			return true
		}
	}
	return false
}

// Succeeded returns the time of the last success.
func (s status) Succeeded() string {
	if s.LastSuccess == nil {
		return "never"
	}
	return s.LastSuccess.UTC().Format(time.DateTime) + " UTC"
}

// statusView is the data of the Status page.
type statusView struct {
	status
	Tail []entry
}

// shownTail is how many records the Status page shows.
const shownTail = 10

func (p *Page) statusView(ctx context.Context) (statusView, error) {
	s, err := p.look(ctx)
	if err != nil {
		return statusView{}, err
	}
	tail := p.history.latest(keptRecords)
	return statusView{p.status(s), tail[:min(shownTail, len(tail))]}, nil
}

func (p *Page) statusPage(w http.ResponseWriter, r *http.Request) error {
	v, err := p.statusView(r.Context())
	if err != nil {
		return err
	}
	return p.app.Render(w, r, app.Page{Name: "status", Title: "Status", Live: "/status/live", Data: v})
}

func (p *Page) statusLive(w http.ResponseWriter, r *http.Request) error {
	return p.app.Stream(w, r, &p.hub, func(ctx context.Context) (map[string]string, error) {
		v, err := p.statusView(ctx)
		if err != nil {
			return nil, err
		}
		html, err := p.app.Fragment("status", "state", v)
		return map[string]string{"state": html}, err
	})
}
