package flyingvoice

import (
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile"
	"provsim/resync"
)

// source is where the configuration comes from, as far as devices with the same
// settings and the same option 66 have it in common.
type source struct {
	rule   profile.Rule   // unexpanded
	says   device.Verdict // a note, where there is no error
	err    error
	server string // that of option 66

	option66 string

	// Where only the path has macros, all else is worked out once.
	only   bool // the path alone has macros
	path   macro.Template
	prefix string         // the URL up to the path
	asks   device.Request // without what is a device's own
	latest string         // the URL of the latest request, for the next one that has the same
}

// fewSources is how many values of option 66 firmware remembers.
const fewSources = 256

// source returns where a device's configuration comes from.
func (f *firmware) source(d *device.Device) *source {
	option66 := d.Option66()
	if f.latest != nil && f.latest.option66 == option66 {
		return f.latest
	}
	s, ok := f.sources[option66]
	if !ok {
		s = f.newSource(option66)
		if f.sources == nil || len(f.sources) >= fewSources {
			f.sources = map[string]*source{}
		}
		f.sources[option66] = s
	}
	f.latest = s
	return s
}

// newSource takes the rule that counts, that of option 66 or Profile Rule, and
// never one for the other (FV-SRC-1, FV-SRC-2).
func (f *firmware) newSource(option66 string) *source {
	s := &source{option66: option66, rule: f.profile.Rule, err: f.profile.err}
	if f.option66 {
		var extended bool
		s.rule, extended, s.err = profile.ParseOption66(option66, f.fileName)
		if extended {
			s.says.Note = "option 66 holds a URL, which the guide does not describe (FV-SRC-4)"
		}
	}
	s.server = server(option66)
	if s.err == nil && !s.rule.IsZero() {
		f.prepare(s)
	}
	return s
}

// prepare works out what no device changes.
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
	s.only, s.path, s.asks = true, macro.Parse(s.rule.Path, &vars{}, f.syntax), f.anyonesRequest(resync.Resync, target)
	s.prefix = strings.TrimSuffix(s.asks.URL(), r.Path)
}

// aim returns a device's URL. It reports false where the rule has to be expanded
// and checked as a whole.
func (f *firmware) aim(s *source, d *device.Device) (url string, ok bool) {
	switch {
	case !s.only:
		return "", false
	case d.Repeats() && d.URL() != "":
		return d.URL(), true
	}
	f.text = s.path.Append(append(f.text[:0], s.prefix...), phoneVars{d})
	if !plainPath(f.text[len(s.prefix):]) {
		return "", false
	}
	if s.latest != string(f.text) {
		s.latest = string(f.text)
	}
	return s.latest, true
}

// plainPath reports whether a path is good for every scheme, at a glance.
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
