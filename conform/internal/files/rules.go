package files

import (
	"context"
	"fmt"
	"strings"

	"provsim/conform/check"
	"provsim/device"
)

var rulesParse = check.Check{
	ID:          "files/13",
	Title:       "rules in the file can be read",
	Requirement: "A Profile Rule or Upgrade Rule in a configuration has the grammar of rules: phones store any text, and fail when they use it.",
	Source:      "FV-RULE-1, FV-RULE-5, FV-RULE-6",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "provsim rule 'TEXT' shows where a rule is wrong, and what it means when it is right"}},
	Run:         eachFile("rules that the phone can read", func(f *file) []string { return unfit(f, true) }),
}

var option66Kept = check.Check{
	ID:    "files/14",
	Title: "the file keeps the phone's way to its server",
	Requirement: "A file that a phone got by its Profile Rule does not turn Option 66 on, and one that it got by option 66 does not turn it off " +
		"without a Profile Rule: the phone would not come back after its reboot.",
	Source: "FV-SRC-1, FV-SRC-2, FV-RULE-7; provisioning guide, section 4: note the status of option 66",
	Level:  check.Must,
	Needs:  []check.Need{check.AFile},
	Advice: check.Advices{check.AnyServer: {Text: "DBID_PRV_OPTION66_ENABLED=0 for phones with a Profile Rule, =1 for phones that are led by DHCP"}},
	Run: eachPhone("a way to the server after the reboot", func(_ context.Context, p *check.Probe, f *file) ([]string, error) {
		switch value, _ := f.setting("Option 66"); {
		case byRule(p) && value == "1":
			return []string{"Option 66 is turned on, and the Profile Rule that led to the file has no effect any more"}, nil
		case !byRule(p) && value == "0" && blank(f.value("Profile Rule")):
			return []string{"Option 66 is turned off, and there is no Profile Rule"}, nil
		}
		return nil, nil
	}),
}

// byRule reports whether the target's phones are led by a Profile Rule.
func byRule(p *check.Probe) bool { return p.Target.ProfileRule != "" }

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// nextRule returns the Profile Rule of the file if it is in force after the
// phone's reboot, or "".
func nextRule(p *check.Probe, f *file) string {
	option66, said := f.setting("Option 66")
	rule, _ := f.setting("Profile Rule")
	if option66 == "0" || byRule(p) && (!said || option66 != "1") {
		return strings.TrimSpace(rule)
	}
	return ""
}

var ruleCounts = check.Check{
	ID:          "files/15",
	Title:       "a Profile Rule in the file has an effect",
	Requirement: "A configuration with a Profile Rule turns Option 66 off, or is for phones that have it off: otherwise the rule has no effect.",
	Source:      "FV-SRC-1; provisioning guide, section 4.3.3",
	Level:       check.Info,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "DBID_PRV_OPTION66_ENABLED=0 beside DBID_PROFILE_RULE, or no DBID_PROFILE_RULE"}},
	Run: eachPhone("no Profile Rule, or Option 66 off", func(_ context.Context, p *check.Probe, f *file) ([]string, error) {
		if rule, _ := f.setting("Profile Rule"); !blank(rule) && nextRule(p, f) == "" {
			return []string{"a Profile Rule, and Option 66 stays on"}, nil
		}
		return nil, nil
	}),
}

var ruleServes = check.Check{
	ID:          "files/16",
	Title:       "a Profile Rule in the file leads to a file",
	Requirement: "Where a configuration has another Profile Rule for the phone, that leads to a file that the phone can fetch, open and read.",
	Source:      "FV-SRC-2, FV-CFG-6, FV-OUT-1",
	Level:       check.Must,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "provsim phone --once with the rule as its --profile-rule shows what the phone makes of it"}},
	Run: eachPhone("a configuration where the new rule leads", func(ctx context.Context, p *check.Probe, f *file) ([]string, error) {
		next, rule := next(p, f), nextRule(p, f)
		if next == nil || rule == p.Target.ProfileRule {
			return nil, nil
		}
		got, err := provisionBy(ctx, p, f.phone, func(t *check.Target) { t.ProfileRule = rule })
		if err != nil || got.Ending.Outcome.Success() {
			return nil, err
		}
		return []string{fmt.Sprintf("its Profile Rule leads to %s: %s", next.URL(), got.Ending.Outcome)}, nil
	}),
}

var ruleStays = check.Check{
	ID:          "files/17",
	Title:       "a Profile Rule in the file leads to the same place",
	Requirement: "A Profile Rule in a configuration that the phone got by a rule leads to where it came from: otherwise one of them is forgotten.",
	Source:      "FV-SRC-2, FV-CFG-4",
	Level:       check.Should,
	Needs:       []check.Need{check.AFile},
	Advice:      check.Advices{check.AnyServer: {Text: "write the same rule into the file as into the phones, or none; after a move, into the phones of the old place only"}},
	Run: eachPhone("the place where the phone got the file", func(_ context.Context, p *check.Probe, f *file) ([]string, error) {
		next := next(p, f)
		if next == nil || !byRule(p) || next.URL() == f.Request.URL() {
			return nil, nil
		}
		return []string{"its Profile Rule leads to " + next.URL()}, nil
	}),
}

// next returns what the phone asks for after it has applied its file, where a
// Profile Rule of the file says so, or nil. A rule that cannot be used is the
// business of files/13.
func next(p *check.Probe, f *file) *device.Request {
	rule := nextRule(p, f)
	if rule == "" {
		return nil
	}
	probe, err := changed(p, f.phone, func(t *check.Target) { t.ProfileRule = rule })
	if err != nil {
		return nil
	}
	req, err := probe.Request(f.phone.MAC)
	if err != nil {
		return nil
	}
	return &req
}
