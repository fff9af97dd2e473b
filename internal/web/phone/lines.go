package phone

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"provsim/device"
	"provsim/internal/web/app"
)

func (p *Page) linesPage(w http.ResponseWriter, r *http.Request) error {
	s, err := p.look(r.Context())
	if err != nil {
		return err
	}
	return p.app.Render(w, r, app.Page{Name: "lines", Title: "Lines", Live: "/lines/live", Data: p.status(s)})
}

func (p *Page) linesLive(w http.ResponseWriter, r *http.Request) error {
	return p.app.Stream(w, r, &p.hub, func(ctx context.Context) (map[string]string, error) {
		s, err := p.look(ctx)
		if err != nil {
			return nil, err
		}
		v := p.status(s)
		parts := map[string]string{}
		if parts["counter"], err = p.app.Fragment("lines", "counter", v); err != nil {
			return nil, err
		}
		for _, l := range v.Lines {
			if parts[fmt.Sprintf("line-%d", l.Number)], err = p.app.Fragment("lines", "line", l); err != nil {
				return nil, err
			}
		}
		return parts, nil
	})
}

// lineOf reads the number of a line in a path.
func lineOf(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("line"))
	if err != nil || n < 1 || n > device.Lines {
		return 0, &app.Error{Status: http.StatusNotFound, Text: fmt.Sprintf("the phone has lines 1 to %d", device.Lines)}
	}
	return n, nil
}

// hook takes a line off the hook, or puts it on again.
func (p *Page) hook(w http.ResponseWriter, r *http.Request) error {
	n, err := lineOf(r)
	if err != nil {
		return err
	}
	hook := r.PostFormValue("hook")
	if hook != "on" && hook != "off" {
		return app.BadRequest("a line goes off or on hook")
	}
	p.tell(device.Input{Kind: device.SetLine, Line: n, Active: hook == "off"})
	app.Of(r).Tell("good", fmt.Sprintf("Line %d is %s hook.", n, hook))
	http.Redirect(w, r, "/lines", http.StatusSeeOther)
	return nil
}
