package phone

import (
	"net/http"
	"strings"

	"provsim/device"
	"provsim/internal/web/site"
)

// goodbye is the data of the page that says when the phone will be back.
type goodbye struct {
	What string
	Time string
}

// leave shows the last page before a reboot, and then tells the phone. The server
// lets answers that are under way get out.
func (p *Page) leave(w http.ResponseWriter, r *http.Request, what string, in device.Input) error {
	spent := spoken(int64(p.model.BootTime.Seconds() + 0.5))
	if err := p.site.Render(w, r, site.Page{Name: "reboot", Title: "The phone reboots", Data: goodbye{what, spent}}); err != nil {
		return err
	}
	p.tell(in)
	return nil
}

func (p *Page) reboot(w http.ResponseWriter, r *http.Request) error {
	return p.leave(w, r, "The phone reboots.", device.Input{Kind: device.AskReboot})
}

// reset takes the phone back to what it was when it left its box (FV-BOOT-3).
func (p *Page) reset(w http.ResponseWriter, r *http.Request) error {
	if r.PostFormValue("sure") != "yes" {
		return site.BadRequest("the factory reset was not confirmed")
	}
	return p.leave(w, r, "All settings and certificates are gone, and the phone reboots.", device.Input{Kind: device.AskReset})
}

// list joins texts to lines, most of many left out.
func list(texts []string) string {
	const most = 10
	if len(texts) > most {
		texts = append(texts[:most:most], "and more")
	}
	return strings.Join(texts, "\n")
}
