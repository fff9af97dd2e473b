package flyingvoice

import (
	"cmp"
	"errors"
	"fmt"

	"provsim/device"
	"provsim/profile/rule"
)

// explain says what a rule means, part by part, and what a device with it asks for.
func explain(m *device.Model, id device.Identity, lease device.Lease, text string, upgrade bool) ([]device.Part, error) {
	parse := rule.Parse
	if upgrade {
		parse = rule.ParseUpgrade
	}
	r, err := parse(text)
	switch {
	case err != nil:
		return nil, err
	case r.IsZero():
		return []device.Part{{Text: "no rule: nothing is fetched, and that is no failure (FV-RULE-7)"}}, nil
	}
	option66 := lease.Offer.Text(66)
	if _, _, err := rule.ParseOption66(option66, ""); err != nil && !errors.Is(err, rule.ErrNoServer) {
		return nil, fmt.Errorf("--option66: %w", err)
	}
	secret := func(set bool) string {
		if set {
			return "set, not shown"
		}
		return "none"
	}
	target, err := r.Expand(&device.Vars{Identity: id, Lease: lease}, syntax(m.Quirks)).Target(rule.ServerOf(option66))
	fetches := target.URL()
	switch {
	case err == rule.ErrNoServer:
		fetches = "nothing: no server is known (outcome no-server), --option66 names one"
	case errors.Is(err, rule.ErrNoServer):
		fetches = "nothing: " + err.Error() + " (outcome no-server)"
	case err != nil:
		fetches = ""
	}
	if errors.Is(err, rule.ErrNoServer) {
		err = nil
	}
	return []device.Part{
		{Name: "rule", Text: r.Redacted()},
		{Name: "key", Text: secret(r.Keyed)},
		{Name: "scheme", Text: cmp.Or(r.Scheme, "tftp, because none is written (FV-RULE-3)")},
		{Name: "user", Text: cmp.Or(r.User, "none")},
		{Name: "password", Text: secret(r.Password != "")},
		{Name: "host", Text: cmp.Or(r.Host, "the server that DHCP option 66 names (FV-RULE-3)")},
		{Name: "port", Text: cmp.Or(r.Port, "the scheme's own (FV-RULE-4)")},
		{Name: "path", Text: r.Path},
		{Name: "fetches", Text: fetches},
		{Name: "hint", Text: r.Hint()},
	}, err
}
