package main

import (
	"provsim/device"
	"provsim/internal/journal"
	"provsim/internal/run"
	webphone "provsim/internal/web/phone"
)

// webPage is the phone's page. Without --web its Page is nil.
type webPage struct{ *webphone.Page }

// open makes the page of a device, listens, and prints the address.
func (f *webFlags) open(e *env, d *device.Device) (webPage, error) {
	if f.address == "" {
		return webPage{}, nil
	}
	a, err := f.access(e, webphone.ShippedPassword)
	if err != nil {
		return webPage{}, err
	}
	page, err := webphone.New(a.Access, d)
	if err != nil {
		return webPage{}, cannotListen("web", err)
	}
	a.tell(e, "the phone's web page", page.URL())
	return webPage{page}, nil
}

// address returns the URL of the page; it is empty without one.
func (w webPage) address() string {
	if w.Page == nil {
		return ""
	}
	return w.URL()
}

// sinks returns the page, which reads the journal.
func (w webPage) sinks() []journal.Sink {
	if w.Page == nil {
		return nil
	}
	return []journal.Sink{w.Page}
}

// attach gives the page the driver of the phone. It comes before the run.
func (w webPage) attach(d *run.Driver) {
	if w.Page != nil {
		w.Attach(d)
	}
}

func (w webPage) close() {
	if w.Page != nil {
		w.Close()
	}
}
