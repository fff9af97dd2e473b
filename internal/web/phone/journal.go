package phone

import (
	"context"
	"net/http"

	"provsim/internal/web/app"
)

// shownRecords is how many records the Journal page shows.
const shownRecords = 100

func (p *Page) journalView() []entry {
	return p.history.latest(shownRecords)
}

func (p *Page) journalPage(w http.ResponseWriter, r *http.Request) error {
	return p.app.Render(w, r, app.Page{Name: "journal", Title: "Journal", Live: "/journal/live", Data: p.journalView()})
}

func (p *Page) journalLive(w http.ResponseWriter, r *http.Request) error {
	return p.app.Stream(w, r, &p.hub, func(context.Context) (map[string]string, error) {
		html, err := p.app.Fragment("journal", "records", p.journalView())
		return map[string]string{"records": html}, err
	})
}
