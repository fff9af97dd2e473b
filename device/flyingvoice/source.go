package flyingvoice

import (
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile/rule"
	"provsim/resync"
)

// source is what devices with the same settings and the same option 66 have in
// common on the way to their configuration. Firmware remembers the sources that it
// has used, and prepares a request where only the path of a rule has macros. A
// resync then copies a few bytes of the path, where it would parse option 66 and
// expand and check a whole rule: in the plan of a large fleet that is half of the
// time.
type source struct {
	option66 string
	server   string    // of option 66
	rule     rule.Rule // unexpanded
	note     string    // on the rule
	err      error

	route   *device.Route  // nil: the rule has to be expanded and checked as a whole
	request device.Request // of route, without what is a device's own
}

// fewSources is how many values of option 66 firmware remembers.
const fewSources = 256

// source returns where a device's configuration comes from.
func (f *firmware) source(d *device.Device) *source {
	offer := d.Lease().Offer
	if f.latest != nil && f.offer == offer {
		return f.latest
	}
	option66 := offer.Text(66)
	s, ok := f.sources[option66]
	if !ok {
		s = f.newSource(option66)
		if f.sources == nil || len(f.sources) >= fewSources {
			f.sources = map[string]*source{}
		}
		f.sources[option66] = s
	}
	f.latest, f.offer = s, offer
	return s
}

func (f *firmware) newSource(option66 string) *source {
	s := &source{option66: option66, server: rule.ServerOf(option66)}
	s.rule, s.note, s.err = f.rule(option66)
	if s.err == nil && !s.rule.IsZero() {
		f.prepare(s)
	}
	return s
}

// prepare makes the request of a rule whose path alone has macros.
func (f *firmware) prepare(s *source) {
	r := s.rule
	if strings.IndexByte(r.User+r.Password+r.Host+r.Port, f.syntax.Sigil) >= 0 {
		return
	}
	r.Path = "/x" // a path that every scheme takes
	target, err := r.Target(s.server)
	if err != nil {
		return
	}
	s.route, s.request = device.NewRoute(target, macro.Parse(s.rule.Path, &device.Vars{}, f.syntax)), f.baseRequest(resync.Resync, target)
}

// url returns a device's URL, and readies the request for it. It reports false where the
// rule has to be expanded and checked as a whole.
func (f *firmware) url(s *source, d *device.Device) (url string, ok bool) {
	vars := device.LiveVars{Device: d}
	switch {
	case s.route == nil:
		return "", false
	case d.Repeats(resync.Resync):
		url = d.URL()
		s.request.Target = s.route.Along(url)
	case !plainPath(s.route.Path(vars)):
		return "", false
	default:
		s.request.Target, url = s.route.To(vars)
	}
	return url, true
}

// plainPath reports whether every scheme takes a path as it is.
func plainPath(path []byte) bool {
	if len(path) < 2 || path[0] != '/' {
		return false
	}
	for _, c := range path {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
