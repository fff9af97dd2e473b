package dhcp

import (
	"context"

	"provsim/conform/check"
	"provsim/internal/dhcp"
	"provsim/profile/rule"
	"provsim/resync"
)

var option66Advice = check.Advices{
	check.AnyServer: {Text: "write the address or the name alone, without quotation marks; all phones understand an address, only newer ones a URL"},
	check.Dnsmasq:   {Config: "dhcp-option=66,192.0.2.1"},
	check.Kea:       {In: "Dhcp4", Config: `"option-data": [ { "name": "tftp-server-name", "data": "192.0.2.1" } ]`},
	check.ISCDHCP:   {Config: `option tftp-server-name "192.0.2.1";`},
	check.RouterOS: {Text: "the s before the value makes it a text; without it RouterOS sends an address as four bytes", Config: `/ip dhcp-server option add name=phones code=66 value="s'192.0.2.1'"
/ip dhcp-server network set [find] dhcp-option=phones`},
}

var option66Offered = question{
	Check: check.Check{
		ID:          "dhcp/1",
		Title:       "phones are offered option 66",
		Requirement: "A lease for a phone that relies on option 66 names its server in that option or in the field sname.",
		Source:      "RFC 2132 section 9.4; FV-SRC-1, FV-SRC-4",
		Level:       check.Must,
		Advice:      option66Advice,
	},
	led: true,
	judge: each("an offer with option 66", func(_ *check.Probe, l dhcp.Lease) string {
		switch other := l.Offer.Unread(66); {
		case l.Option66 != "":
			return ""
		case other != "":
			return "a lease without it; " + other
		}
		return "a lease without it"
	}),
}

var option66Form = question{
	Check: check.Check{
		ID:          "dhcp/3",
		Title:       "option 66 has a form that phones take",
		Requirement: "Option 66 is an address or a name, with or without a port, or a URL with http, https or tftp.",
		Source:      "RFC 2132 section 9.4; FV-SRC-3, FV-SRC-4",
		Level:       check.Must,
		Advice:      option66Advice,
	},
	led: true,
	judge: each("an address, a name, or a URL", func(p *check.Probe, l dhcp.Lease) string {
		if l.Option66 == "" {
			return "" // dhcp/1
		}
		if _, _, err := rule.ParseOption66(l.Option66, fileName); err != nil {
			return "a value that phones do not take: " + err.Error() // which does not show the value: it may hold a password
		}
		return ""
	}),
}

// fileName stands for the Config File Name where only the server counts.
const fileName = "x"

// server returns what option 66 names, if it has a form that phones take.
func server(l dhcp.Lease) (rule.Rule, bool) {
	r, _, err := rule.ParseOption66(l.Option66, fileName)
	return r, err == nil
}

var serverReached = question{
	Check: check.Check{
		ID:          "dhcp/4",
		Title:       "the server of option 66 answers",
		Requirement: "The server that option 66 names can be reached and answers.",
		Source:      "FV-SRC-3, FV-OUT-1",
		Level:       check.Must,
		Advice:      check.Advices{check.AnyServer: {Text: "compare the option with the server's address, and see that it listens there; phones ask over TFTP, UDP port 69, unless the option is a URL"}},
	},
	led:   true,
	judge: judgeBoot("an answer from the server", resync.Outcome.Unanswered),
}

var fileServed = question{
	Check: check.Check{
		ID:          "dhcp/5",
		Title:       "the server of option 66 has the phone's file",
		Requirement: "The server that option 66 names has the file that the phone asks it for, Config File Name.",
		Source:      "FV-SRC-3, FV-SET-1; provisioning guide, section 4.3.2",
		Level:       check.Must,
		Advice:      check.Advices{check.AnyServer: {Text: "the default of Config File Name is the product's name and .conf, such as IP542N.conf"}},
	},
	led:   true,
	judge: judgeBoot("a configuration", func(o resync.Outcome) bool { return !o.Unanswered() && !o.Success() }),
}

// judgeBoot makes a judge of what the first phone gets once it has taken a lease.
func judgeBoot(expected string, bad func(resync.Outcome) bool) func(context.Context, *check.Probe, []dhcp.Reply) check.Finding {
	return func(ctx context.Context, p *check.Probe, offers []dhcp.Reply) check.Finding {
		seen := map[string]bool{}
		for _, o := range offers {
			if _, usable := server(o.Lease); !usable || seen[o.Lease.Option66] {
				continue // dhcp/1, dhcp/3
			}
			seen[o.Lease.Option66] = true
			file, err := boot(ctx, p, o.Lease)
			switch {
			case err != nil:
				return check.Errorf("%w", err)
			case bad(file.Ending.Outcome):
				return check.Fail(expected, "%s", file.Ending.Outcome).With("asked for %s: %s", file.Request.URL(), file.Ending.Note)
			}
		}
		if len(seen) == 0 {
			return check.Skip("no offer leads anywhere: see dhcp/1 and dhcp/3")
		}
		return check.Pass("%d servers asked", len(seen))
	}
}

// boot returns what the first phone gets with a lease.
func boot(ctx context.Context, p *check.Probe, lease dhcp.Lease) (check.File, error) {
	target := *p.Target
	target.ProfileRule, target.Option66, target.Address = "", lease.Option66, lease.Addr
	target.Phones = target.Phones[:1]
	probe, err := check.NewProbe(&target, check.Settings{Patience: p.Patience})
	if err != nil {
		return check.File{}, err
	}
	return probe.Provision(ctx, target.Phones[0].MAC)
}
