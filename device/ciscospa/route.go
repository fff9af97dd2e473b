package ciscospa

import (
	"strings"

	"provsim/device"
	"provsim/macro"
	"provsim/profile/rule"
)

// own is what firmware has worked out between two boots.
type own struct {
	mayMiss bool                      // Resync_Fails_On_FNF is off
	noRetry bool                      // Resync_Error_Retry_Delay 0 means never (SPA-TRG)
	open    func([]byte) *device.File // of files without options
	routes  map[routeKey]*device.Route
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

// route returns where a rule leads that is only a URL or a path, with macros of a device's
// identity in its path alone; nil for other rules.
func (o *own) route(r *reader, text string) *device.Route {
	key := routeKey{text, r.device.Lease().Offer, r.device.Product(), r.name == profileRule}
	known, ok := o.routes[key]
	if !ok {
		if known = newRoute(r, text); o.routes == nil || len(o.routes) >= fewRoutes {
			o.routes = map[routeKey]*device.Route{}
		}
		o.routes[key] = known
	}
	return known
}

func newRoute(r *reader, text string) *device.Route {
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
		return nil
	}
	parsed.Path = "/x" // a path that every scheme takes
	target, err := r.target(parsed)
	if err != nil || target.Path != parsed.Path {
		return nil
	}
	return device.NewRoute(target, path)
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
