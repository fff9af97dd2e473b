package phone

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"provsim/device"
	"provsim/internal/web/app"
	"provsim/resync"
)

// goodbye is the data of the page that says when the reboot ends.
type goodbye struct {
	What string
	Time string
}

// leave shows the last page before a reboot, and then tells the phone. The server
// finishes the answers that it has begun.
func (p *Page) leave(w http.ResponseWriter, r *http.Request, what string, in device.Input) error {
	spent := spoken(int64(p.model.BootTime.Seconds() + 0.5))
	if err := p.app.Render(w, r, app.Page{Name: "reboot", Title: "The phone reboots", Data: goodbye{what, spent}}); err != nil {
		return err
	}
	p.tell(in)
	return nil
}

func (p *Page) reboot(w http.ResponseWriter, r *http.Request) error {
	return p.leave(w, r, "The phone reboots.", device.Input{Kind: device.AskReboot})
}

// reset gives the phone its factory settings (FV-BOOT-3).
func (p *Page) reset(w http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("sure") != "yes" {
		return app.BadRequest("the factory reset was not confirmed")
	}
	return p.leave(w, r, "All settings and certificates are gone, and the phone reboots.", device.Input{Kind: device.AskReset})
}

// ask answers a path of the vendor's own web server that asks the phone for something.
// What stands behind "?" is a rule (SPA-TRG-1).
func (p *Page) ask(kind device.InputKind) app.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		text, err := url.PathUnescape(r.URL.RawQuery)
		if err != nil || strings.ContainsFunc(text, unicode.IsControl) {
			return app.BadRequest("what stands behind the question mark is no rule in percent-encoding")
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if _, err := io.WriteString(w, "The phone was asked. Its journal says what it comes to.\n"); err != nil {
			return err
		}
		p.tell(device.Input{Kind: kind, Cause: resync.Person, Rule: text})
		return nil
	}
}

// list joins texts to lines. Of many it leaves most out.
func list(texts []string) string {
	const most = 10
	if len(texts) > most {
		texts = append(texts[:most:most], "and more")
	}
	return strings.Join(texts, "\n")
}
