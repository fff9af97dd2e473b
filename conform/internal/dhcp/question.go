package dhcp

import (
	"context"
	"slices"
	"sync"

	"provsim/conform/check"
	"provsim/internal/dhcp"
)

// A question is a check of what servers offer to a phone. All questions judge
// the same offers: each answer takes the probe's whole patience, because a
// second server may be slower than the first.
type question struct {
	check.Check
	// led says that the question is for phones that option 66 leads.
	led bool
	// judge gets the offers of the servers that may answer, one at least.
	judge func(context.Context, *check.Probe, []dhcp.Reply) check.Finding
	// all is judge for all offers, none included.
	all func(*check.Probe, []dhcp.Reply) check.Finding
}

// check returns the question as a check.
func (q question) check(asked *check.PerProbe[answer]) check.Check {
	c := q.Check
	c.Needs, c.Patient = append([]check.Need{check.DHCPServer}, c.Needs...), true
	c.Run = func(ctx context.Context, p *check.Probe) check.Finding {
		switch {
		case len(p.Target.Phones) == 0:
			return check.Skip("needs a phone: --mac")
		case q.led && p.Target.ProfileRule != "":
			return check.Skip("the phones have a Profile Rule and do not look at option 66")
		}
		offers, err := asked.Of(p).ask(ctx, p)
		switch {
		case err != nil:
			return check.Errorf("%w", err)
		case q.all != nil:
			return q.all(p, offers)
		}
		if offers = slices.DeleteFunc(slices.Clone(offers), func(o dhcp.Reply) bool { return !mayAnswer(p, offers, o) }); len(offers) == 0 {
			return check.Skip("no offer: see dhcp/2 and dhcp/8")
		}
		return q.judge(ctx, p, offers)
	}
	return c
}

// mayAnswer reports whether an offer is of a server that the target names, or,
// where it names none, of the one that was the first.
func mayAnswer(p *check.Probe, offers []dhcp.Reply, o dhcp.Reply) bool {
	if declared := p.Target.DHCP.Servers; len(declared) > 0 {
		return slices.Contains(declared, o.Server)
	}
	return o.Server == offers[0].Server
}

// answer is the offers to the first phone.
type answer struct {
	once   sync.Once
	offers []dhcp.Reply
	err    error
}

// ask asks, or returns what an earlier question of the examination got.
func (a *answer) ask(ctx context.Context, p *check.Probe) ([]dhcp.Reply, error) {
	a.once.Do(func() { a.offers, a.err = p.Offers(ctx, p.Client()) })
	return a.offers, a.err
}

// each makes a judge of what is wrong with one offer, "" for nothing.
func each(expected string, fault func(*check.Probe, dhcp.Lease) string) func(context.Context, *check.Probe, []dhcp.Reply) check.Finding {
	return func(_ context.Context, p *check.Probe, offers []dhcp.Reply) check.Finding {
		for _, o := range offers {
			if what := fault(p, o.Lease); what != "" {
				return check.Fail(expected, "server %s offers %s", o.Server, what)
			}
		}
		return check.Pass("%d offers", len(offers))
	}
}
