package fleet

import (
	_ "embed"
	"net/http"

	"provsim/internal/report"
	"provsim/internal/tally"
	"provsim/internal/web/app"
)

//go:embed openapi.json
var description []byte

func (p *Page) apiDescription(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Write(description)
	return nil
}

// standing is how a run stands.
type standing struct {
	At          float64        `json:"at"`          // seconds since the run began
	Until       float64        `json:"until"`       // when it is meant to end
	Running     bool           `json:"running"`     // it goes on
	States      map[string]int `json:"states"`      // devices
	Provisioned int            `json:"provisioned"` // devices
	Rate        float64        `json:"rate"`        // resyncs a second, over the last ten seconds
	Summary     *tally.Summary `json:"summary"`     // so far, as in summary.json
}

func (p *Page) apiRun(w http.ResponseWriter, r *http.Request) error {
	v, err := p.look(r.Context())
	if err != nil {
		return err
	}
	end := v.end()
	return app.WriteJSON(w, standing{
		At: v.now.Seconds(), Until: v.until.Seconds(), Running: p.control != nil,
		States: byState(end.States), Provisioned: end.Provisioned, Rate: v.rate, Summary: v.results.Summary,
	})
}

func byState(counts [tally.NumStates]int) map[string]int {
	words := map[string]int{}
	for state, n := range counts {
		words[tally.State(state).String()] = n
	}
	return words
}

// step is a bin of the curves with its states by their words.
type step struct {
	report.Bin
	States map[string]int `json:"states"`
}

func (p *Page) apiCurves(w http.ResponseWriter, r *http.Request) error {
	v, err := p.look(r.Context())
	if err != nil {
		return err
	}
	list := make([]step, 0, len(v.series.Bins))
	for _, b := range v.series.Bins {
		list = append(list, step{b, byState(b.States)})
	}
	return app.WriteJSON(w, map[string]any{"width": v.series.Width, "steps": list})
}

func (p *Page) apiDevices(w http.ResponseWriter, r *http.Request) error {
	_, l, err := p.asked(r)
	if err != nil {
		return err
	}
	return app.WriteJSON(w, l)
}

func (p *Page) apiDevice(w http.ResponseWriter, r *http.Request) error {
	d, err := p.profile(r.Context(), r.PathValue("mac"))
	if err != nil {
		return err
	}
	return app.WriteJSON(w, d)
}

// told is the answer to a request that changes something.
type told struct {
	Text string `json:"text"`
}

func (p *Page) apiPowerCut(w http.ResponseWriter, r *http.Request) error {
	c := powerCut{Percent: 100}
	if err := app.ReadJSON(r, &c); err != nil {
		return err
	}
	text, err := p.cutPower(c)
	if err != nil {
		return err
	}
	return app.WriteJSON(w, told{text})
}

func (p *Page) apiResync(w http.ResponseWriter, r *http.Request) error {
	a := ask{Percent: 100}
	if err := app.ReadJSON(r, &a); err != nil {
		return err
	}
	text, err := p.askResync(a)
	if err != nil {
		return err
	}
	return app.WriteJSON(w, told{text})
}

// apiStop answers before the run ends, and the page with it.
func (p *Page) apiStop(w http.ResponseWriter, r *http.Request) error {
	var sure struct {
		Confirm bool `json:"confirm"`
	}
	if err := app.ReadJSON(r, &sure); err != nil {
		return err
	}
	if !sure.Confirm {
		return app.BadRequest(`the end was not confirmed, want "confirm": true`)
	}
	return app.WriteJSON(w, told{p.end()})
}
