package phone

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"provsim/device"
	"provsim/internal/web/app"
)

//go:embed openapi.json
var description []byte

// told is the answer to a request that changes something.
type told struct {
	Text    string   `json:"text"`
	Changed int      `json:"changed,omitempty"`
	LeftOut []string `json:"left_out,omitempty"`
	Warning string   `json:"warning,omitempty"`
}

func (p *Page) apiDescription(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(description)
	return nil
}

func (p *Page) apiStatus(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	return app.WriteJSON(w, p.status(s))
}

// apiJournal answers with records as JSON lines do, the newest first.
func (p *Page) apiJournal(w http.ResponseWriter, _ *http.Request) error {
	return app.WriteJSON(w, map[string][]json.RawMessage{"records": p.history.lines()})
}

func (p *Page) apiSettings(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	return app.WriteJSON(w, map[string]any{"settings": s.fields(nil), "parameters": s.parameters()})
}

// apiSave stores settings by their names on the page or in files.
func (p *Page) apiSave(w http.ResponseWriter, r *http.Request) error {
	typed := map[string]string{}
	if err := app.ReadJSON(r, &typed); err != nil {
		return err
	}
	n, faults, err := p.save(r.Context(), typed)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		return json.NewEncoder(w).Encode(map[string]any{"error": "nothing is stored", "faults": faults})
	}
	return app.WriteJSON(w, told{Text: saved(n), Changed: n})
}

func (p *Page) apiPreview(w http.ResponseWriter, r *http.Request) error {
	typed := map[string]string{}
	if err := app.ReadJSON(r, &typed); err != nil {
		return err
	}
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	change, faults := s.change(typed)
	return app.WriteJSON(w, struct {
		preview
		Faults map[string]string `json:"faults"`
	}{s.preview(change), faults})
}

func (p *Page) apiCertificates(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	return app.WriteJSON(w, map[string][]installed{"certificates": describe(certificates(s.stored), time.Now())})
}

func (p *Page) apiCertificate(w http.ResponseWriter, r *http.Request) error {
	u, ok := findUpdateType(r.PathValue("kind"))
	if !ok {
		return &app.Error{Status: http.StatusNotFound, Text: "there is ca, cert and key"}
	}
	var file struct {
		PEM  string `json:"pem"`
		Pass string `json:"pass"`
	}
	if err := app.ReadJSON(r, &file); err != nil {
		return err
	}
	warning, err := p.install(r, u, []byte(file.PEM), file.Pass)
	if err != nil {
		return err
	}
	return app.WriteJSON(w, told{Text: u.Title + " is stored.", Warning: warning})
}

func (p *Page) apiConfig(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	n, leftOut, err := p.restore(r.Context(), body)
	if err != nil {
		return err
	}
	return app.WriteJSON(w, told{Text: saved(n), Changed: n, LeftOut: leftOut})
}

func (p *Page) apiFirmware(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	in, version, err := p.image(r.Context(), r.URL.Query().Get("name"), body)
	if err != nil {
		return err
	}
	return p.apiTell(w, "Firmware "+version+" is installed, and the phone reboots.", in)
}

// apiTell answers first and tells the phone then, because the phone may reboot at
// once.
func (p *Page) apiTell(w http.ResponseWriter, text string, in device.Input) error {
	if err := app.WriteJSON(w, told{Text: text}); err != nil {
		return err
	}
	p.tell(in)
	return nil
}

func (p *Page) apiLine(w http.ResponseWriter, r *http.Request) error {
	n, err := lineOf(r)
	if err != nil {
		return err
	}
	var hook struct {
		Active *bool `json:"active"`
	}
	if err := app.ReadJSON(r, &hook); err != nil {
		return err
	}
	if hook.Active == nil {
		return app.BadRequest("the member active is missing, want true or false")
	}
	return p.apiTell(w, "The line is changed.", device.Input{Kind: device.SetLine, Line: n, Active: *hook.Active})
}

func (p *Page) apiResync(w http.ResponseWriter, r *http.Request) error {
	kind, text, err := p.askResync(r.Context())
	if err != nil {
		return err
	}
	if kind == "bad" {
		return &app.Error{Status: http.StatusConflict, Text: text}
	}
	return app.WriteJSON(w, told{Text: text})
}

func (p *Page) apiReboot(w http.ResponseWriter, _ *http.Request) error {
	return p.apiTell(w, "The phone reboots.", device.Input{Kind: device.AskReboot})
}

func (p *Page) apiReset(w http.ResponseWriter, r *http.Request) error {
	var sure struct {
		Confirm bool `json:"confirm"`
	}
	if err := app.ReadJSON(r, &sure); err != nil {
		return err
	}
	if !sure.Confirm {
		return app.BadRequest(`the factory reset was not confirmed, want "confirm": true`)
	}
	return p.apiTell(w, "All settings and certificates are gone, and the phone reboots.", device.Input{Kind: device.AskReset})
}
