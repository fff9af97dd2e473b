package ciscospa

import (
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/macro"
	"provsim/profile"
	"provsim/profile/rule"
)

// own is what firmware has worked out between two boots, and room for its work.
type own struct {
	mayMiss bool                      // Resync_Fails_On_FNF is off
	noRetry bool                      // Resync_Error_Retry_Delay 0 means never (SPA-TRG)
	open    func([]byte) *device.File // of files without options
	routes  map[routeKey]*route
	room    []byte
}

// route is where a rule leads that is only a URL or a path, with macros of a device's
// identity in its path alone. It is worked out once for devices with the same rule,
// product and lease: in the plan of a large fleet reading the rule anew takes most of
// the time.
type route struct {
	simple bool
	target profile.Target // without its path
	prefix string         // the URL up to the path
	path   macro.Template
	latest string // the latest URL; the next device often has the same
}

type routeKey struct {
	rule    string
	offer   *device.Offer
	product *device.Product
	first   bool
}

// fewRoutes is how many routes firmware remembers.
const fewRoutes = 256

// identity are the variables that are a device's own and cannot change what is host
// and what is path.
var identity = macro.Map{"MA": "", "MAU": "", "MAC": "", "PN": "", "PSN": ""}

// route returns that of a rule.
func (o *own) route(r *reader, text string) *route {
	key := routeKey{text, r.device.Lease().Offer, r.device.Product(), r.name == profileRule}
	known, ok := o.routes[key]
	if !ok {
		if known = newRoute(r, text); o.routes == nil || len(o.routes) >= fewRoutes {
			o.routes = map[routeKey]*route{}
		}
		o.routes[key] = known
	}
	return known
}

func newRoute(r *reader, text string) *route {
	parsed, err := rule.Parse(text)
	if offered, _ := r.offered(); err == nil && parsed.Host == "" && parsed.Path != "" && r.name == profileRule && strings.Contains(offered, "://") {
		var whole rule.Rule
		whole, _, err = rule.ParseOption66(offered, "")
		parsed, text = inPlaceOf(parsed, whole), text+offered
	}
	path := macro.Parse(parsed.Path, identity, macro.Sipura)
	literal := path.Append(nil, live{device.LiveVars{Device: r.device}})
	if err != nil || parsed.Keyed || parsed.User != "" || strings.ContainsAny(text, "|()[]#") || strings.Contains(parsed.Host+parsed.Port, "$") ||
		len(literal) < 2 || strings.ContainsFunc(string(literal), func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '|' || c == '$' }) {
		return &route{}
	}
	parsed.Path = "/x" // a path that every scheme takes
	target, err := r.target(parsed)
	if err != nil || target.Path != parsed.Path {
		return &route{}
	}
	return &route{simple: true, target: target, prefix: strings.TrimSuffix(target.URL(), target.Path), path: path}
}

// ask completes a step by where the route leads a device.
func (r *route) ask(o *own, ask *steps.Ask, d *device.Device) {
	o.room = r.path.Append(append(o.room[:0], r.prefix...), live{device.LiveVars{Device: d}})
	if r.latest != string(o.room) {
		r.latest = string(o.room)
	}
	ask.Target, ask.URL = r.target, r.latest
	ask.Target.Path = r.latest[len(r.prefix):]
}

// live appends the values of a device's identity.
type live struct{ device.LiveVars }

// AppendValue appends the value of a variable of identity.
func (v live) AppendValue(dst []byte, name string) []byte {
	if name == "PSN" {
		return append(dst, psn(v.Product().Name)...)
	}
	return v.LiveVars.AppendValue(dst, name)
}
