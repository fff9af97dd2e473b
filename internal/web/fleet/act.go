package fleet

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"provsim/fleet"
	"provsim/internal/report"
	"provsim/internal/web/app"
)

// longestCut is how long a power cut may be, and in what time power may come
// back or devices be asked.
const longestCut = 24 * time.Hour

// powerCut is what POST /api/power-cut takes. Its times are in seconds.
type powerCut struct {
	Percent float64 `json:"percent"` // of the devices, or of the sites of the kind
	Site    string  `json:"site"`    // a kind of site; empty: devices wherever they are
	For     int     `json:"for"`
	Over    int     `json:"over"` // in which the power comes back
}

// ask is what POST /api/resync takes.
type ask struct {
	Percent float64 `json:"percent"`
	Site    string  `json:"site"`
	Over    int     `json:"over"` // in which the devices are asked
}

// cutPower takes the power away, and says so in words.
func (p *Page) cutPower(c powerCut) (string, error) {
	part, who, err := p.part(c.Percent, c.Site)
	if err != nil {
		return "", err
	}
	length, err := seconds("length", c.For, 1)
	if err != nil {
		return "", err
	}
	over, err := seconds("time in which power comes back", c.Over, 0)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("The power of %s is cut for %s.", who, report.Lasting(length))
	return text, p.trigger(fleet.Event{PowerCut: &fleet.PowerCut{Part: part, For: length, Over: over}})
}

// askResync asks devices for a resync, and says so in words.
func (p *Page) askResync(a ask) (string, error) {
	part, who, err := p.part(a.Percent, a.Site)
	if err != nil {
		return "", err
	}
	over, err := seconds("time in which the devices are asked", a.Over, 0)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("A resync is asked of %s.", who)
	if over > 0 {
		text = fmt.Sprintf("A resync is asked of %s within %s.", who, report.Lasting(over))
	}
	return text, p.trigger(fleet.Event{Resync: &fleet.Resync{Part: part, Over: over}})
}

// end stops the run, once.
func (p *Page) end() string {
	p.stop.Do(p.config.Stop)
	return "The run ends as soon as the transfers in flight have ended."
}

func (p *Page) trigger(e fleet.Event) error {
	err := p.control.Trigger(e)
	var fault *fleet.ScenarioError
	if errors.As(err, &fault) {
		return app.BadRequest(fault.Error())
	}
	return err
}

// part returns the devices that somebody means, and how to call them.
func (p *Page) part(percent float64, kind string) (part fleet.Part, who string, err error) {
	if !(percent > 0 && percent <= 100) {
		return part, "", app.BadRequest(fmt.Sprintf("found %g percent of the devices, want more than 0 up to 100", percent))
	}
	if kind != "" && !slices.Contains(p.devices.Load().Sites(), kind) {
		return part, "", app.BadRequest("there is no such kind of site in this run")
	}
	part = fleet.Part{Devices: fleet.Fraction(percent / 100), Site: kind}
	who = report.Percent(percent/100) + " of the devices"
	if kind != "" {
		who = report.Percent(percent/100) + " of the sites of kind " + strconv.Quote(kind)
	}
	return part, who, nil
}

func seconds(what string, n, least int) (time.Duration, error) {
	if n < least || n > int(longestCut.Seconds()) {
		return 0, app.BadRequest(fmt.Sprintf("found a %s of %d seconds, want %d to %d", what, n, least, int(longestCut.Seconds())))
	}
	return time.Duration(n) * time.Second, nil
}

// numbers reads fields of a form that are numbers.
func numbers(form url.Values, fields map[string]func(float64)) error {
	for name, set := range fields {
		text := strings.TrimSpace(form.Get(name))
		if text == "" {
			text = "0"
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 0 || n > 1e9 {
			return app.BadRequest("the field " + name + " is no number from 0 on")
		}
		set(n)
	}
	return nil
}

func (p *Page) formPowerCut(w http.ResponseWriter, r *http.Request) error {
	c := powerCut{Site: r.PostFormValue("site")}
	err := numbers(r.PostForm, map[string]func(float64){
		"percent": func(n float64) { c.Percent = n },
		"for":     func(n float64) { c.For = int(n) },
		"over":    func(n float64) { c.Over = int(n) },
	})
	if err != nil {
		return err
	}
	text, err := p.cutPower(c)
	return p.told(w, r, text, err)
}

func (p *Page) formResync(w http.ResponseWriter, r *http.Request) error {
	a := ask{Site: r.PostFormValue("site")}
	err := numbers(r.PostForm, map[string]func(float64){
		"percent": func(n float64) { a.Percent = n },
		"over":    func(n float64) { a.Over = int(n) },
	})
	if err != nil {
		return err
	}
	text, err := p.askResync(a)
	return p.told(w, r, text, err)
}

func (p *Page) formStop(w http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("sure") == "" {
		return p.told(w, r, "", app.BadRequest("the run goes on: tick the box to end it"))
	}
	return p.told(w, r, p.end(), nil)
}

// told leads back to the overview, which says what was done or what is wrong.
func (p *Page) told(w http.ResponseWriter, r *http.Request, text string, err error) error {
	var wrong *app.Error
	switch {
	case errors.As(err, &wrong):
		app.Of(r).Tell("bad", "Nothing was done: "+wrong.Text+".")
	case err != nil:
		return err
	default:
		app.Of(r).Tell("good", text)
	}
	http.Redirect(w, r, "/overview", http.StatusSeeOther)
	return nil
}
