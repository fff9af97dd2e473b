package phone

import (
	"context"
	"net/http"
	"slices"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/profile"
	"provsim/resync"
)

// provisionView is the data of the Provision page.
type provisionView struct {
	Fields     []field
	Preview    preview
	Waiting    []profile.Parameter
	Parameters []parameter
	Version    string
	Refused    bool // nothing was stored, because of faults
}

func (s *snapshot) provisionView(typed map[string]string) provisionView {
	change, _ := s.change(typed)
	return provisionView{
		Fields: s.fields(typed), Preview: s.preview(change), Waiting: s.waiting(),
		Parameters: s.parameters(), Version: s.stored.Version,
	}
}

// Faulty returns the fields that have a fault.
func (v provisionView) Faulty() []field {
	return slices.DeleteFunc(slices.Clone(v.Fields), func(f field) bool { return f.Fault == "" })
}

func (p *Page) provisionPage(w http.ResponseWriter, r *http.Request) error {
	return p.showProvision(w, r, http.StatusOK, nil)
}

func (p *Page) showProvision(w http.ResponseWriter, r *http.Request, status int, typed map[string]string) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	v := s.provisionView(typed)
	v.Refused = status != http.StatusOK
	return p.app.Render(w, r, app.Page{Name: "provision", Title: "Provision", Status: status, Data: v})
}

// typed returns the settings of a form, by their names in files.
func (p *Page) typed(r *http.Request) map[string]string {
	typed := map[string]string{}
	for known := range p.model.Parameters.All() {
		if known.Web != "" && r.PostForm.Has(known.Name) {
			typed[known.Name] = r.PostForm.Get(known.Name)
		}
	}
	return typed
}

// saveSettings stores a form, or shows it again with what is wrong.
func (p *Page) saveSettings(w http.ResponseWriter, r *http.Request) error {
	typed := p.typed(r)
	if r.PostForm.Has("preview") {
		return p.showProvision(w, r, http.StatusOK, typed)
	}
	n, faults, err := p.save(r.Context(), typed)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return p.showProvision(w, r, http.StatusUnprocessableEntity, typed)
	}
	app.Of(r).Tell("good", saved(n))
	http.Redirect(w, r, "/provision", http.StatusSeeOther)
	return nil
}

// save stores all of the typed settings, or none where one has a fault.
func (p *Page) save(ctx context.Context, typed map[string]string) (n int, faults map[string]string, err error) {
	s, err := p.look(ctx)
	if err != nil {
		return 0, nil, err
	}
	change, faults := s.change(typed)
	if len(faults) > 0 || change.Len() == 0 {
		return 0, faults, nil
	}
	p.tell(device.Input{Kind: device.Configure, Config: change})
	return change.Len(), nil, nil
}

// previewParts answers the script that shows the effect of what is typed.
func (p *Page) previewParts(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	v := s.provisionView(p.typed(r))
	html, err := p.app.Fragment("provision", "preview", v.Preview)
	if err != nil {
		return err
	}
	parts := map[string]string{"preview": html}
	for _, f := range v.Fields {
		if parts["fault-"+f.File], err = p.app.Fragment("provision", "fault", f); err != nil {
			return err
		}
	}
	return app.WriteJSON(w, parts)
}

// resyncNow asks for a resync at once.
func (p *Page) resyncNow(w http.ResponseWriter, r *http.Request) error {
	kind, text, err := p.askResync(r.Context())
	if err != nil {
		return err
	}
	app.Of(r).Tell(kind, text)
	http.Redirect(w, r, "/status", http.StatusSeeOther)
	return nil
}

func (p *Page) askResync(ctx context.Context) (kind, text string, err error) {
	s, err := p.look(ctx)
	if err != nil {
		return "", "", err
	}
	if !s.status.Provision {
		return "bad", "Provision Enable is off, so the phone does not resync.", nil
	}
	p.tell(device.Input{Kind: device.AskResync, Cause: resync.Person})
	if s.status.InCall {
		return "warn", "A resync was asked for. It waits for the end of the call.", nil
	}
	return "good", "A resync was asked for.", nil
}
