package fleet

import (
	"net/url"
	"time"

	"provsim/device"
	"provsim/fleet/inventory"
	"provsim/fleet/scenario"
	"provsim/internal/fetch/model"
	"provsim/profile"
)

// redirection is a plan's redirection service: a server of its own, which answers all that
// it is asked at once. It leads every phone to the same URL.
type redirection struct {
	devices *inventory.Inventory
	host    string          // "": no phone asks a service for a configuration
	pointer *device.Reply   // the URL, for phones that ask for no more
	files   []*device.Reply // by vendor: a configuration that names the URL, for phones whose first server it is
}

func newRedirection(devices *inventory.Inventory) *redirection {
	to := devices.Scenario.Server.Redirect
	if to == "" {
		to = scenario.DefaultRedirect
	}
	r := &redirection{devices: devices, pointer: &device.Reply{Body: []byte(to), Bytes: int64(len(to))}}
	u, err := url.Parse(devices.Scenario.Population.RedirectServer)
	if err != nil || u.Hostname() == "" {
		return r
	}
	r.host = u.Hostname()
	for _, vendor := range devices.Vendors() {
		names := map[string]string{}
		settings, _, _ := vendor.Expand("redirect-server", to)
		for _, s := range settings {
			names[s.Name] = s.Value
		}
		config, err := scenario.Apply(vendor, profile.Config{}, names)
		if len(settings) == 0 || err != nil || vendor.Tree == nil {
			r.files = append(r.files, nil)
			continue
		}
		body := vendor.Tree.Write("", config, nil)
		r.files = append(r.files, &device.Reply{Body: body, Bytes: int64(len(body))})
	}
	return r
}

// answer returns what the service says to a request of a device; nil where the request goes
// to another server.
func (r *redirection) answer(req *device.Request, i int) *device.Reply {
	switch {
	case req.Pointed:
		return r.pointer
	case r.host != "" && req.Host == r.host && req.Method == device.Read && req.Class == device.ConfigClass:
		return r.files[r.devices.Vendor(i)]
	}
	return nil
}

// trips returns how long the round trips of one short answer take: those of TCP, of TLS 1.2
// and of the request.
func (m *modelled) trips(scheme string, path *model.Path) time.Duration {
	trip := m.config.RoundTrip
	if path != nil {
		trip += path.Delay
	}
	if scheme == "https" {
		return 4 * trip
	}
	return 2 * trip
}
