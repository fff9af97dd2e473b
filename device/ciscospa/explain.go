package ciscospa

import (
	"fmt"
	"strings"

	"provsim/device"
	"provsim/device/steps"
	"provsim/profile"
	"provsim/profile/rule"
)

// explain says what a rule means, part by part: each alternative, which of them is
// taken, and what a device with it asks for.
func explain(m *device.Model, id device.Identity, lease device.Lease, text string, upgrade bool) ([]device.Part, error) {
	d := device.New(m, id, nil)
	d.Step(&device.Input{Kind: device.PowerOn}, nil)
	d.Step(&device.Input{Kind: device.GotLease, Lease: lease}, nil)
	rules := newReader(vendor.Boot(m, profile.Config{}).(*steps.Firmware), d, profile.Config{})
	full, err := rules.parse(text)
	switch {
	case err != nil:
		return nil, err
	case full == nil:
		return []device.Part{{Text: "no rule: it is skipped, and that is no failure (SPA-PLAN-1)"}}, nil
	}
	taken := full.Take()
	parts := []device.Part{{Name: "rule", Text: rule.Redact(text)}}
	add := func(name, text string) { parts = append(parts, device.Part{Name: name, Text: text}) }
	for i := range full {
		a := &full[i]
		switch {
		case i == taken:
			add(fmt.Sprintf("part %d", i+1), "taken: the first whose condition holds (SPA-RULE-3)")
		case a.Condition.Holds():
			add(fmt.Sprintf("part %d", i+1), "not looked at: an earlier one is taken (SPA-RULE-3)")
		default:
			add(fmt.Sprintf("part %d", i+1), "skipped: its condition is false")
		}
		for j := range a.Condition {
			add("if", fmt.Sprintf("%v: %v", &a.Condition[j], a.Condition[j].Holds()))
		}
		for _, assigned := range a.Assignments {
			add("sets", assigned.Name)
		}
		for _, o := range a.Options {
			add(o.Name, optionText(o))
		}
		if !a.Target.IsZero() {
			add("target", a.Target.Redacted())
		}
	}
	if taken < 0 {
		add("fetches", "nothing: no condition holds, the rule is skipped (SPA-PLAN-1)")
		return parts, nil
	}
	if full[taken].Target.IsZero() {
		add("fetches", "nothing, and that is a success (SPA-RULE-4)")
		return parts, nil
	}
	if !upgrade {
		rules.name = profileRule
	}
	target, err := rules.target(full[taken].Target)
	if err != nil {
		add("fetches", "nothing: "+refusal(err).Note)
		return parts, nil
	}
	if upgrade && target.Scheme == "https" && !m.Quirks.On(httpsUpgrade) {
		add("fetches", "nothing: Upgrade Rule must not use https (SPA-UP-2)")
		return parts, nil
	}
	add("fetches", target.URL())
	return parts, nil
}

func optionText(o rule.Option) string {
	switch o.Name {
	case "key", "pwd":
		return "set, not shown"
	case "post":
		return "POST with GPP_" + strings.ToUpper(o.Value) + " as the body"
	case "alias":
		return "elements are renamed by GPP_" + strings.ToUpper(o.Value)
	case "delta":
		return "only what is not at its factory value"
	}
	return o.Value
}
