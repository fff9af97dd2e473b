package bootfile

import (
	"strings"
	"time"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// own is what firmware has worked out of its settings, and the server that a phone has
// found last: the next one most often finds the same.
type own struct {
	timeout, wait time.Duration
	tries         int
	latest        *server
}

func newOwn(f *steps.Firmware) *own {
	return &own{
		timeout: time.Duration(max(f.Number(timeout), 1)) * time.Second,
		wait:    time.Duration(f.Number(triesWait)) * time.Second, tries: f.Number(tries),
	}
}

func ownOf(r *steps.Run) *own { return r.Own.(*own) }

// server is where files are, for phones with the same settings and lease.
type server struct {
	steps.Base
	settings profile.Config
	offer    *device.Offer
	routes   map[string]*device.Route // by the name of the file
}

// place returns a target, and its URL where it is known.
type place func() (profile.Target, string)

// identity are the macros of names of files: $MA is the phone's address.
var identity = macro.Map{"MA": ""}

// at returns where a device's file is, by its name with macros.
func (s *server) at(name string, d *device.Device) (profile.Target, string) {
	if strings.Contains(s.Path, "$") { // no macro, as those have been expanded
		return s.At(strings.Replace(name, "$MA", d.MAC().String(), 1)), ""
	}
	route, known := s.routes[name]
	if !known {
		if s.routes == nil {
			s.routes = map[string]*device.Route{}
		}
		target := s.At(name)
		route = device.NewRoute(target, macro.Parse(target.Path, identity, macro.Sipura))
		s.routes[name] = route
	}
	return route.To(device.LiveVars{Device: d})
}

// usualOptions are those that may name the server, after the phone's own.
var usualOptions = []string{"66", "43"}

// source returns where the files are: the first source that gives an address, a redirect
// server and SIP PnP being the first (YL-SRC-1, YL-SRC-4 to -6).
func (f *Family) source(r *steps.Run, text string) (*server, *device.Ending) {
	again := text == "" // for the next phone
	if text == "" && r.Text(DHCPOn) != "0" {
		numbers := usualOptions
		if custom := r.Text(dhcpCustom); custom != "" {
			numbers = append(strings.Split(custom, ","), numbers...)
		}
		for _, number := range numbers {
			if text = steps.OptionText(r.Device.Lease(), strings.TrimSpace(number)); text == "" {
				continue
			}
			if file := steps.OptionText(r.Device.Lease(), "67"); f.JoinsBoot && number == "66" && file != "" {
				text = strings.TrimSuffix(text, "/") + "/" + strings.TrimPrefix(file, "/")
			}
			break
		}
	}
	if text == "" {
		text = r.Text(ServerURL)
	}
	if text == "" {
		none := r.Device.NoServer("no source names a server", 66, 43)
		return nil, &none
	}
	base, err := f.base(r, text)
	if err != nil {
		return nil, err
	}
	s := &server{Base: base, settings: r.Config(), offer: r.Device.Lease().Offer}
	if again && !strings.Contains(text, "$") && r.Text(RedirectServer) == "" {
		ownOf(r).latest = s
	}
	return s, nil
}

// base reads where files are: a URL or a host, with macros. The credentials are those
// of the URL, else of the settings (YL-SRC-5, YL-SRC-6).
func (f *Family) base(r *steps.Run, text string) (steps.Base, *device.Ending) {
	if strings.Contains(text, "$") {
		text = macro.Expand(text, f.Vars(r.Device.Identity(), r.Device.Lease()), macro.Sipura)
	}
	base, err := r.Base(text, "tftp")
	if err != nil {
		return base, &device.Ending{Outcome: resync.BadRule, Note: err.Error()}
	}
	base.Login(r.Text(serverUser), r.Text(serverPassword))
	return base, nil
}
