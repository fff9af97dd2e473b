package device

import (
	"strings"

	"provsim/macro"
	"provsim/profile"
)

// Route is a URL in whose path alone there may be macros of a device's identity. It is
// worked out once for all devices that go the same way: in the plan of a large fleet,
// reading and writing a URL for each transfer takes most of the time.
type Route struct {
	target profile.Target // its path is that of nobody
	prefix string         // the URL up to the path
	path   macro.Template
	text   []byte // room for the next URL
	latest string // the latest URL; the next device often has the same
}

// NewRoute returns the route to a target whose path is a template in its place.
func NewRoute(target profile.Target, path macro.Template) *Route {
	return &Route{target: target, prefix: strings.TrimSuffix(target.URL(), target.Path), path: path}
}

// Path returns the path for the values of a device's variables, until the next call.
func (r *Route) Path(values macro.Values) []byte {
	r.text = r.path.Append(append(r.text[:0], r.prefix...), values)
	return r.text[len(r.prefix):]
}

// To returns where the route leads for the values of a device's variables.
func (r *Route) To(values macro.Values) (to profile.Target, url string) {
	if r.Path(values); r.latest != string(r.text) {
		r.latest = string(r.text)
	}
	return r.Along(r.latest), r.latest
}

// Along returns the target of a URL that To has returned.
func (r *Route) Along(url string) profile.Target {
	to := r.target
	to.Path = url[len(r.prefix):]
	return to
}
