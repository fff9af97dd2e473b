package steps

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"provsim/device"
	"provsim/profile"
	"provsim/resync"
)

// pnpTime is longer than a phone waits for an answer to its SUBSCRIBE.
const pnpTime = 10 * time.Second

// found is a URL that a source has named.
type found string

// PnP asks for the phone's URL by SIP PnP, where the model has a server for that. User
// is that of the URI, event the Event field, agent the User-Agent. It returns "" where
// no server answers, and false while the answer is still awaited, as [Run.Fetch] does.
func (r *Run) PnP(user, event, agent string) (url string, ok bool) {
	server, err := netip.ParseAddrPort(r.Model.PnP)
	if err != nil {
		return "", true
	}
	file, ok := r.Fetch(Ask{
		Slot: "pnp", Class: device.AuxClass, Type: event, Agent: agent, Timeout: pnpTime, May: true, Note: "no answer to SUBSCRIBE",
		Target: profile.Target{Scheme: "pnp", Host: server.Addr().String(), Port: server.Port(), Path: "/" + user},
		Open:   func(body []byte) *device.File { return &device.File{More: found(body)} },
	})
	if !ok || file.Fault.Outcome != resync.None {
		return "", ok
	}
	text, _ := file.More.(found)
	return string(text), true
}

// PnPEvent returns the usual Event field of a phone's SUBSCRIBE, with a vendor and a model
// (YL-SRC-2).
func (r *Run) PnPEvent(vendor, model string) string {
	return fmt.Sprintf(`ua-profile;profile-type="device";vendor=%q;model=%q;version=%q`, vendor, model, r.Device.Software())
}

// redirected is the slot of a redirect server's answer.
const redirected = "redirect"

// Redirect asks a redirect server where the phone's files are, until it has named a URL
// once, which counts from then on: GET with the phone's address, answered by the Location
// of a redirect or a body of one URL (YL-SRC-7). It returns "" where no server is given
// or where it names none, and false while there is no answer yet, as [Run.Fetch] does.
func (r *Run) Redirect(server string) (url string, ok bool) {
	if server == "" {
		return "", true
	}
	if known := strings.TrimSpace(r.Seen(redirected)); strings.Contains(known, "://") {
		return known, true
	}
	mark := "?"
	if strings.Contains(server, mark) {
		mark = "&"
	}
	base, err := ParseBase(server+mark+"mac="+r.Device.MAC().String(), "https")
	if err != nil {
		return "", true
	}
	file, ok := r.Fetch(Ask{
		Slot: redirected, Class: device.AuxClass, Target: base.Whole(), Pointed: true, Named: true, May: true, Note: "the redirect server does not know the phone",
		Open: func(body []byte) *device.File { return &device.File{More: found(strings.TrimSpace(string(body)))} },
	})
	if !ok || file.Fault.Outcome != resync.None {
		return "", ok
	}
	text, _ := file.More.(found)
	if _, err := ParseBase(string(text), "https"); err != nil || !strings.Contains(string(text), "://") {
		return "", true
	}
	r.Remember(redirected, string(text))
	return string(text), true
}
